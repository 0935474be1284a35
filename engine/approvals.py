"""An approval: what one operator wants, waiting for a second pair of eyes because much money hangs on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from engine import errors, moves
from engine.lifecycle import Role
from engine.ports import Decision, Event, Staged

# market.md sections 3 and 8: above it two people decide.
FOUR_EYES_ABOVE_YEN = 100_000
WAITS_HOURS = 24


@dataclass(frozen=True, kw_only=True)
class Approval(Staged):
    """`move` of the thing `subject_id` is wanted; `at_stake` in yen is what could be lost by it."""

    noun: ClassVar = "approval"
    lifecycle: ClassVar = moves.APPROVAL

    move: str
    subject: str
    subject_id: int
    at_stake: int
    asked_by: int
    confirmed_by: int = 0

    @property
    def waits_until(self) -> datetime:
        return self.since + timedelta(hours=WAITS_HOURS) + self.lost


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked(Event):
    approval: Approval


@dataclass(frozen=True, kw_only=True)
class ApprovalGiven(Event):
    approval: Approval


@dataclass(frozen=True, kw_only=True)
class ApprovalExpired(Event):
    approval: Approval


def is_for(approval: Approval, before: Staged, at_stake: int) -> bool:
    """What was approved is still what is wanted: the thing has not moved since, and no more hangs on it."""
    return approval.since >= before.since and approval.at_stake >= at_stake


def ask(
    move: str,
    subject: Staged,
    at_stake: int,
    stale: tuple[Approval, ...],
    approval_id: int,
    now: datetime,
    operator_id: int,
) -> Decision:
    """`stale` are earlier ones that count no more."""
    asked = Approval(
        id=approval_id,
        since=now,
        move=move,
        subject=subject.noun,
        subject_id=subject.id,
        at_stake=at_stake,
        asked_by=operator_id,
    ).take("ask", by=Role.OPERATOR, at=now)
    lapsed = tuple(each.take("lapse", by=Role.OPERATOR, at=now) for each in stale)
    return Decision(events=(ApprovalAsked(approval=asked),), things=(*lapsed, asked))


def confirm(approval: Approval, decision: Decision, now: datetime, operator_id: int) -> Decision:
    """Refused NeedsAnother for who asked: the second pair of eyes is another person's, whatever they write from."""
    if approval.asked_by == operator_id:
        raise errors.NeedsAnother(WAITS_HOURS)
    given = approval.take("confirm", by=Role.OPERATOR, at=now, confirmed_by=operator_id)
    return decision + Decision(events=(ApprovalGiven(approval=given),), things=(given,))


def expire(approval: Approval, now: datetime) -> Decision:
    expired = approval.take("expire", by=Role.CLOCK, at=now)
    return Decision(events=(ApprovalExpired(approval=expired),), things=(expired,))
