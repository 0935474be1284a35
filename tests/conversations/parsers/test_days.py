"""The phrases of the design's own table, and how the present moment bends a reading."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.parsers.days import Day, day

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 7, 15, 10, 0, tzinfo=TOKYO)  # a Wednesday


def on(month: int, number: int, at: time | None = None, other: date | None = None, year: int = 2026) -> Day:
    return Day(date(year, month, number), at, other)


DESIGN: list[tuple[str, Day]] = [
    ("来週金曜まで", on(7, 24)),
    ("明日18時", on(7, 16, time(18))),
    ("今週末", on(7, 18, None, date(2026, 7, 19))),
    ("7/31まで", on(7, 31)),
    ("7月末", on(7, 31)),
    ("月末", on(7, 31)),
    ("月末まで", on(7, 31)),
    ("来月5日", on(8, 5)),
    ("3日以内", on(7, 18)),
    ("明後日の正午", on(7, 17, time(12))),
    ("金曜の夜8時", on(7, 17, time(20))),
    ("午後3時半", on(7, 15, time(15, 30))),
    ("再来週の月曜", on(7, 27)),
    ("今月25日", on(7, 25)),
    ("20日", on(7, 20)),
    ("来月頭", on(8, 1)),
    ("24時間以内", on(7, 16, time(10))),
    ("1時間後", on(7, 15, time(11))),
    ("あと2日", on(7, 17)),
    ("来週の火曜日の14:00", on(7, 21, time(14))),
    ("2026-12-05", on(12, 5)),
    ("12月5日", on(12, 5)),
    ("by next Friday", on(7, 24, None, date(2026, 7, 17))),
    ("end of month", on(7, 31)),
    ("31 July", on(7, 31)),
    ("within 48 hours", on(7, 17, time(10))),
    ("tomorrow 6pm", on(7, 16, time(18))),
    ("in 3 days", on(7, 18)),
    ("Friday", on(7, 17)),
    ("Dec 5", on(12, 5)),
]


@pytest.mark.parametrize(("said", "expected"), DESIGN)
def test_day_reads_design_phrase(said: str, expected: Day) -> None:
    assert day(said, NOW) == expected


@pytest.mark.parametrize(
    ("said", "now", "expected"),
    [
        # Said on the day itself a weekday may be today or in a week.
        ("水曜", NOW, on(7, 22, None, date(2026, 7, 15))),
        # Past today's hour only the later one is left.
        ("水曜9時", NOW, on(7, 22, time(9))),
        # On a Sunday people disagree on whether the week has begun.
        ("来週金曜", datetime(2026, 7, 19, 10, tzinfo=TOKYO), on(7, 24, None, date(2026, 7, 31))),
        ("next Friday", datetime(2026, 7, 19, 10, tzinfo=TOKYO), on(7, 24, None, date(2026, 7, 31))),
        ("来週の日曜", NOW, on(7, 26, None, date(2026, 7, 19))),
        ("今週中", NOW, on(7, 17, None, date(2026, 7, 19))),
        ("今週中", datetime(2026, 7, 18, 10, tzinfo=TOKYO), on(7, 19)),
        ("今週末", datetime(2026, 7, 19, 10, tzinfo=TOKYO), on(7, 19)),
        ("月末", datetime(2026, 7, 31, 10, tzinfo=TOKYO), on(7, 31)),
        ("7月末", datetime(2026, 8, 1, 10, tzinfo=TOKYO), on(7, 31, year=2027)),
        ("来月5日", datetime(2026, 12, 20, 10, tzinfo=TOKYO), on(1, 5, year=2027)),
        ("1ヶ月後", datetime(2026, 1, 31, 10, tzinfo=TOKYO), on(2, 28)),
        ("1時間後", datetime(2026, 12, 31, 23, 30, tzinfo=TOKYO), on(1, 1, time(0, 30), year=2027)),
        ("9時", NOW, on(7, 16, time(9))),
        ("15日", NOW, on(7, 15)),
        ("7/15", NOW, on(7, 15)),
        ("2/29", NOW, None),
        ("2/29", datetime(2027, 7, 15, 10, tzinfo=TOKYO), on(2, 29, year=2028)),
        ("31日", datetime(2026, 6, 15, 10, tzinfo=TOKYO), None),
    ],
)
def test_day_depends_on_now(said: str, now: datetime, expected: Day | None) -> None:
    assert day(said, now) == expected


@given(st.integers(0, 364))
def test_day_reads_back_every_written_date(ahead: int) -> None:
    wanted = date.fromordinal(NOW.date().toordinal() + ahead)
    written = (
        wanted.isoformat(),
        f"{wanted.year}年{wanted.month}月{wanted.day}日",
        f"{wanted.month}/{wanted.day}",
        f"{wanted.month}月{wanted.day}日({'月火水木金土日'[wanted.weekday()]})まで",
        f"by {wanted:%B} {wanted.day}",
        f"{wanted:%a, %b} {wanted.day}",
    )

    read = {day(said, NOW) for said in written}

    assert read == {Day(wanted, None, None)}


@given(st.text(alphabet="0123456789年月日時分週末来今再明後前半:/-〜まで中内曜金土の午夜 apmfriby", max_size=14))
def test_day_is_never_in_the_past(said: str) -> None:
    read = day(said, NOW)

    assert read is None or (datetime.combine(read.date, read.time or time.max, TOKYO) >= NOW)
