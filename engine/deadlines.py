"""A deal's deadlines: the reminders before them, and how they run on after an outage of ours from where they stood."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine import errors
from engine.applications import Application
from engine.contracts import Contract
from engine.jobs import Job
from engine.lifecycle import Role
from engine.ports import Command, Decision, Event, Staged
from engine.thanks import Thanks

# People wait for one another in these. A review that is revealed and a payout that is due are nobody's duty.
EXTENDED: dict[str, type[Staged]] = {kind.noun: kind for kind in (Job, Application, Contract, Thanks)}
# While an ending is proposed nobody can deliver, and the due day comes nearer all the same.
WORKING_STAGES = ("in_progress", "ending_proposed")
# Whoever had less time left than this when we were back is told how much they have now.
TELL_WITHIN_HOURS = 24


@dataclass(frozen=True, kw_only=True)
class LoseTime(Command):
    """We were down from `begun` to `ended`: nobody could do anything, so nobody's time ran."""

    noun: str
    thing_id: int
    begun: datetime
    ended: datetime


@dataclass(frozen=True, kw_only=True)
class Reminded(Event):
    """A deadline comes nearer; `name` is the reminder's row in moves.py."""

    contract: Contract
    name: str


@dataclass(frozen=True, kw_only=True)
class WentOverdue(Event):
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class DeadlineMoved(Event):
    """We were down while it ran; now it is `until`."""

    contract: Contract
    until: datetime


def remind(contract: Contract, name: str) -> Decision:
    """A reminder that comes when the stage has passed is not told."""
    if contract.stage not in {r.stage for r in contract.lifecycle.reminders if r.name == name}:
        raise errors.NotNow("contract", name, contract.stage)
    return Decision(events=(Reminded(contract=contract, name=name),))


def fall_overdue(contract: Contract, now: datetime) -> Decision:
    late = contract.take("fall_overdue", by=Role.CLOCK, at=now)
    return Decision(events=(WentOverdue(contract=late),), things=(late,))


def lost_seconds(thing: Staged, wanted: LoseTime) -> int:
    """What was left when the outage began is left when it ends; what began in it, loses the rest of it."""
    return max(0, int((wanted.ended - max(wanted.begun, thing.since)).total_seconds()))


def deadline(thing: Staged) -> datetime | None:
    """The earliest at which the clock decides for somebody."""
    found = (getattr(thing, m.due) for m in thing.lifecycle.moves if m.due and thing.stage in m.sources)
    return min(found, default=None)


def lose_time(thing: Staged, wanted: LoseTime) -> Decision:
    lost = lost_seconds(thing, wanted)
    before = deadline(thing)
    if not lost or before is None or before <= wanted.begun:
        return Decision()
    later = replace(thing, lost_seconds=thing.lost_seconds + lost)
    if not isinstance(later, Contract):
        return Decision(things=(later,))
    if later.stage in WORKING_STAGES:
        later = replace(later, due_lost_seconds=later.due_lost_seconds + lost)
    until = deadline(later)
    assert until, "it had one"
    pressing = before < wanted.ended + timedelta(hours=TELL_WITHIN_HOURS)
    told = (DeadlineMoved(contract=later, until=until),) if pressing else ()
    return Decision(events=told, things=(later,))
