"""Operations: errands to payment providers, each with a key of its own, claimed by compare-and-swap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from engine.ports import Operation
from storage import modes
from storage.prepared import Prepared
from storage.tables import operations

LIVE = ("planned", "claimed", "ambiguous")
COLUMNS = ("kind", "key", "provider", "amount", "thing_id")
# What a provider's answer makes of an errand, by the answer's name in payments/ports.py (storage knows no provider).
STATES = {"Done": "done", "Failed": "failed", "Unsure": "ambiguous"}


@dataclass(frozen=True)
class Row:
    """An errand we hold the lease of; `fence` says which claim this is."""

    id: int
    kind: str
    key: str
    provider: str
    amount: int
    thing_id: int
    attempts: int
    fence: int


HEADS = (
    select(operations.c.id)
    .where(
        operations.c.state.in_(LIVE),
        ~modes.IN_RECOVERY,
        operations.c.not_before <= bindparam("now"),
        or_(operations.c.state != "claimed", operations.c.claimed_until < bindparam("now")),
    )
    .order_by(operations.c.not_before, operations.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("heads")
)
CLAIM = Prepared(
    update(operations)
    .where(operations.c.id.in_(select(HEADS.c.id)))
    .values(
        state="claimed",
        claimed_until=bindparam("until"),
        fence=operations.c.fence + 1,
        attempts=operations.c.attempts + 1,
    )
    .returning(*(operations.c[name] for name in Row.__dataclass_fields__))
)
SETTLE = Prepared(
    update(operations).where(
        operations.c.id == bindparam("row_id"),
        operations.c.fence == bindparam("my_fence"),
        operations.c.state == "claimed",
    ),
    ("state", "answer", "not_before", "claimed_until"),
)
KNOWN = select(*(operations.c[name] for name in COLUMNS)).where(operations.c.key.in_(bindparam("keys", expanding=True)))


@cache
def planning(dialect: str) -> ReturningInsert[Any]:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(operations)
    result: ReturningInsert[Any] = made.on_conflict_do_nothing(index_elements=["key"]).returning(operations.c.key)
    return result


def plan(connection: Connection, wanted: Sequence[Operation], cause: str, now: datetime) -> None:
    """Keep the errands. The same errand wanted again is the same errand; its key never stands for another one."""
    if not wanted:
        return
    rows = [
        {**vars(o), "state": "planned", "attempts": 0, "not_before": now, "fence": 0, "answer": "", "cause": cause}
        for o in wanted
    ]
    if len(connection.scalars(planning(connection.dialect.name), rows).all()) == len(rows):
        return
    kept = {row.key: Operation(**row._asdict()) for row in connection.execute(KNOWN, {"keys": [o.key for o in wanted]})}
    assert all(kept[o.key] == o for o in wanted), "a key stands for one errand only"


def claim(connection: Connection, now: datetime, limit: int, lease_seconds: float) -> list[Row]:
    """Errands that are due, also those without a definite answer and those whose claim has run out."""
    until = now + timedelta(seconds=lease_seconds)
    rows = CLAIM.rows(connection, {"now": now, "most": limit, "until": until})
    return sorted((Row(*row) for row in rows), key=lambda row: row.id)


def done(connection: Connection, row: Row, answer: str, now: datetime) -> bool:
    """Each of the three says False if the claim was lost meanwhile; then nothing is changed."""
    return change(connection, row, "done", answer, now)


def failed(connection: Connection, row: Row, reason: str, now: datetime) -> bool:
    return change(connection, row, "failed", reason, now)


def ambiguous(connection: Connection, row: Row, reason: str, not_before: datetime) -> bool:
    """It may have happened. Only a definite answer under the same key ends it: it is asked for again."""
    return change(connection, row, "ambiguous", reason, not_before)


def settle(connection: Connection, row: Row, answer: object, not_before: datetime) -> bool:
    """Write a provider's answer back: Done, Failed, or Unsure, which is asked again from `not_before`."""
    words = getattr(answer, "reason", "") or getattr(answer, "reference", "")
    return change(connection, row, STATES[type(answer).__name__], words, not_before)


UNSURE = (
    select(*(operations.c[name] for name in Row.__dataclass_fields__))
    .where(operations.c.provider == bindparam("provider"), operations.c.state == "ambiguous")
    .order_by(operations.c.id)
)


def unsure(connection: Connection, provider: str) -> list[Row]:
    """Errands without a definite answer that nobody is at."""
    return [Row(*row) for row in connection.execute(UNSURE, {"provider": provider})]


def end(connection: Connection, row: Row, answer: object, now: datetime) -> bool:
    """The answer was found in the provider's own books. False if somebody has asked again meanwhile."""
    words = getattr(answer, "reason", "") or getattr(answer, "reference", "")
    values = {"state": STATES[type(answer).__name__], "answer": words, "not_before": now, "fence": row.fence + 1}
    mine = update(operations).where(
        operations.c.id == row.id, operations.c.fence == row.fence, operations.c.state == "ambiguous"
    )
    return connection.execute(mine, values).rowcount == 1


def ask_again_of_refused(connection: Connection, now: datetime) -> None:
    """0.1.0 noted that a page or a refund was refused, and left it at that: the same key gets the same answer once
    more, and this time it is followed."""
    unfollowed = operations.c.kind.in_(("collect", "refund")), operations.c.state == "failed"
    connection.execute(update(operations).where(*unfollowed).values(state="ambiguous", not_before=now))


def change(connection: Connection, row: Row, state: str, answer: str, not_before: datetime) -> bool:
    values = {"state": state, "answer": answer, "not_before": not_before, "claimed_until": None}
    return SETTLE.change(connection, {**values, "row_id": row.id, "my_fence": row.fence}) == 1
