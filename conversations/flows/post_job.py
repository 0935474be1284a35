"""仕事を依頼する: one sentence fills the card, only what is missing is asked."""

from collections.abc import Mapping
from typing import Any

from conversations.flow import Begin, Flowing, Question, day, fill
from engine import money
from engine.jobs import PostJob

QUESTIONS = (
    Question("title", "text"),
    Question("price", "yen"),
    Question("due", "day"),
    Question("description", "long_text", optional=True),
)


def card(answers: Mapping[str, Any]) -> Mapping[str, object]:
    """What the client pays and what the worker receives, before anything is promised."""
    return {**answers, "share": money.breakdown(answers["price"], withholds=False)}


def post_job(begin: Begin) -> Flowing:
    known = begin.args.get("known", {})
    answers = yield from fill(QUESTIONS, known, card, "post_job.go")
    return PostJob(
        by=begin.user_id,
        title=answers["title"],
        description=answers["description"],
        price=answers["price"],
        due=day(answers["due"]),
    )
