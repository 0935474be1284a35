"""The clock: APScheduler rings, due timers become commands. It holds no jobs of its own: what is due stands in the
timers table, so a restart or a day of downtime loses nothing."""

from datetime import UTC

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from conversations import talk
from engine.handle import TimeIsUp
from engine.ports import NOBODY
from house import House, world
from storage import beats, modes, timers
from storage.check import check
from storage.store import Conflict

log = structlog.get_logger()

RING_SECONDS = 1
AT_ONCE = 200
WATCH_HOURS = 1
# The books and the audit log. What else may be wrong hurts nobody by going on.
STOPPED_BY = ("M", "A4")


def start(house: House) -> BackgroundScheduler:
    """Ring once a second in a thread of its own. Call shutdown() on what is returned."""
    clock = BackgroundScheduler(timezone=UTC)
    clock.add_job(ring, "interval", [house], seconds=RING_SECONDS, max_instances=1, coalesce=True)
    clock.add_job(watch, "interval", [house], hours=WATCH_HOURS, max_instances=1, coalesce=True)
    clock.start()
    return clock


def ring(house: House) -> int:
    """Fire everything that is due, oldest first. The number fired."""
    with world(house, "clock") as store:
        beats.beat(store.connection, "clock", house.now())
        due = timers.due(store.connection, house.now(), AT_ONCE)
    fired = sum(fire(house, timer_id) for timer_id in due)
    if fired:
        house.bell.ring()
    return fired


def watch(house: House) -> None:
    """Books that do not add up pay nobody out: recovery mode, until somebody has looked."""
    with house.database.connect() as connection:
        found = [v for v in check(connection, house.settings.audit_key) if v.rule.startswith(STOPPED_BY)]
    if not found:
        return
    log.error("an invariant is broken: recovery mode, see arigato check", first=str(found[0]), violations=len(found))
    with world(house, "watch") as store:
        modes.enter(store.connection, str(found[0]), house.now())


def fire(house: House, timer_id: int) -> int:
    """One timer in one transaction: it is gone when its effect is there. 0 if another clock was first, or if the
    thing was just being changed: then it is still due at the next ring."""
    try:
        with world(house, f"timer:{timer_id}") as store:
            timer = timers.take(store.connection, timer_id, house.now())
            if timer is None:
                return 0
            wanted = TimeIsUp(by=NOBODY, noun=timer.noun, thing_id=timer.thing_id, name=timer.name)
            refused = talk.execute(wanted, store)
            if refused:
                log.info("timer came too late", timer=timer.name, noun=timer.noun, refusal=type(refused).__name__)
    except Conflict:
        return 0
    return 1
