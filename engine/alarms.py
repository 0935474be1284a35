"""警報: something was refused more often than honest people and chance explain, so operators are told."""

from dataclasses import dataclass

from engine import limits
from engine.ports import Command, Decision, Event


@dataclass(frozen=True, kw_only=True)
class RaiseAlarm(Command):
    """`reason` is the code of the security events, `times` how many there were within the time of the limit."""

    reason: str
    times: int


@dataclass(frozen=True, kw_only=True)
class AlarmRaised(Event):
    """`refused`: all of it was; else it could not be done."""

    reason: str
    times: int
    limit: int
    refused: bool


def raise_alarm(wanted: RaiseAlarm) -> Decision:
    limit = limits.alarm(wanted.reason)
    refused = wanted.reason not in limits.NOT_DONE
    return Decision(events=(AlarmRaised(reason=wanted.reason, times=wanted.times, limit=limit, refused=refused),))
