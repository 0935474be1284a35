"""Steps on the calendar, seen from one moment."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6
# Beyond this nobody dates a job; it also keeps the arithmetic inside the calendar.
AHEAD_DAYS_MAX = 800


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phrase says about the day, before the time of day is added; other is its second reading."""

    day: date
    other: date | None
    time: time | None


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, and the time of day said with the phrase, by which "today" may be over."""

    now: datetime
    said: time | None

    @property
    def today(self) -> date:
        return self.now.date()

    def is_past(self, day: date) -> bool:
        if day != self.today or self.said is None:
            return day < self.today
        return self.said < self.now.time()

    def ahead(self, days: int) -> date | None:
        return self.today + timedelta(days=days) if 0 <= days <= AHEAD_DAYS_MAX else None

    def hence(self, minutes: int) -> datetime | None:
        """Elapsed time, right also across a change of the clocks."""
        if not 0 < minutes <= AHEAD_DAYS_MAX * 24 * 60:
            return None
        return (self.now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(self.now.tzinfo)

    def month(self, months: int) -> tuple[int, int]:
        """Year and month so many months on."""
        years, month = divmod(self.today.month - 1 + months, 12)
        return self.today.year + years, month + 1

    def monday(self, weeks: int) -> date:
        return self.today + timedelta(days=7 * weeks - self.today.weekday())


def only(day: date | None) -> Reading | None:
    return Reading(day, None, None) if day else None


def either(day: date | None, other: date | None) -> Reading | None:
    return Reading(day, other if other != day else None, None) if day else None


def real_date(year: int, month: int, day: int) -> date | None:
    if not (1 <= year <= 9998 and 1 <= month <= 12 and 1 <= day <= last_day(year, month)):
        return None
    return date(year, month, day)


def last_day(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def month_end(year: int, month: int) -> date:
    return date(year, month, last_day(year, month))


def next_month_day(moment: Moment, month: int, day: int) -> date | None:
    """7/31: this year's, or next year's once it is over."""
    this_year = real_date(moment.today.year, month, day)
    if this_year and not moment.is_past(this_year):
        return this_year
    return real_date(moment.today.year + 1, month, day)


def next_day_number(moment: Moment, day: int) -> date | None:
    """20日: this month's, or next month's once it is over; 31日 in June is a slip, not the first of July."""
    this_month = real_date(moment.today.year, moment.today.month, day)
    if this_month and moment.is_past(this_month):
        return real_date(*moment.month(1), day)
    return this_month


def next_month_end(moment: Moment, month: int) -> date | None:
    if not 1 <= month <= 12:
        return None
    this_year = month_end(moment.today.year, month)
    return month_end(moment.today.year + 1, month) if moment.is_past(this_year) else this_year


def months_ahead(moment: Moment, months: int) -> date | None:
    if not 0 < months <= AHEAD_DAYS_MAX // 31:
        return None
    year, month = moment.month(months)
    return date(year, month, min(moment.today.day, last_day(year, month)))


def coming(moment: Moment, weekday: int) -> Reading | None:
    """Friday: the next one; said on a Friday it may be today as well."""
    days = (weekday - moment.today.weekday()) % 7
    if days > 0:
        return only(moment.ahead(days))
    return either(moment.ahead(7), None if moment.is_past(moment.today) else moment.today)


def in_week(moment: Moment, weeks: int, weekday: int) -> Reading | None:
    """来週金曜: weeks begin on Monday; where a week that begins on Sunday differs, that is the other reading."""
    day = moment.monday(weeks) + timedelta(days=weekday)
    shift = 7 if moment.today.weekday() == SUNDAY else 0
    other = day + timedelta(days=shift - (7 if weekday == SUNDAY else 0))
    return either(day, other)


def next_weekday(moment: Moment, weekday: int) -> Reading | None:
    """next Friday: next week's to some, the nearest to others."""
    day = moment.monday(1) + timedelta(days=weekday)
    nearest = moment.today + timedelta(days=(weekday - moment.today.weekday() - 1) % 7 + 1)
    return either(day, nearest if nearest != day else _a_week_on(moment, day))


def nearest_weekday(moment: Moment, weekday: int) -> Reading | None:
    """次の金曜: the nearest to most, next week's to some."""
    nearest = moment.today + timedelta(days=(weekday - moment.today.weekday() - 1) % 7 + 1)
    return either(nearest, moment.monday(1) + timedelta(days=weekday))


def week_end(moment: Moment, weeks: int) -> Reading | None:
    """今週中: Friday to those who work, Sunday to the calendar."""
    friday, sunday = moment.monday(weeks) + timedelta(days=FRIDAY), moment.monday(weeks) + timedelta(days=SUNDAY)
    return either(sunday if moment.is_past(friday) else friday, sunday)


def weekend(moment: Moment, weeks: int) -> Reading | None:
    saturday, sunday = moment.monday(weeks) + timedelta(days=SATURDAY), moment.monday(weeks) + timedelta(days=SUNDAY)
    return either(sunday if moment.is_past(saturday) else saturday, sunday)


def _a_week_on(moment: Moment, day: date) -> date | None:
    """Said on a Sunday, where the week may already have begun; on other days next Monday is next Monday."""
    return day + timedelta(days=7) if moment.today.weekday() == SUNDAY else None
