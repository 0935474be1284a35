"""Timers: what the clock will want, kept in the same transaction as the stage it belongs to."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, any_, bindparam, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.moves import LIFECYCLES
from engine.ports import Staged, Timer, timers_of
from storage import modes
from storage.moves import Moved
from storage.prepared import Prepared
from storage.tables import timers

LIFECYCLE_OF = {lifecycle.noun: lifecycle for lifecycle in LIFECYCLES}

SELECTED_DUE = Prepared(
    select(timers.c.id)
    .where(timers.c.due_at <= bindparam("now"), ~modes.IN_RECOVERY)
    .order_by(timers.c.due_at, timers.c.id)
    .limit(bindparam("most"))
)
NEXT_DUE = Prepared(select(func.min(timers.c.due_at)).where(timers.c.due_at > bindparam("now")))


TAKEN = (timers.c.id, timers.c.noun, timers.c.thing_id, timers.c.name, timers.c.due_at)
TAKE_SQLITE = Prepared(
    delete(timers)
    .where(timers.c.id == bindparam("timer_id"), timers.c.due_at <= bindparam("now"), ~modes.IN_RECOVERY)
    .returning(*TAKEN)
)
# What somebody else is at is left to them.
FREE = (
    select(timers.c.id)
    .where(
        timers.c.id == any_(bindparam("timer_ids", type_=postgresql.ARRAY(BigInteger))),
        timers.c.due_at <= bindparam("now"),
        ~modes.IN_RECOVERY,
    )
    .order_by(timers.c.id)
    .with_for_update(skip_locked=True)
    .cte("free")
)
TAKE_POSTGRESQL = Prepared(delete(timers).where(timers.c.id.in_(select(FREE.c.id))).returning(*TAKEN))


@cache
def setting(dialect: str) -> Prepared:
    """One live timer a name: of two the earlier stays."""
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(timers)
    earlier = case((made.excluded.due_at < timers.c.due_at, made.excluded.due_at), else_=timers.c.due_at)
    kept = made.on_conflict_do_update(index_elements=["noun", "thing_id", "name"], set_={"due_at": earlier})
    return Prepared(kept, ("noun", "thing_id", "name", "due_at"))


@cache
def clock_names(noun: str) -> tuple[str, ...]:
    """The timers that belong to the lifecycle. Others of the same thing, such as a user's payout, are not touched."""
    lifecycle = LIFECYCLE_OF[noun]
    return tuple({m.name for m in lifecycle.moves if m.due} | {r.name for r in lifecycle.reminders})


@cache
def forgetting(noun: str, names: tuple[str, ...]) -> Prepared:
    """`names` of one thing of this noun."""
    return Prepared(
        delete(timers).where(
            timers.c.noun == noun, timers.c.thing_id == bindparam("thing_id"), timers.c.name.in_(names)
        )
    )


def follow(connection: Connection, moved: Sequence[Moved], more: Sequence[Timer], now: datetime) -> None:
    """Replace the timers of things that moved by those of their new stage, and add these."""
    old: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for m in moved:
        if m.before and clock_names(m.now.noun):
            old[m.now.noun, clock_names(m.now.noun)].append(m.now.id)
    for (noun, names), ids in old.items():
        forgetting(noun, names).change_many(connection, [{"thing_id": thing_id} for thing_id in ids])
    wanted = [timer for m in moved for timer in due_from(m.now, now)]
    put(connection, [*wanted, *more])


def due_from(thing: Staged, now: datetime) -> tuple[Timer, ...]:
    """The timers of its stage, less the reminders whose time is already past."""
    reminders = {r.name for r in thing.lifecycle.reminders}
    return tuple(t for t in timers_of(thing) if t.due_at > now or t.name not in reminders)


def put(connection: Connection, wanted: Sequence[Timer]) -> None:
    if wanted:
        setting(connection.dialect.name).change_many(connection, [vars(timer) for timer in wanted])


def due(connection: Connection, now: datetime, most: int) -> list[int]:
    """The ids of what is due, the longest overdue first. Only a look: `take` decides who fires. None in recovery
    mode."""
    return [timer_id for (timer_id,) in SELECTED_DUE.rows(connection, {"now": now, "most": most})]


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """When the next one that is not due yet will be."""
    [[found]] = NEXT_DUE.rows(connection, {"now": now})
    next_one: datetime | None = found
    return next_one


def take(connection: Connection, timer_ids: Sequence[int], now: datetime) -> list[tuple[int, Timer]]:
    """Take due timers out for good, the longest overdue first; they are gone if and only if this transaction commits.
    Without those that another was first with, or is at."""
    if connection.dialect.name == "postgresql":
        rows = TAKE_POSTGRESQL.rows(connection, {"timer_ids": list(timer_ids), "now": now})
    else:
        rows = [row for one in timer_ids for row in TAKE_SQLITE.rows(connection, {"timer_id": one, "now": now})]
    found = [(timer_id, Timer(*values)) for timer_id, *values in rows]
    return sorted(found, key=lambda each: (each[1].due_at, each[0]))
