"""Days as people type them in chat; what is not wholly understood, is over or returns every week is no day."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as calendar_date
from datetime import datetime, timedelta
from datetime import time as clock_time

from conversations.parsers import english_days, japanese_days
from conversations.parsers.dates import Moment, Reading
from conversations.parsers.rule import Meaning
from conversations.parsers.text import ASCII_DIGITS, fold
from conversations.parsers.times import TimeFound, time_at

LENGTH_MAX = 60
RULES = japanese_days.RULES + english_days.RULES

_BEFORE = re.compile(
    r"(?:(?:締め?切り?|〆切り?|納期|期限|期日|納品|希望日|日程)日?(?:は|が|を|:|\s)*)?"
    r"(?:(?:due|deadline|delivery)(?:\sdate)?(?:\sis|:)?\s)?(?:(?:by|until|till|on|at|no\slater\sthan)\s)?"
)
_AFTER = re.compile(
    r"\s?(?:ごろ|頃)?(?:までに?|迄に?|に|で|必着|締め?切り?|〆切り?|納品|納期|厳守|希望)*"
    r"(?:です|お願いします|お願い|いいです|がいいです)?(?:\s(?:please|at\sthe\slatest|latest))?[。.!]?"
)
_BEFORE_TIME = re.compile(r"(?:\s?の\s?|,\s?|\s)?(?:(?:at|by|in\sthe)\s|@\s?)?")
_AFTER_TIME = re.compile(r"(?:\s|,\s?)(?:on\s)?")
_WEEKDAY_TAG = re.compile(
    rf"\s?(?:\((?P<ja>[{japanese_days.WEEKDAYS}])(?:曜日?)?(?:・祝)?\)|(?P<ja_word>[{japanese_days.WEEKDAYS}])曜日?"
    rf"|,?\s?\(?(?P<en>{'|'.join(english_days.WEEKDAYS)})\b\)?)"
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, perhaps an hour of it; other is the second reading of a phrase that has two."""

    date: calendar_date
    time: clock_time | None
    other: calendar_date | None


@dataclass(frozen=True, slots=True)
class DayFound:
    """Where a phrase stands in folded text; without a day if it names none that can come."""

    start: int
    end: int
    day: Day | None


def day(text: str, now: datetime) -> Day | None:
    said = " ".join(fold(text).text.split())
    before = _BEFORE.match(said)
    if len(said) > LENGTH_MAX or before is None:
        return None
    found = day_at(said, before.end(), now)
    return found.day if found and _AFTER.fullmatch(said, found.end) else None


def days_in(folded: str, now: datetime) -> Iterator[DayFound]:
    """Every phrase in a longer text, from the left, the longest at each place."""
    at = 0
    while at < len(folded):
        found = day_at(folded, at, now) if _may_begin(folded, at) else None
        if found:
            yield found
        at = found.end if found else at + 1


def day_at(folded: str, start: int, now: datetime) -> DayFound | None:
    found = [reading for rule in RULES if (reading := _dated(rule.phrase.match(folded, start), rule.meaning, now))]
    hour = time_at(folded, start)
    if hour and hour.time:
        found.append(_timed(folded, start, hour, now))
    return max(found, key=lambda each: each.end) if found else None


def _dated(found: re.Match[str] | None, meaning: Meaning, now: datetime) -> DayFound | None:
    if found is None or found.end() == found.start():
        return None
    tag = _WEEKDAY_TAG.match(found.string, found.end())
    end = tag.end() if tag else found.end()
    hour = _hour_after(found.string, end)
    read = meaning(found, Moment(now, hour.time if hour and not hour.next_day else None))
    if hour:
        end = hour.end
    if read is None or (tag and _weekday_of(tag) != read.day.weekday()) or (hour and (not hour.clear or read.time)):
        return DayFound(found.start(), end, None)
    return DayFound(found.start(), end, _coming_day(read, hour, now))


def _timed(folded: str, start: int, hour: TimeFound, now: datetime) -> DayFound:
    """An hour before its day, as in "6pm tomorrow", or alone: today's, or tomorrow's once it is over."""
    between = _AFTER_TIME.match(folded, hour.end)
    moment = Moment(now, None if hour.next_day else hour.time)
    for rule in english_days.RULES if between else ():
        found = rule.phrase.match(folded, between.end()) if between else None
        read = rule.meaning(found, moment) if found else None
        if found and read and read.time is None and not _hour_after(folded, found.end()):
            return DayFound(start, found.end(), _coming_day(read, hour, now))
    today = Reading(now.date() + timedelta(days=moment.is_past(now.date())), None, None)
    return DayFound(start, hour.end, _coming_day(today, hour, now))


def _hour_after(folded: str, end: int) -> TimeFound | None:
    between = _BEFORE_TIME.match(folded, end)
    return time_at(folded, between.end()) if between else None


def _coming_day(read: Reading, hour: TimeFound | None, now: datetime) -> Day | None:
    """The first reading that is not over; the second one only if it is not over either."""
    at = hour.time if hour else read.time
    moment = Moment(now, None if hour and hour.next_day else at)
    left = [each for each in (read.day, read.other) if each and not moment.is_past(each)]
    if hour and hour.next_day:
        left = [each + timedelta(days=1) for each in left]
    return Day(left[0], at, left[1] if len(left) > 1 else None) if left else None


def _weekday_of(tag: re.Match[str]) -> int:
    if tag["en"]:
        return english_days.WEEKDAYS.index(tag["en"])
    return japanese_days.WEEKDAYS.index(tag["ja"] or tag["ja_word"])


def _may_begin(folded: str, at: int) -> bool:
    """Not in the middle of a word or a number."""
    before, letter = folded[at - 1] if at else " ", folded[at]
    if letter.isascii() and letter.isalnum():
        in_number = before in "/.,:-" and at > 1 and folded[at - 2] in ASCII_DIGITS
        return not in_number and not (before.isascii() and before.isalnum()) and before not in "¥_"
    return not letter.isspace()
