"""Outages: when we were down, and how far the deadlines that ran meanwhile have been moved on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, tuple_, update

from engine.deadlines import EXTENDED, deadline
from engine.ports import Staged, timers_of
from storage import beats, things
from storage.tables import THINGS, outages, timers, transitions

CLOCK = "clock"
LONG = timedelta(days=1)


@dataclass(frozen=True)
class Outage:
    """`noun` and `thing_id`: up to this one everything has been moved on."""

    id: int
    begun: datetime
    ended: datetime
    noun: str
    thing_id: int


UNFINISHED = (
    select(*(outages.c[name] for name in Outage.__dataclass_fields__))
    .where(outages.c.made_up_at.is_(None))
    .order_by(outages.c.id)
    .limit(1)
    .with_for_update()
)
NEXT = (
    select(timers.c.noun, timers.c.thing_id)
    .where(
        timers.c.noun.in_(tuple(EXTENDED)),
        tuple_(timers.c.noun, timers.c.thing_id) > tuple_(bindparam("noun"), bindparam("thing_id")),
    )
    .distinct()
    .order_by(timers.c.noun, timers.c.thing_id)
    .limit(bindparam("most"))
)
RESET = update(timers).where(
    timers.c.noun == bindparam("of_noun"),
    timers.c.thing_id == bindparam("of_id"),
    timers.c.name == bindparam("of_name"),
)
LAST_MOVE = select(func.max(transitions.c.id)).where(
    transitions.c.noun == bindparam("of_noun"), transitions.c.thing_id == bindparam("of_id")
)


def note(connection: Connection, begun: datetime, ended: datetime) -> None:
    """We were down. What an earlier outage has counted is not counted again, nor is one that is still being made up
    for noted a second time."""
    if unfinished(connection):
        return
    counted = connection.scalar(select(func.max(outages.c.ended)))
    begun = max(begun, counted) if counted else begun
    if begun < ended:
        row = {"begun": begun, "ended": ended, "noun": "", "thing_id": 0, "made_up_at": None}
        connection.execute(insert(outages), row)


def note_pause(connection: Connection, now: datetime) -> None:
    """The clock was not heard of until now."""
    note(connection, beats.last(connection)[CLOCK], now)
    if unfinished(connection) is None:
        # The machine's time was set back: nothing is left to count.
        beats.beat(connection, CLOCK, now)


def note_silence(connection: Connection, begun: datetime, ended: datetime) -> None:
    """The clock beat, but nobody could do anything. It makes up for this as soon as it misses its own beat."""
    note(connection, begun, ended)
    if unfinished(connection):
        beats.beat(connection, CLOCK, begun - LONG)


def unfinished(connection: Connection) -> Outage | None:
    """Locked: of two clocks one moves the deadlines."""
    row = connection.execute(UNFINISHED).one_or_none()
    return None if row is None else Outage(*row)


def waiting(connection: Connection, outage: Outage, most: int) -> list[tuple[str, int]]:
    """The next things with a timer, and so with a deadline."""
    found = connection.execute(NEXT, {"noun": outage.noun, "thing_id": outage.thing_id, "most": most})
    return [(noun, thing_id) for noun, thing_id in found]


def reach(connection: Connection, outage: Outage, noun: str, thing_id: int) -> None:
    connection.execute(update(outages).where(outages.c.id == outage.id), {"noun": noun, "thing_id": thing_id})


def make_up(connection: Connection, outage: Outage, now: datetime) -> None:
    """Everything is moved on: the clock goes on from here."""
    newest = select(func.coalesce(func.max(transitions.c.id), 0)).scalar_subquery()
    connection.execute(update(outages).where(outages.c.id == outage.id).values(made_up_at=now, moves_to=newest))
    beats.beat(connection, CLOCK, outage.ended)


def reset(connection: Connection, thing: Staged) -> None:
    """The timers it has, at the time they now have. A reminder that was given is not given again."""
    rows = [{"of_noun": t.noun, "of_id": t.thing_id, "of_name": t.name, "due_at": t.due_at} for t in timers_of(thing)]
    if rows:
        connection.execute(RESET.values(due_at=bindparam("due_at")), rows)


def last(connection: Connection) -> Any:
    """With begun, ended and made_up_at."""
    wanted = select(outages.c.begun, outages.c.ended, outages.c.made_up_at).order_by(outages.c.id.desc()).limit(1)
    return connection.execute(wanted).one_or_none()


# -- what must be true


def uncounted(connection: Connection) -> Iterator[str]:
    """S7: what waited through an outage has all of it more time."""
    known = connection.execute(
        select(outages.c.begun, outages.c.ended, outages.c.moves_to)
        .where(outages.c.made_up_at.is_not(None))
        .order_by(outages.c.id)
    ).all()
    if not known:
        return
    for noun, kind in EXTENDED.items():
        stages = {stage for move in kind.lifecycle.moves if move.due for stage in move.sources}
        table = THINGS[noun]
        for row in connection.execute(select(table).where(table.c.stage.in_(stages), table.c.since <= known[-1].begun)):
            thing = things.thing_from(kind, row)
            waited = [outage for outage in known if has_waited(thing, outage)]
            if thing.lost_seconds < seconds(waited):
                # Asked only where it seems so: times alone do not tell, if the clock was set back.
                moved = connection.scalar(LAST_MOVE, {"of_noun": noun, "of_id": thing.id}) or 0
                waited = [outage for outage in waited if outage.moves_to is None or moved <= outage.moves_to]
            lost = seconds(waited)
            if thing.lost_seconds < lost:
                yield f"{noun} {thing.id} waited through {lost} s of outages, and was given {thing.lost_seconds} s"


def has_waited(thing: Staged, outage: Any) -> bool:
    """By its time."""
    until = deadline(thing)
    return bool(thing.since <= outage.begun and until and until > outage.begun)


def seconds(waited: Iterable[Any]) -> int:
    return sum(int((outage.ended - outage.begun).total_seconds()) for outage in waited)
