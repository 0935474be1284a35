"""The check of a form's fields while the form is still open: the questions' own readers, asked at the door."""

from datetime import UTC, date, datetime

from conversations import render
from conversations.flow import Question
from conversations.messages import Text
from conversations.readers import Misread, Reading, read
from engine.reviews import AGAIN

# A form's day comes from a calendar as ISO text, so no reading of it depends on when it is read.
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
# The one number a form asks for is the private 0-10 of a review.
FACTS = {"highest": max(AGAIN)}
# A choice is picked from a list: there is nothing to misread. A form opened before a deploy may know other kinds.
TYPED = ("text", "long_text", "yen", "day", "number")


def problem_with(kind: str, text: str, language: str) -> str | None:
    """The sentence to show beside the field, None if it can be read. An optional empty field is not asked about."""
    if kind not in TYPED:
        return None
    try:
        if kind == "day":
            date.fromisoformat(text)
        read(Text(text), Reading(Question("field", kind, FACTS), (), ANY_TIME))
    except ValueError:
        return said(language, "misread_day")
    except Misread as misread:
        return said(language, misread.words)
    return None


def said(language: str, words: str) -> str:
    return render.page(language if language in render.LANGUAGES else "ja", f"common.{words}", FACTS).text
