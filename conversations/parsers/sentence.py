"""A post in one sentence: what is wanted, for how much, by when."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from conversations.parsers.day_mention import days_mentioned
from conversations.parsers.days import Day
from conversations.parsers.mention import HIDDEN, hide, surest
from conversations.parsers.price_mention import COUNTERS, counts_in, prices_in
from conversations.parsers.text import Folded, fold

# A longer message is a letter, not a post in a sentence; its numbers are its own.
LENGTH_MAX = 400


@dataclass(frozen=True, slots=True)
class Sentence:
    """What was understood; none where the writer has to be asked."""

    title: str | None
    price: int | None
    due: Day | None


def understand(text: str, now: datetime) -> Sentence:
    folded = fold(text.replace(HIDDEN, " "))
    if len(folded.text) > LENGTH_MAX:
        return Sentence(None, None, None)
    counts = counts_in(folded.text)
    prices = surest(prices_in(folded.text, counts))
    taken = [(price.start, price.end) for price in prices]
    due = surest(days_mentioned(hide(folded.text, counts + taken), now))
    taken += [(day.start, day.end) for day in due]
    return Sentence(
        title=_title(folded, taken),
        price=prices[0].value if prices else None,
        due=due[0].value if due else None,
    )


_SPACE = r"[\s、,，]"
_PARTICLE_AT_END = re.compile(r"(?:を\s*|[はがにで])(?=\0[\s\0]*(?:$|[、,，。.!！]|お願い))")
# Of "5000 yen for cleaning" the title is the cleaning.
_FOR_AT_START = re.compile(r"^(\s*\0\s*)(?:for|to)\s", re.IGNORECASE)
_GAP = re.compile(rf"{_SPACE}*\0(?:{_SPACE}|\0)*")
_ASKING_END = re.compile(
    r"[をはがにで、]?\s*(?:お願い(?:します|できますか|できませんか|できれば|いたします|致します|したい(?:です)?)?"
    r"|頼みたい(?:です)?|依頼したい(?:です)?|募集(?:します|中)?)$"
    r"|[\s,]+(?:please|thanks|thank\syou)$",
    re.IGNORECASE,
)
_ASKING_START = re.compile(
    r"(?:please|(?:i\s|we\s)?(?:need|want)(?:ed)?:?(?:\san?|\ssome)?|looking\sfor(?:\san?)?)\s", re.IGNORECASE
)
_DANGLING = re.compile(r"(?:を|[\s,]+(?:for|by|at|on|and|with))$", re.IGNORECASE)
_EDGES = "@＠ 　、。，．,.;:；：・/|!！?？-–—~〜～\t\n"
# A number is taken as a whole (?>): cut in pieces in all ways, thirty digits before a letter would be tried for years.
_NO_TITLE = re.compile(
    rf"(?:(?>[0-9][0-9,]*\s?{COUNTERS}?)|\b(?:an?|the|for|and|by|yen|ok)\b|\W)+|[ぁ-ん]|[をはがにでの]+|まで"
)


def _title(folded: Folded, taken: Iterable[tuple[int, int]]) -> str | None:
    """What is left of the original letters, without the particles that led to what was taken out."""
    rest = _FOR_AT_START.sub(r"\1", _PARTICLE_AT_END.sub("", _left(folded, taken)))
    rest = _GAP.sub(lambda gap: _joint(rest, gap), rest)
    title, before = " ".join(rest.split()), None
    while title != before:
        before = title
        title = _ASKING_START.sub("", title, count=1) if _ASKING_START.match(title) else title
        title = _DANGLING.sub("", _ASKING_END.sub("", title)).strip(_EDGES)
    return None if _NO_TITLE.fullmatch(fold(title).text) or not title else title


def _left(folded: Folded, taken: Iterable[tuple[int, int]]) -> str:
    pieces, at = [], 0
    for start, end in sorted(taken):
        pieces.append(folded.cut(at, start))
        at = end
    pieces.append(folded.cut(at, len(folded.text)))
    return HIDDEN.join(pieces)


def _joint(rest: str, gap: re.Match[str]) -> str:
    """What stands between two pieces of title: the comma that was there, else a space if words need one."""
    before, after = rest[: gap.start()], rest[gap.end() :]
    if not before or not after:
        return ""
    if "、" in gap[0]:
        return "、"
    if "," in gap[0] or "，" in gap[0]:
        return ", "
    spaced = any(letter.isspace() for letter in gap[0]) or (before[-1].isascii() and after[0].isascii())
    return " " if spaced else ""
