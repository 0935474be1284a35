"""Due days mentioned in a sentence: not the Friday of a newsletter, nor what returns every week."""

import re
from collections.abc import Iterator
from datetime import datetime

from conversations.parsers.days import Day, DayFound, days_in
from conversations.parsers.mention import HIDDEN, Mention
from conversations.parsers.times import time_at

DEADLINE, STANDING, DESCRIBING = 3, 2, 1

_MARK_BEFORE = re.compile(
    r"(?:(?:締め?切り?|〆切り?|納期|期限|期日)日?(?:は|が|:|\s)*"
    r"|\b(?:(?:due|deadline)(?:\sdate)?(?:\sis|:)?\s)?(?:by|until|till|due:?|deadline:?|no\slater\sthan)\s)$"
)
_ON = re.compile(r"\bon\s$")
_MARK_AFTER = re.compile(
    r"(?:ごろ|頃)?\s?(?:(?:までに?|迄に?)(?:納品|必着|厳守)?|必着|締め?切り?|〆切り?|納品|納期|厳守|期限)(?:で(?!す)|です)?"
)
_REPEATED_BEFORE = re.compile(
    r"(?:毎|毎週|毎月|毎年|隔週|各|先|昨|前|第[0-9一二三四五]|~|〜|から|[-/・+×]|か|または"
    r"|\b(?:every|each|last|or|and|from|before|after|since|between|black|good)\s)\s?の?$"
)
_REPEATED_AFTER = re.compile(
    r"\s?(?:~|〜|-|–|から|以降|以後|ごと|おき|毎|前|より|[・/+×]|か(?!ら)|または|間|分(?!の)|\s(?:or|and|to|morning)\b|through\b)"
)
_JAPANESE_START = re.compile(r"(?:^|[\s、。,.:;!?()「」\0をはがでに])$")
_JAPANESE_END = re.compile(r"(?:[\s、。,.;:!?)」\0]|$)")
_SEGMENT_START = re.compile(r"(?:^|[,、。.:;!\n\0])\s*$")
_SEGMENT_END = re.compile(r"\s*(?:[,、。.;!?\n\0]|$)|\s(?:for|please|at|budget|with)\b")
_WORD_END = re.compile(r"(?![a-z0-9])")
_VAGUE = re.compile(r"(?:末|末日|中|内|いっぱい|一杯|後)$")
# "for 5 days" says how long, "in 5 days" says when.
_DURATION = re.compile(r"(?:[0-9]+|[a-z]+)\s(?:day|week|month)s?")
_FULL_DATE = re.compile(r"[0-9]{4}[-/.]")
_WEEKDAY_ALONE = re.compile(r"[a-z]+\.?")


def days_mentioned(folded: str, now: datetime) -> Iterator[Mention[Day]]:
    for found in days_in(folded, now):
        mention = _mention(folded, found)
        if mention:
            yield mention


def _mention(folded: str, found: DayFound) -> Mention[Day] | None:
    before = folded[: found.start]
    marked = _MARK_BEFORE.search(before) or _ON.search(before)
    start = marked.start() if marked else found.start
    if _REPEATED_BEFORE.search(folded[:start]) or _REPEATED_AFTER.match(folded, found.end):
        return None
    until = _MARK_AFTER.match(folded, found.end)
    end = until.end() if until else found.end
    if until or (_MARK_BEFORE.search(before) and _ends_word(folded, found)):
        return Mention(start, end, found.day, DEADLINE)
    phrase = folded[found.start : found.end]
    if _DURATION.fullmatch(phrase):
        return None
    hour_alone = time_at(folded, found.start)
    if hour_alone and hour_alone.end == found.end:
        return None
    if phrase.isascii():
        standing = _stands_in_english(folded, found, start)
        return Mention(start, end, found.day, STANDING) if standing else None
    return _in_japanese(folded, found)


def _in_japanese(folded: str, found: DayFound) -> Mention[Day] | None:
    if not _JAPANESE_START.search(folded[: found.start]):
        return None
    rest = folded[found.end : found.end + 2]
    if _JAPANESE_END.match(folded, found.end):
        return Mention(found.start, found.end, found.day, STANDING)
    if rest[:1] == "に" or (rest[:1] == "で" and rest != "でき"):
        return Mention(found.start, found.end + 1, found.day, STANDING)
    # 年末の大掃除 names the cleaning, 明日の引っ越し names the day.
    if rest[:1] == "の" and not _VAGUE.search(folded[found.start : found.end]):
        return Mention(found.start, found.end + 1, found.day, DESCRIBING)
    return None


def _stands_in_english(folded: str, found: DayFound, start: int) -> bool:
    """A bare Friday or 7/31 has to be a part of its own; a longer phrase only has to end one."""
    phrase = folded[found.start : found.end]
    if not _SEGMENT_END.match(folded, found.end) and not folded.startswith("に", found.end):
        return False
    short = _WEEKDAY_ALONE.fullmatch(phrase) or not (re.search("[a-z]", phrase) or _FULL_DATE.match(phrase))
    spoken = phrase in ("today", "tomorrow", "tonight") or start < found.start
    if short and not spoken:
        return _SEGMENT_START.search(folded[:start]) is not None
    return True


def _ends_word(folded: str, found: DayFound) -> bool:
    return _WORD_END.match(folded, found.end) is not None and folded[found.end - 1] != HIDDEN
