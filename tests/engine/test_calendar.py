"""Days are the market's, whatever zone the machine or a person is in: gaps, folds, leap days and the ends of years."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import calendar

# T4: a whole hour forward and back, half an hour, a month in summer time, and none.
ZONES = ("America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tokyo")
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is beside
DAYS = st.dates(date(2026, 1, 1), date(2040, 12, 31))


@given(INSTANTS, st.sampled_from(ZONES))
def test_the_markets_day_is_the_same_whoever_asks(at: datetime, zone: str) -> None:
    there = at.astimezone(ZoneInfo(zone))

    assert calendar.local_day(there) == calendar.local_day(at)
    assert calendar.next_payout_run(there) == calendar.next_payout_run(at)


@given(INSTANTS)
def test_a_day_ends_where_the_next_begins(at: datetime) -> None:
    day = calendar.local_day(at)

    assert calendar.end_of(day - timedelta(days=1)) <= at < calendar.end_of(day)
    assert calendar.end_of(day).tzinfo is UTC


@given(INSTANTS)
def test_the_batch_is_the_first_business_day_after_today_at_ten(at: datetime) -> None:
    run = calendar.next_payout_run(at)

    local = run.astimezone(calendar.ZONE)
    assert (local.time(), run.tzinfo) == (time(10), UTC)
    passed = [
        calendar.local_day(at) + timedelta(days=n) for n in range(1, (local.date() - calendar.local_day(at)).days)
    ]
    assert calendar.is_business_day(local.date())
    assert not any(map(calendar.is_business_day, passed))
    assert len(passed) <= 6


@pytest.mark.parametrize(
    ("at", "run"),
    [
        ("2030-12-03T00:59:59", "2030-12-03T01:00"),  # Tuesday, a second before ten in Tokyo
        ("2030-12-03T01:00:00", "2030-12-03T01:00"),
        ("2030-12-03T01:00:01", "2030-12-04T01:00"),
        ("2030-12-06T01:00:01", "2030-12-09T01:00"),  # Friday, after ten
    ],
)
def test_the_first_batch_from_a_moment_on_may_be_that_very_moment(at: str, run: str) -> None:
    found = calendar.first_payout_run_from(datetime.fromisoformat(f"{at}+00:00"))

    assert found == datetime.fromisoformat(f"{run}+00:00")
    assert found.tzinfo is UTC


@given(DAYS)
def test_a_business_day_is_the_first_from_the_day_on(day: date) -> None:
    found = calendar.business_day_from(day)

    assert calendar.is_business_day(found)
    assert not any(calendar.is_business_day(day + timedelta(days=n)) for n in range((found - day).days))


@pytest.mark.parametrize(
    ("day", "business"),
    [
        (date(2028, 2, 29), True),  # a Tuesday
        (date(2030, 12, 31), False),
        (date(2031, 1, 3), False),
        (date(2031, 1, 6), True),
        (date(2030, 12, 14), False),  # a Saturday
        (date(2030, 12, 15), False),
        (date(2030, 12, 16), True),
    ],
)
def test_banks_rest_on_weekends_and_at_the_new_year(day: date, business: bool) -> None:
    assert calendar.is_business_day(day) is business


@pytest.mark.parametrize(
    ("day", "instant"), [(date(2028, 2, 28), "2028-02-28T15:00"), (date(2030, 12, 31), "2030-12-31T15:00")]
)
def test_a_day_ends_at_midnight_in_tokyo(day: date, instant: str) -> None:
    assert calendar.end_of(day) == datetime.fromisoformat(f"{instant}+00:00")
