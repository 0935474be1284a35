"""仕事を依頼する: one sentence fills the card, only what is missing is asked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conversations.flow import Begin, Flowing, Question, day, fill
from conversations.parsers import text
from conversations.parsers.sentence import Sentence, understand
from engine import calendar, money
from engine.jobs import PostJob
from engine.texts import TITLE_MAX_CHARACTERS

QUESTIONS = (
    Question("title", "text"),
    Question("price", "yen"),
    Question("due", "day"),
    Question("description", "long_text", optional=True),
)
SENTENCE_ENDS = ("。", "\n")


def from_sentence(said: str, at: datetime) -> Mapping[str, Any]:
    """What a post in one sentence answers already; nothing if it is no post. `at` is when it was said (UTC)."""
    sentence = understand(said, at.astimezone(calendar.ZONE))
    if not sentence.title or not (sentence.price or sentence.due):
        return {}
    known: dict[str, Any] = titled(said, sentence)
    known |= {"price": sentence.price} if sentence.price else {}
    known |= {"due": sentence.due.date.isoformat()} if sentence.due else {}
    return known


def titled(said: str, sentence: Sentence) -> dict[str, Any]:
    """What was said is kept as the description only where it says more than a title, a price and a day."""
    assert sentence.title, "only a sentence with a title is a post"
    first = sentence.title
    for end in SENTENCE_ENDS:
        first = first.split(end)[0].strip()
    title = text.short(first, TITLE_MAX_CHARACTERS)
    return {"title": title, "description": "" if title == sentence.title else said.strip()}


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
