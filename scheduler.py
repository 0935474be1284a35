"""The clock: APScheduler rings, due timers become commands. It holds no jobs of its own: what is due stands in the
timers table, so a restart or a day of downtime loses nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

import clock
import money_kind
from batches import together
from conversations import talk
from doorbook import raise_alarms
from engine.deadlines import EXTENDED, LoseTime
from engine.handle import TimeIsUp
from engine.ports import NOBODY
from house import House, world
from reconciler import LOOK_SECONDS, RECONCILE_MINUTES, is_told, reconcile
from storage import beats, database, modes, outages, releases, retention, timers
from storage.check import check
from storage.store import Conflict, Store

log = structlog.get_logger()

RING_SECONDS = 1
AT_ONCE = 1_000  # a second or two of work: after that the clock beats again
# In one transaction. Of twenty, each bears a twentieth of a commit; more would save little, and hold their locks, that
# of the audit log among them, for longer than people should wait.
TOGETHER = 20
WATCH_HOURS = 1
TIDY_HOURS = 1
ALARM_MINUTES = 1
# How long after the start what comes seldom is done for the first time: a clock that is started anew again and again
# gets there, too. Not all at once; and of clocks that are started together, each some seconds later than another.
WATCH_FIRST_SECONDS, RECONCILE_FIRST_SECONDS, TIDY_FIRST_SECONDS = 20, 40, 60
SPREAD_SECONDS = 15
# The release before is gone when its clock and workers, which beat every second, were silent at so many looks.
LISTEN_SECONDS = 5
SILENT_LOOKS = 5
# The books and the audit log. What else may be wrong hurts nobody by going on.
STOPPED_BY = ("M", "A4")


def start(house: House) -> BackgroundScheduler:
    """Ring at once, for what fell due while nobody rang, and then once a second, in a thread of its own. Call
    shutdown() on what is returned."""
    # Late is better than never: on a busy machine a second has soon gone by.
    rings = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})
    now = clock.now()
    later = SPREAD_SECONDS * int.from_bytes(house.random(2)) / 2**16
    for job, arguments, every, first_seconds in (
        (ring_on, [house, rings], timedelta(seconds=RING_SECONDS), 0),
        (see_off, [house, Silence()], timedelta(seconds=LISTEN_SECONDS), LISTEN_SECONDS),
        (raise_alarms, [house], timedelta(minutes=ALARM_MINUTES), ALARM_MINUTES * 60),
        (watch, [house], timedelta(hours=WATCH_HOURS), WATCH_FIRST_SECONDS + later),
        (reconcile, [house], timedelta(minutes=RECONCILE_MINUTES), RECONCILE_FIRST_SECONDS + later),
        (look_soon, [house, rings], timedelta(seconds=LOOK_SECONDS), LOOK_SECONDS),
        (tidy, [house], timedelta(hours=TIDY_HOURS), TIDY_FIRST_SECONDS + later),
    ):
        when = {"seconds": every.total_seconds(), "next_run_time": now + timedelta(seconds=first_seconds)}
        rings.add_job(job, "interval", arguments, id=job.__name__, max_instances=1, **when)
    rings.start()
    return rings


def look_soon(house: House, rings: BackgroundScheduler) -> None:
    """At the provider's books, when it has told that they have changed."""
    if is_told(house):
        rings.modify_job(reconcile.__name__, next_run_time=clock.now())


def ring_on(house: House, rings: BackgroundScheduler) -> None:
    """Until the database is in another money than we are: then nothing of this clock goes on. /readyz says why."""
    try:
        ring(house)
    except money_kind.AnotherMoney as another:
        log.critical(str(another))
        rings.remove_all_jobs()


def ring(house: House) -> int:
    """Fire everything that is due, oldest first. The number fired. Raises AnotherMoney."""
    with world(house, "clock") as store:
        money_kind.look(store.connection, house.settings)
        alive = beats.beat_on(store.connection, outages.CLOCK, house.now(), house.settings.outage_after)
        due = timers.due(store.connection, house.now(), AT_ONCE) if alive else []
        # It would write over what is added to a deadline: until it is gone nothing is added, and nothing fires.
        waits = not alive and store.older_serves
    if waits:
        return 0
    if not alive:
        make_up(house)
    fired = sum(together(house, some, fire) for some in growing(due))
    if fired:
        house.bell.ring()
    return fired


def growing(due: Sequence[int]) -> Iterator[Sequence[int]]:
    """The first alone, then twice as many each time: a clock that is killed again and again gets somewhere, too."""
    start, size = 0, 1
    while start < len(due):
        yield due[start : start + size]
        start, size = start + size, min(2 * size, TOGETHER)


def make_up(house: House) -> None:
    """We were down, or this clock was. Before anything fires, every deadline that ran meanwhile is moved on."""
    with world(house, "outage") as store:
        outages.note_pause(store.connection, house.now())
    while make_up_some(house):
        pass


def make_up_some(house: House) -> bool:
    """Some deadlines in one transaction, with the mark how far this has come: each is moved once. False when done."""
    try:
        with world(house, "outage") as store:
            outage = outages.unfinished(store.connection)
            if outage is None:
                return False
            store.turn_to(f"outage:{outage.id}")
            found = outages.waiting(store.connection, outage, TOGETHER)
            for noun, thing_id in found:
                wanted = LoseTime(by=NOBODY, noun=noun, thing_id=thing_id, begun=outage.begun, ended=outage.ended)
                if not talk.execute(wanted, store):
                    outages.reset(store.connection, store.get(EXTENDED[noun], thing_id))
            if found:
                outages.reach(store.connection, outage, *found[-1])
            else:
                outages.make_up(store.connection, outage, house.now())
                log.warning("we were down: deadlines are moved on", begun=outage.begun, ended=outage.ended)
    except Conflict:
        log.info("a deadline was just being changed")
    return True


@dataclass
class Silence:
    """What was last heard of the release before, and at how many looks since then it was no more."""

    heard: datetime | None = None
    looks: int = 0


def see_off(house: House, silence: Silence) -> None:
    """When the last process of the release before is gone, what was held back for it begins. Counted in looks, not in
    time: while the database was away nobody could beat."""
    with world(house, "upgrade") as store:
        if not store.older_serves:
            return
        heard = beats.last_of_others(store.connection)
        silence.looks = silence.looks + 1 if heard == silence.heard else 0
        silence.heard = heard
        if silence.looks < SILENT_LOOKS:
            return
        ended = releases.end(store.connection, house.settings.audit_key, house.now(), house.random)
    if ended:
        log.warning("the release before is gone: what was held back for it begins", release=releases.BEFORE)


def watch(house: House) -> None:
    """Books that do not add up pay nobody out: recovery mode, until somebody has looked."""
    with house.database.connect() as connection:
        found = [v for v in check(connection, house.settings.audit_key) if v.rule.startswith(STOPPED_BY)]
    if not found:
        return
    log.error("an invariant is broken: recovery mode, see arigato check", first=str(found[0]), violations=len(found))
    with world(house, "watch") as store:
        modes.enter(store.connection, str(found[0]), house.now())


def tidy(house: House) -> None:
    """A batch a transaction, until nothing old is left."""
    gone = 1
    while gone:
        with database.begin(house.database) as connection:
            gone = retention.tidy(connection, house.now())


def fire(store: Store, timer_ids: Sequence[int]) -> int:
    """Of these timers those that are still due, each with a cause of its own. A timer is gone when its effect is there.
    What another clock is at, or whose thing is just being changed, is left for the next ring. What one of them makes
    too early or too late for another is for the rules to refuse, as ever."""
    taken = timers.take(store.connection, timer_ids, store.now)
    if len(taken) > 1:
        store.foresee([timer for _, timer in taken])
    for timer_id, timer in taken:
        store.turn_to(f"timer:{timer_id}")
        wanted = TimeIsUp(by=NOBODY, noun=timer.noun, thing_id=timer.thing_id, name=timer.name)
        refused = talk.execute(wanted, store)
        if refused:
            log.info("timer came too late", timer=timer.name, noun=timer.noun, refusal=type(refused).__name__)
    return len(taken)
