"""What the product does by itself, one piece at a time, and what happens to it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import doorbook
import errands
import reconciler
import scheduler
import worker
from batches import Hands
from simulator.inline import INLINE
from storage import beats, database, outages, outbox, timers

if TYPE_CHECKING:  # a play is moved by these
    from simulator.play import Play

EVENTS_AT_ONCE = 6
ROUNDS = 4
OUTAGE_DAYS = (1, 2, 7)
COMPARED_WITHIN = timedelta(days=7)


# Nobody works where nothing waits: to ask in vain is what costs most, and shows least.
NEW_EVENTS = "SELECT 1 FROM inbox WHERE state = 'new' LIMIT 1"
LIVE_MESSAGES = "SELECT DISTINCT platform FROM outbox WHERE state IN ('pending', 'claimed') ORDER BY platform"
MAKING_UP = "SELECT 1 FROM outages WHERE made_up_at IS NULL"
LIVE_ERRANDS = "SELECT 1 FROM operations WHERE state IN ('planned', 'claimed', 'ambiguous') LIMIT 1"


def work(play: "Play") -> int:
    most = play.dice.randint(1, EVENTS_AT_ONCE)
    for done in range(most):
        if not (play.place.ask(NEW_EVENTS) and worker.work_inbox(play.house)):
            return done
    return most


def send(play: "Play") -> int:
    """On all platforms, each in a turn of its own."""
    live = [platform for (platform,) in play.place.ask(LIVE_MESSAGES)]
    return sum(errands.send_all(play.house, platform, hands(play)) for platform in live)


def hands(play: "Play") -> Hands[Any]:
    """Now and then those of somebody whose turn it is to take what has waited longest."""
    return Hands(INLINE, errands.SENDERS, rounds=play.operations)


def keep_up(play: "Play") -> None:
    """All of them, as they run side by side while nothing goes wrong."""
    for _ in range(ROUNDS):
        if not (work(play) + run_errands(play) + send(play)):
            return


def run_errands(play: "Play") -> int:
    return errands.work_operations(play.house, hands(play)) if play.place.ask(LIVE_ERRANDS) else 0


def reconcile(play: "Play") -> int:
    """How many differences are open afterwards."""
    found = reconciler.reconcile(play.house)
    play.compared_at = play.now
    return len(found)


def alarm(play: "Play") -> int:
    return doorbook.raise_alarms(play.house)


def ring(play: "Play") -> int:
    beat(play)
    fired = scheduler.ring(play.house)
    play.rung_at, play.silent_since = play.now, None
    long_ago = is_long_ago(play)
    if long_ago or (play.bank.chargebacks and reconciler.is_told(play.house)):
        reconcile(play)
    if long_ago and not play.in_recovery:
        keep_up(play)
    play.operations += fired
    return fired


def beat(play: "Play") -> None:
    """A history rings now and then; the real clock rang all the while in between, unless there was an outage."""
    still = play.now - play.rung_at > play.house.settings.outage_after
    if (still or play.silent_since) and not play.place.ask(MAKING_UP):
        with play.faults.unseen(), database.begin(play.house.database) as connection:
            beats.beat(connection, outages.CLOCK, play.silent_since or play.now)


def is_long_ago(play: "Play") -> bool:
    """The real clock compares the books every ten minutes, and workers hear what it finds. What nobody compares for a
    month is in no list any more, so no more time passes until somebody does."""
    return play.now - play.compared_at > COMPARED_WITHIN


def late_arrival(play: "Play") -> None:
    """In any order."""
    if play.parcels:
        play.bring(play.parcels.pop(play.dice.randrange(len(play.parcels))))


def hours_pass(play: "Play") -> None:
    if is_long_ago(play):
        return
    play.now += timedelta(minutes=play.dice.randrange(1, 12 * 60))


def to_deadline(play: "Play") -> None:
    """As far as the clock will next want something; the ring follows when it follows."""
    with play.look() as connection:
        due = timers.next_due(connection, play.now)
    if due and not is_long_ago(play):
        play.now = due


def outage(play: "Play") -> None:
    if not is_long_ago(play) and play.faults.strikes("outage of days"):
        play.silent_since = play.silent_since or play.now
        play.now += timedelta(days=play.dice.choice(OUTAGE_DAYS))


def set_back(play: "Play") -> None:
    if play.faults.strikes("clock set back"):
        play.now -= timedelta(minutes=play.dice.randrange(1, 60))


# -- a worker that stands still between taking a message and sending it, while others take over (a zombie)


def pause(play: "Play") -> None:
    if not play.faults.strikes("worker paused"):
        return
    platform = play.dice.choice(tuple(play.messengers))
    lease = play.house.patience.lease_seconds
    with database.begin(play.house.database) as connection:
        play.paused += outbox.claim(connection, platform, play.now, errands.SENDERS, lease)


def go_on(play: "Play") -> None:
    """What it sends now may have been sent by another, as long as its lease has not run out."""
    while play.paused:
        row = play.paused.pop(0)
        before = play.operations
        hands: Hands[outbox.Row] = Hands(INLINE, 1)
        hands.take([row], lambda row: errands.send_one(play.house, row))
        errands.write_down(play.house, hands)
        if play.operations == before:
            play.met("a paused worker came too late")
