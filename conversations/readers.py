"""How a reply is read, one row for each kind of question. What is not understood is said, never guessed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from conversations.flow import Question
from conversations.messages import Content, File, Text
from conversations.parsers import days, money, text
from engine import calendar, codes

LINK = re.compile(r"https?://\S+")
TEXT_MAX_CHARACTERS = 80
LONG_TEXT_MAX_CHARACTERS = 2_000
MISSED_BEFORE_HELP = 3
# An empty field of a form is a skip too.
SKIP = ("", "なし", "スキップ", "skip", "none", "-")


class Misread(Exception):
    """The reply was not understood; `words` is the block that says so."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words

    def said(self, times: int) -> str:
        """Never the same sentence twice: an example first, then the buttons, then a person."""
        if times >= MISSED_BEFORE_HELP:
            return "common.misread_human"
        return f"common.{self.words}" if times == 1 else f"common.{self.words}_again"


@dataclass(frozen=True)
class Reading:
    """What a reader is given: the question, the labels its options show, and the time (UTC) it was said."""

    question: Question
    labels: tuple[str, ...]
    at: datetime


def said(content: Content, kind: str) -> str:
    if not isinstance(content, Text):
        raise Misread(f"misread_{kind}")
    return content.text.strip()


def bounded(content: Content, limit: int) -> str:
    words = said(content, "text")
    if not words:
        raise Misread("misread_text")
    if len(words) > limit:
        raise Misread("misread_too_long")
    return words


def read_text(content: Content, _: Reading) -> str:
    return bounded(content, TEXT_MAX_CHARACTERS)


def read_long_text(content: Content, _: Reading) -> str:
    return bounded(content, LONG_TEXT_MAX_CHARACTERS)


def read_yen(content: Content, _: Reading) -> int:
    amount = money.yen(said(content, "yen"))
    if amount is None:
        raise Misread("misread_yen")
    return amount


def read_day(content: Content, reading: Reading) -> str:
    """The day as ISO text. A picker gives ISO text already."""
    words = said(content, "day")
    try:
        return date.fromisoformat(words).isoformat()
    except ValueError:
        found = days.day(words, reading.at.astimezone(calendar.ZONE))
    if found is None:
        raise Misread("misread_day")
    return found.date.isoformat()


def read_choice(content: Content, reading: Reading) -> Any:
    """The label as it stands on the button, or its number for those who type; a form sends the value itself."""
    words = said(content, "choice")
    options = reading.question.options
    for option, label in zip(options, reading.labels, strict=True):
        if text.matches(words, label) or words == str(option.value):
            return option.value
    number = text.normalise(words)
    if number.isascii() and number.isdigit() and 1 <= int(number) <= len(options):
        return options[int(number) - 1].value
    raise Misread("misread_choice")


def from_form(given: str, reading: Reading) -> Text:
    """A form sends the value of the option that was chosen, where a person would say its label."""
    labels = dict(zip((str(o.value) for o in reading.question.options), reading.labels, strict=True))
    return Text(labels.get(given, given))


def read_number(content: Content, reading: Reading) -> int:
    """A whole number from 0 to the question's fact `highest`."""
    words = text.normalise(said(content, "number"))
    highest = int(str(reading.question.facts["highest"]))
    if not (words.isascii() and words.isdigit() and len(words) <= len(str(highest)) and int(words) <= highest):
        raise Misread("misread_number")
    return int(words)


def read_work(content: Content, _: Reading) -> dict[str, Any]:
    """納品物: a file, a link, or words."""
    if isinstance(content, File):
        return {"kind": "file", "body": content.name, "file_id": content.file_id, "sha256": content.sha256}
    words = bounded(content, LONG_TEXT_MAX_CHARACTERS)
    kind = "link" if LINK.fullmatch(words) else "text"
    return {"kind": kind, "body": words, "file_id": 0, "sha256": ""}


def read_code(content: Content, reading: Reading) -> int:
    """A short number; which noun it must be is the question's fact `noun`."""
    found = codes.read(str(reading.question.facts["noun"]), said(content, "code"))
    if found is None:
        raise Misread("misread_code")
    return found


def read_secret(content: Content, _: Reading) -> str:
    found = codes.read_secret(said(content, "secret"))
    if found is None:
        raise Misread("misread_secret")
    return found


READERS: Mapping[str, Callable[[Content, Reading], Any]] = {
    "text": read_text,
    "long_text": read_long_text,
    "yen": read_yen,
    "day": read_day,
    "choice": read_choice,
    "number": read_number,
    "work": read_work,
    "code": read_code,
    "secret": read_secret,
}


def read(content: Content, reading: Reading) -> Any:
    """The JSON value of a reply, or Misread. An optional question may be skipped: its value is then ''."""
    skips = isinstance(content, Text) and text.normalise(content.text) in ("", *SKIP)
    if reading.question.optional and skips:
        return ""
    return READERS[reading.question.kind](content, reading)


def understood(content: Content, reading: Reading) -> bool:
    try:
        read(content, reading)
    except Misread:
        return False
    return True
