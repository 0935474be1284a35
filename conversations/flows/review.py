"""評価する: five axes for all to see, and one answer only operators see."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from conversations.flow import Begin, Flowing, Option, Question, Steps, fill, look
from conversations.queries import ReviewsOf
from conversations.subjects import reached
from engine.contracts import Contract
from engine.errors import AlreadyReviewed, NotNow, ReviewWindowClosed
from engine.reviews import AGAIN, REVIEWED_STAGES, STARS, WINDOW_DAYS, LeaveReview

AXES = ("skill", "quality", "schedule", "communication", "partnership")


def reviewable(begin: Begin) -> Steps[Contract]:
    """Refused before five questions are answered in vain."""
    contract = yield from reached(begin)
    if contract.stage not in REVIEWED_STAGES:
        raise NotNow("contract", "review", contract.stage)
    if begin.now >= (contract.ended_at or begin.now) + timedelta(days=WINDOW_DAYS):
        raise ReviewWindowClosed(WINDOW_DAYS)
    reviews = yield from look(ReviewsOf(contract.id))
    if any(review.by_id == begin.user_id for review in reviews):
        raise AlreadyReviewed
    return contract


def review(begin: Begin) -> Flowing:
    contract = yield from reviewable(begin)
    shown = {"contract": contract, "of_id": contract.other_than(begin.user_id)}
    stars = tuple(Option(star, "review.star", {"star": star}) for star in STARS)
    questions = (
        *(Question(axis, "choice", shown, stars) for axis in AXES),
        Question("comment", "long_text", shown, optional=True),
        Question("again", "number", {**shown, "highest": max(AGAIN)}),
    )

    def card(answers: Mapping[str, Any]) -> Mapping[str, object]:
        return {**answers, **shown}

    answers = yield from fill(questions, {}, card, "review.go")
    return LeaveReview(by=begin.user_id, contract_id=contract.id, **answers)
