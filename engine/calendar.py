"""Days are calendar days in the marketplace's zone; banks work on business days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Tokyo")
PAYOUT_RUN = time(10, 0)  # the daily batch, market time
SATURDAY = 5
# Japanese banks rest on 31 December and the first three days of January (銀行法施行令 5条).
BANK_REST = ((12, 31), (1, 1), (1, 2), (1, 3))


def local_day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def end_of(day: date) -> datetime:
    """The first instant after this day in the market's zone, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(0), ZONE).astimezone(UTC)


def is_business_day(day: date) -> bool:
    return day.weekday() < SATURDAY and (day.month, day.day) not in BANK_REST


def business_day_from(day: date) -> date:
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def next_payout_run(now: datetime) -> datetime:
    """The next business day's batch strictly after `now`'s own day, in UTC."""
    return payout_run_of(local_day(now) + timedelta(days=1))


def first_payout_run_from(at: datetime) -> datetime:
    """The first batch at `at` or after it, in UTC."""
    today = payout_run_of(local_day(at))
    return today if today >= at else next_payout_run(at)


def payout_run_of(day: date) -> datetime:
    return datetime.combine(business_day_from(day), PAYOUT_RUN, ZONE).astimezone(UTC)
