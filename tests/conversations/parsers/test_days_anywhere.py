"""The same phrases at any moment in any zone: across changed clocks, leap days, the ends of months and of years."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conversations.parsers.days import day

# Whole hours forward and back, half an hour, summer time all year but a month, and none at all.
ZONES = ("America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tokyo")
ENGLISH = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
JAPANESE = "月火水木金土日"
# The hours before and after a change of the clocks, a leap day, and a year's end, in UTC.
CHANGES = ("2027-03-14T09:30", "2027-11-07T08:30", "2027-03-28T00:30", "2027-10-31T00:30", "2027-04-03T14:45")
EDGES = (*CHANGES, "2027-10-02T15:15", "2027-02-07T01:59", "2028-02-28T20:00", "2028-02-29T12:00", "2026-12-31T14:59")

instants = st.one_of(
    st.sampled_from(EDGES).map(lambda at: datetime.fromisoformat(f"{at}+00:00")),
    st.datetimes(datetime(2026, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is beside
)
moments = st.builds(lambda at, zone: at.astimezone(ZoneInfo(zone)), instants, st.sampled_from(ZONES))


@given(moments, st.integers(0, 60))
def test_days_are_counted_on_the_calendar_not_in_hours(now: datetime, ahead: int) -> None:
    expected = now.date() + timedelta(days=ahead)

    for said in (f"in {ahead} days", f"{ahead}日後"):
        found = day(said, now)
        assert found is None if ahead == 0 else found and found.date == expected


@given(moments)
def test_today_and_tomorrow_are_those_of_the_zone(now: datetime) -> None:
    for said, ahead in (("明日", 1), ("tomorrow", 1), ("明後日", 2), ("今日", 0), ("today", 0)):
        found = day(said, now)
        assert found
        assert found.date == now.date() + timedelta(days=ahead)


@given(moments, st.integers(1, 72))
def test_hours_are_elapsed_time_across_a_change_of_the_clocks(now: datetime, hours: int) -> None:
    expected = (now.astimezone(UTC) + timedelta(hours=hours)).astimezone(now.tzinfo)

    found = day(f"within {hours} hours", now)

    assert found
    assert (found.date, found.time and found.time.replace(second=0, microsecond=0)) == (
        expected.date(),
        expected.time().replace(second=0, microsecond=0),
    )


@given(moments, st.sampled_from(range(7)))
def test_next_friday_is_a_friday_within_a_fortnight(now: datetime, weekday: int) -> None:
    for said in (f"next {ENGLISH[weekday]}", f"来週の{JAPANESE[weekday]}曜日", f"次の{JAPANESE[weekday]}曜"):
        found = day(said, now)
        assert found
        readings = [each for each in (found.date, found.other) if each]
        assert [each.weekday() for each in readings] == [weekday] * len(readings)
        assert all(timedelta(0) < each - now.date() <= timedelta(days=14) for each in readings)


@given(moments, st.sampled_from(range(7)))
def test_friday_is_the_coming_one(now: datetime, weekday: int) -> None:
    for said in (ENGLISH[weekday], f"{JAPANESE[weekday]}曜"):
        found = day(said, now)
        assert found
        assert found.date.weekday() == weekday
        assert timedelta(0) < found.date - now.date() <= timedelta(days=7)


@given(moments)
def test_the_end_of_the_month_is_its_last_day(now: datetime) -> None:
    for said in ("月末", "end of month"):
        found = day(said, now)
        assert found
        assert (found.date + timedelta(days=1)).day == 1
        assert timedelta(0) <= found.date - now.date() <= timedelta(days=31)


@given(moments, st.integers(1, 12), st.integers(1, 31))
@example(datetime(2028, 3, 1, tzinfo=UTC), 2, 29)
@example(datetime(2027, 3, 1, tzinfo=UTC), 2, 29)
def test_a_written_day_is_this_years_or_next_years_or_none(now: datetime, month: int, number: int) -> None:
    expected = None
    for year in (now.year + 1, now.year):
        try:
            candidate = date(year, month, number)
        except ValueError:
            continue
        expected = candidate if candidate >= now.date() else expected

    for said in (f"{month}/{number}", f"{month}月{number}日"):
        found = day(said, now)
        assert (found.date if found else None) == expected


@pytest.mark.parametrize(
    ("now", "said", "expected"),
    [
        (datetime(2026, 12, 30, 9, tzinfo=UTC), "next Friday", date(2027, 1, 8)),
        (datetime(2026, 12, 31, 9, tzinfo=UTC), "来週金曜", date(2027, 1, 8)),
        (datetime(2026, 12, 31, 9, tzinfo=UTC), "金曜", date(2027, 1, 1)),
        (datetime(2026, 12, 31, 9, tzinfo=UTC), "来月5日", date(2027, 1, 5)),
        (datetime(2028, 2, 28, 9, tzinfo=UTC), "明日", date(2028, 2, 29)),
        (datetime(2027, 2, 28, 9, tzinfo=UTC), "明日", date(2027, 3, 1)),
        (datetime(2028, 2, 1, 9, tzinfo=UTC), "月末", date(2028, 2, 29)),
    ],
)
def test_a_year_ends_and_a_leap_day_is_a_day(now: datetime, said: str, expected: date) -> None:
    found = day(said, now)

    assert found
    assert found.date == expected
