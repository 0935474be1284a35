"""評価: five axes by each side, unseen until both are in or 14 days have passed; never edited."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from engine import errors, moves, texts
from engine.contracts import Contract
from engine.lifecycle import Role
from engine.ports import Command, Decision, Event, Staged

WINDOW_DAYS = 14
STARS = range(1, 6)
AGAIN = range(11)  # 0-10: would work with them again; only operators see it
REVIEWED_STAGES = ("accepted", "paid_out", "payout_problem", "ended_early")


@dataclass(frozen=True, kw_only=True)
class Review(Staged):
    noun: ClassVar = "review"
    lifecycle: ClassVar = moves.REVIEW

    contract_id: int
    by_id: int
    of_id: int
    skill: int  # of the worker; of a client: the requirements
    quality: int
    schedule: int
    communication: int
    partnership: int
    comment: str
    again: int
    reveal_at: datetime

    @property
    def stars(self) -> tuple[int, ...]:
        return (
            self.skill,
            self.quality,
            self.schedule,
            self.communication,
            self.partnership,
        )


@dataclass(frozen=True, kw_only=True)
class LeaveReview(Command):
    contract_id: int
    skill: int
    quality: int
    schedule: int
    communication: int
    partnership: int
    comment: str
    again: int


@dataclass(frozen=True, kw_only=True)
class ReviewLeft(Event):
    """Only one side is in: the other learns that there is a review, not what it says."""

    contract: Contract
    review: Review


@dataclass(frozen=True, kw_only=True)
class ReviewsShown(Event):
    contract: Contract
    reviews: tuple[Review, ...]


def leave(
    contract: Contract,
    earlier: tuple[Review, ...],
    review_id: int,
    now: datetime,
    wanted: LeaveReview,
) -> Decision:
    """`earlier` are the reviews already left for this contract."""
    role = contract.role_of(wanted.by)
    if contract.stage not in REVIEWED_STAGES:
        raise errors.NotNow("contract", "review", contract.stage)
    ended = contract.ended_at or now
    if now >= ended + timedelta(days=WINDOW_DAYS):
        raise errors.ReviewWindowClosed(WINDOW_DAYS)
    if any(r.by_id == wanted.by for r in earlier):
        raise errors.AlreadyReviewed
    if len(wanted.comment.strip()) > texts.REASON_MAX_CHARACTERS:
        raise errors.TooLong(texts.REASON_MAX_CHARACTERS)
    review = Review(
        id=review_id,
        since=now,
        contract_id=contract.id,
        by_id=wanted.by,
        of_id=contract.other_than(wanted.by),
        skill=wanted.skill,
        quality=wanted.quality,
        schedule=wanted.schedule,
        communication=wanted.communication,
        partnership=wanted.partnership,
        comment=wanted.comment.strip(),
        again=wanted.again,
        reveal_at=ended + timedelta(days=WINDOW_DAYS),
    )
    if any(star not in STARS for star in review.stars) or wanted.again not in AGAIN:
        raise errors.StarsOutOfRange
    review = review.take("leave", by=role, at=now)
    if not earlier:
        return Decision(events=(ReviewLeft(contract=contract, review=review),), things=(review,))
    shown = tuple(r.take("reveal", by=role, at=now) for r in (*earlier, review) if r.stage == "hidden")
    return Decision(events=(ReviewsShown(contract=contract, reviews=shown),), things=shown)


def reveal(contract: Contract, review: Review, now: datetime) -> Decision:
    """The window has closed with only one side in."""
    shown = review.take("reveal", by=Role.CLOCK, at=now)
    return Decision(events=(ReviewsShown(contract=contract, reviews=(shown,)),), things=(shown,))
