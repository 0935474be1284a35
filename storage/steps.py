"""Steps: what has happened to a thing, one move after the other."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select

from conversations import queries as asked
from storage.prepared import Prepared
from storage.tables import contracts, jobs, transitions

STEP = tuple(transitions.c[name] for name in asked.Step.__dataclass_fields__)
HISTORY_OF = Prepared(
    select(*STEP)
    .where(transitions.c.noun == bindparam("noun"), transitions.c.thing_id == bindparam("thing_id"))
    .order_by(transitions.c.version)
)
my_jobs = select(jobs.c.id).where(jobs.c.client_id == bindparam("user_id"))
my_contracts = select(contracts.c.id).where(
    or_(contracts.c.client_id == bindparam("user_id"), contracts.c.worker_id == bindparam("user_id"))
)
LAST_STEP_FOR = Prepared(
    select(*STEP)
    .where(
        or_(
            and_(transitions.c.noun == "job", transitions.c.thing_id.in_(my_jobs)),
            and_(transitions.c.noun == "contract", transitions.c.thing_id.in_(my_contracts)),
        )
    )
    .order_by(transitions.c.id.desc())
    .limit(1)
)


def history_of(connection: Connection, query: asked.HistoryOf) -> tuple[asked.Step, ...]:
    return tuple(map(step, HISTORY_OF.rows(connection, vars(query))))


def last_step_for(connection: Connection, query: asked.LastStepFor) -> asked.Step | None:
    row = LAST_STEP_FOR.row(connection, vars(query))
    return None if row is None else step(row)


def step(row: Sequence[Any]) -> asked.Step:
    told = dict(zip(asked.Step.__dataclass_fields__, row, strict=True))
    return asked.Step(**{**told, "role": told["role"].value})
