"""How days are said in English: a table of phrases and what each one means."""

import re
from datetime import date, timedelta

from conversations.parsers import dates
from conversations.parsers.dates import Moment, Reading, either, only
from conversations.parsers.rule import Rule, rule

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MINUTES = {"m": 1, "h": 60}

W = (
    r"(?P<weekday>mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs?|rsday)?"
    r"|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b\.?"
)
M = (
    r"(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
D = r"(?P<d>[0-9]{1,2})"
DTH = rf"{D}(?:st|nd|rd|th)\b"
N = rf"(?P<number>[0-9]{{1,4}}|an?|{'|'.join(NUMBERS)})"
_YEAR = r"(?:,?\s(?P<y>2[0-9]{3})\b)?"
_END = r"(?:the\s)?end\sof\s"
_START = r"(?:the\s)?(?:start|beginning)\sof\s"
_SHORT = r"(?P<unit>h(?:rs?|ours?)?|m(?:ins?|inutes?))\b"
_LONG = r"(?P<unit>day|week|month)s?\b"
_WITHIN = r"(?:in|within)\s(?:the\snext\s)?"


def weekday_of(found: re.Match[str]) -> int:
    return WEEKDAYS.index(found["weekday"][:3])


def _number(found: re.Match[str]) -> int:
    text = found["number"]
    if text.isdigit():
        return int(text)
    return 1 if text in ("a", "an") else NUMBERS.index(text) + 1


def _days(days: int) -> Rule:
    words = {
        0: r"(?:today|eod|end\sof\s(?:the\s)?day)\b|(?:to|this\s)(?=night\b|evening\b)",
        1: r"(?:tomorrow|tmrw?)\b",
        2: r"(?:the\s)?day\safter\stomorrow\b",
    }
    return rule(words[days], lambda _, moment: only(moment.ahead(days)))


def _month_day(found: re.Match[str], moment: Moment) -> Reading | None:
    """With the weekday beside it, both have to agree."""
    month, day = MONTHS.index(found["m"][:3]) + 1, int(found["d"])
    year = found["y"]
    return _agreed(found, dates.real_date(int(year), month, day) if year else dates.next_month_day(moment, month, day))


def _day_number(found: re.Match[str], moment: Moment) -> Reading | None:
    return _agreed(found, dates.next_day_number(moment, int(found["d"])))


def _agreed(found: re.Match[str], read: date | None) -> Reading | None:
    if read and found["weekday"] and read.weekday() != weekday_of(found):
        return None
    return only(read)


def _day_of_month(months: int, found: re.Match[str], moment: Moment) -> Reading | None:
    return only(dates.real_date(*moment.month(months), int(found["d"])))


def _time_ahead(found: re.Match[str], moment: Moment) -> Reading | None:
    end = moment.hence(_number(found) * MINUTES[found["unit"][0]])
    return Reading(end.date(), None, end.time().replace(second=0, microsecond=0)) if end else None


def _ahead(found: re.Match[str], moment: Moment) -> Reading | None:
    if found["unit"] == "month":
        return only(dates.months_ahead(moment, _number(found)))
    days = _number(found) * (7 if found["unit"] == "week" else 1)
    return only(moment.ahead(days) if days else None)


def _week_from(found: re.Match[str], moment: Moment) -> Reading | None:
    read = dates.coming(moment, weekday_of(found))
    if read is None:
        return None
    week = timedelta(days=7)
    return either(read.day + week, read.other + week if read.other else None)


def _next_weekend(_: re.Match[str], moment: Moment) -> Reading | None:
    return either(moment.monday(1) + timedelta(days=dates.SATURDAY), moment.monday(0) + timedelta(days=dates.SATURDAY))


def _named_month_end(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(dates.next_month_end(moment, MONTHS.index(found["m"][:3]) + 1))


def _named_month_start(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(dates.next_month_day(moment, MONTHS.index(found["m"][:3]) + 1, 1))


RULES: tuple[Rule, ...] = (
    _days(0),
    _days(1),
    _days(2),
    rule(rf"next\s{W}", lambda found, moment: dates.next_weekday(moment, weekday_of(found))),
    rule(rf"(?:(?:this\s)?coming\s|this\s)?{W}", lambda found, moment: dates.coming(moment, weekday_of(found))),
    rule(rf"{W}\s(?:of\s)?this\sweek\b", lambda found, moment: dates.in_week(moment, 0, weekday_of(found))),
    rule(rf"{W}\s(?:of\s)?next\sweek\b", lambda found, moment: dates.in_week(moment, 1, weekday_of(found))),
    rule(rf"next\sweek\s(?:on\s)?{W}", lambda found, moment: dates.in_week(moment, 1, weekday_of(found))),
    rule(rf"(?:a|one)\sweek\sfrom\s{W}", _week_from),
    rule(r"(?:this\s|the\s)?weekend\b", lambda _, moment: dates.weekend(moment, 0)),
    rule(r"next\sweekend\b", _next_weekend),
    rule(
        rf"{_END}(?:the\s|this\s)?week\b|eow\b|(?:within\s)?this\sweek\b", lambda _, moment: dates.week_end(moment, 0)
    ),
    rule(rf"{_END}next\sweek\b", lambda _, moment: dates.week_end(moment, 1)),
    rule(rf"{_START}next\sweek\b", lambda _, moment: only(moment.monday(1))),
    rule(
        rf"{_END}(?:the\s|this\s)?month\b|(?:the\s)?month[\s-]end\b|eom\b|(?:within\s)?this\smonth\b",
        lambda _, moment: only(dates.month_end(*moment.month(0))),
    ),
    rule(rf"{_END}next\smonth\b", lambda _, moment: only(dates.month_end(*moment.month(1)))),
    rule(rf"{_START}next\smonth\b", lambda _, moment: only(date(*moment.month(1), 1))),
    rule(rf"{_END}{M}", _named_month_end),
    rule(rf"{_START}{M}", _named_month_start),
    rule(
        rf"{_END}(?:the\s|this\s)?year\b|(?:the\s)?year[\s-]end\b|eoy\b",
        lambda _, moment: only(date(moment.today.year, 12, 31)),
    ),
    rule(rf"{_WITHIN}{N}\s?{_SHORT}", _time_ahead),
    rule(rf"{N}\s?{_SHORT}\sfrom\snow\b", _time_ahead),
    rule(rf"(?:{_WITHIN})?{N}\s{_LONG}(?:\sfrom\s(?:now|today)\b)?", _ahead),
    rule(rf"(?:{W},?\s)?(?:the\s)?{D}(?:st|nd|rd|th)?\s(?:of\s)?{M}{_YEAR}", _month_day),
    rule(rf"(?:{W},?\s)?{M}\s(?:the\s)?{D}(?:st|nd|rd|th)?(?![0-9:])\b{_YEAR}", _month_day),
    rule(rf"(?:{W},?\s)?(?:the\s)?{DTH}", _day_number),
    rule(rf"(?:the\s)?{DTH}\sof\sthis\smonth\b", lambda found, moment: _day_of_month(0, found, moment)),
    rule(rf"(?:the\s)?{DTH}\sof\snext\smonth\b", lambda found, moment: _day_of_month(1, found, moment)),
    rule(rf"next\smonth\s(?:on\s)?(?:the\s)?{DTH}", lambda found, moment: _day_of_month(1, found, moment)),
)
