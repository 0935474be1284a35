"""What must be true of the timers (T1): recomputed from the things that wait."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from engine.lifecycle import Lifecycle
from engine.moves import LIFECYCLES
from engine.ports import Staged, Timer, timers_of
from storage import things
from storage.tables import KIND_OF, THINGS, timers


def wrong_timers(connection: Connection) -> Iterator[str]:
    """T1: what waits for a deadline has its timers, at the right time; what does not has none."""
    kept: dict[tuple[str, int], dict[str, Timer]] = {}
    for row in connection.execute(select(timers.c.noun, timers.c.thing_id, timers.c.name, timers.c.due_at)):
        kept.setdefault((row.noun, row.thing_id), {})[row.name] = Timer(*row)
    for lifecycle in LIFECYCLES:
        for thing in waiting(connection, lifecycle):
            yield from compared(thing, kept.pop((thing.noun, thing.id), {}))
    for (noun, thing_id), mine in kept.items():
        # Timers that are no lifecycle's, such as a user's payout, belong to no stage.
        yield from (f"{noun} {thing_id} has a timer {t.name} it does not wait for" for t in mine.values() if strange(t))


def strange(timer: Timer) -> bool:
    return (timer.noun, timer.name) != ("user", "pay_out")


def waiting(connection: Connection, lifecycle: Lifecycle) -> Iterator[Staged]:
    """All things in a stage that has a deadline or a reminder."""
    stages = {s for m in lifecycle.moves if m.due for s in m.sources} | {r.stage for r in lifecycle.reminders}
    if not stages:
        return
    table = THINGS[lifecycle.noun]
    kind = KIND_OF[lifecycle.noun]
    for row in connection.execute(select(table).where(table.c.stage.in_(stages))):
        thing = things.thing_from(kind, row)
        assert isinstance(thing, Staged), "only what has stages has a lifecycle"
        yield thing


def compared(thing: Staged, kept: dict[str, Timer]) -> Iterator[str]:
    """A reminder is gone once it has been given; a deadline stays until it is met or missed."""
    reminders = {r.name for r in thing.lifecycle.reminders}
    wanted = {t.name: t for t in timers_of(thing)}
    for name, timer in wanted.items():
        if name not in kept and name not in reminders:
            yield f"{thing.noun} {thing.id} in {thing.stage} has no timer {name}"
        elif name in kept and kept[name].due_at != timer.due_at:
            yield f"{thing.noun} {thing.id}: timer {name} is set to {kept[name].due_at}, not {timer.due_at}"
    for name, timer in kept.items():
        if name not in wanted and strange(timer):
            yield f"{thing.noun} {thing.id} in {thing.stage} has a timer {name} it does not wait for"
