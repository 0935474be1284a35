"""How days are said in Japanese, and dates in figures: a table of phrases and what each one means."""

import re
from datetime import date, timedelta

from conversations.parsers import dates
from conversations.parsers.dates import Moment, Reading, either, only
from conversations.parsers.numerals import count
from conversations.parsers.rule import Rule, rule

WEEKDAYS = "月火水木金土日"
N = r"(?:[0-9]{1,4}|[一二三四五六七八九十百]{1,4})"
DAY_WORDS = {"今": 0, "今日": 0, "本日": 0, "きょう": 0, "明": 1, "明日": 1, "あした": 1, "あす": 1}
DAY_WORDS |= {"明後日": 2, "あさって": 2, "明々後日": 3, "明明後日": 3, "しあさって": 3}
WEEK_WORDS = {"": 0, "今週": 0, "来週": 1, "再来週": 2, "さ来週": 2}
MONTH_WORDS = {"": 0, "今月": 0, "来月": 1, "再来月": 2, "さ来月": 2}
YEAR_WORDS = {"今年": 0, "来年": 1, "再来年": 2}
MINUTES = {"分": 1, "時間": 60, "日": 24 * 60, "週": 7 * 24 * 60}

_WEEKDAY = rf"(?P<weekday>[{WEEKDAYS}])曜日?"
_WEEK = r"(?P<week>今週|来週|再来週|さ来週)"
_MONTH = r"(?P<month>今月|来月|再来月|さ来月)"
_START = r"(?:頭|あたま|初め|はじめ|初日)"
_WITHIN = r"(?:以?内|後)"
_MONTHS = r"(?:[かヶケカヵ箇]月)"


def weekday_of(found: re.Match[str]) -> int:
    return WEEKDAYS.index(found["weekday"])


def _day_word(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(moment.ahead(DAY_WORDS[found["day"]]))


def _in_week(found: re.Match[str], moment: Moment) -> Reading | None:
    return dates.in_week(moment, WEEK_WORDS[found["week"]], weekday_of(found))


def _weekend(found: re.Match[str], moment: Moment) -> Reading | None:
    return dates.weekend(moment, WEEK_WORDS[found["week"] or ""])


def _week_end(found: re.Match[str], moment: Moment) -> Reading | None:
    return dates.week_end(moment, WEEK_WORDS[found["week"]])


def _week_start(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(moment.monday(WEEK_WORDS[found["week"] or "来週"]))


def _month_and_day(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(dates.real_date(*moment.month(MONTH_WORDS[found["month"]]), count(found["number"])))


def _month_end(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(dates.month_end(*moment.month(MONTH_WORDS[found["month"] or ""])))


def _month_start(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(date(*moment.month(MONTH_WORDS[found["month"] or "来月"]), 1))


def _numbered_weekday(found: re.Match[str], moment: Moment) -> Reading | None:
    """来月の第1月曜, the numbered weekday of a month."""
    first = date(*moment.month(MONTH_WORDS[found["month"]]), 1)
    week = count(found["number"]) - 1
    day = first + timedelta(days=(weekday_of(found) - first.weekday()) % 7 + 7 * week)
    return only(day if week >= 0 and day.month == first.month else None)


def _calendar_day(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(dates.next_month_day(moment, count(found["m"]), count(found["d"])))


def _named_month_end(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(dates.next_month_end(moment, count(found["m"])))


def _named_month_start(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(dates.next_month_day(moment, count(found["m"]), 1))


def _full_date(found: re.Match[str], _: Moment) -> Reading | None:
    return only(dates.real_date(int(found["y"]), count(found["m"]), count(found["d"])))


def _era_date(found: re.Match[str], _: Moment) -> Reading | None:
    return only(dates.real_date(2018 + count(found["y"]), count(found["m"]), count(found["d"])))


def _year_word_date(found: re.Match[str], moment: Moment) -> Reading | None:
    year = moment.today.year + YEAR_WORDS[found["year"]]
    return only(dates.real_date(year, count(found["m"]), count(found["d"])))


def _day_number(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(dates.next_day_number(moment, count(found["number"])))


def _days_ahead(found: re.Match[str], moment: Moment) -> Reading | None:
    days = count(found["number"]) * (7 if found["unit"] == "週" else 1)
    return only(moment.ahead(days) if days else None)


def _months_ahead(found: re.Match[str], moment: Moment) -> Reading | None:
    return only(dates.months_ahead(moment, count(found["number"])))


def _time_ahead(found: re.Match[str], moment: Moment) -> Reading | None:
    unit = MINUTES[found["unit"]]
    end = moment.hence(count(found["number"]) * unit + (unit // 2 if found["half"] else 0))
    return Reading(end.date(), None, end.time().replace(second=0, microsecond=0)) if end else None


def _year_end(_: re.Match[str], moment: Moment) -> Reading | None:
    return only(date(moment.today.year, 12, 31))


def _weekday(found: re.Match[str], moment: Moment) -> Reading | None:
    return dates.coming(moment, weekday_of(found))


def _nearest_weekday(found: re.Match[str], moment: Moment) -> Reading | None:
    return dates.nearest_weekday(moment, weekday_of(found))


def _both_weekend_days(_: re.Match[str], moment: Moment) -> Reading | None:
    return dates.weekend(moment, 0)


def _today_next_week(_: re.Match[str], moment: Moment) -> Reading | None:
    return either(moment.ahead(7), None)


RULES: tuple[Rule, ...] = (
    rule(
        r"(?P<day>今日|本日|きょう|明日|あした|あす|明後日|あさって|明[々明]後日|しあさって)(?:中|いっぱい)?", _day_word
    ),
    rule(r"(?P<day>今)(?=[夜晩])", _day_word),
    rule(r"(?P<day>明)(?=[朝晩])", _day_word),
    rule(rf"{_WEEK}の?\s?{_WEEKDAY}", _in_week),
    rule(rf"{_WEEK}の?末", _weekend),
    rule(r"(?P<week>)週末", _weekend),
    rule(rf"{_WEEK}(?:中|いっぱい|一杯)", _week_end),
    rule(rf"{_WEEK}の?{_START}", _week_start),
    rule(r"(?P<week>)週明け", _week_start),
    rule(r"来週の今日", _today_next_week),
    rule(rf"(?:次|今度)の?\s?{_WEEKDAY}", _nearest_weekday),
    rule(rf"{_WEEKDAY}(?:中|いっぱい)?", _weekday),
    rule(r"土日", _both_weekend_days),
    rule(rf"{_MONTH}の?\s?(?P<number>{N})日", _month_and_day),
    rule(rf"{_MONTH}の?(?:末日?|中|いっぱい|一杯)", _month_end),
    rule(r"(?P<month>)月末", _month_end),
    rule(rf"{_MONTH}の?{_START}", _month_start),
    rule(r"(?P<month>)月(?:頭|初め?)", _month_start),
    rule(rf"{_MONTH}の?第(?P<number>{N}){_WEEKDAY}", _numbered_weekday),
    rule(rf"(?P<m>{N})月\s?の?(?P<d>{N})日", _calendar_day),
    rule(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})(?![0-9/])", _calendar_day),
    rule(rf"(?P<m>{N})月の?(?:末日?|中|いっぱい|一杯)", _named_month_end),
    rule(rf"(?P<m>{N})月の?{_START}", _named_month_start),
    rule(r"(?P<y>[0-9]{4})(?P<dash>[-/.])(?P<m>[0-9]{1,2})(?P=dash)(?P<d>[0-9]{1,2})(?![0-9])", _full_date),
    rule(rf"(?P<y>[0-9]{{4}})年\s?(?P<m>{N})月\s?(?P<d>{N})日", _full_date),
    rule(rf"令和(?P<y>{N})年\s?(?P<m>{N})月\s?(?P<d>{N})日", _era_date),
    rule(rf"(?P<year>今年|来年|再来年)の?\s?(?P<m>{N})(?:月|/)(?P<d>{N})日?", _year_word_date),
    # 3日で is "in three days" to some and "on the third" to others.
    rule(rf"(?P<number>{N})日(?!で(?!す))", _day_number),
    rule(rf"(?P<number>{N})(?P<unit>日){_WITHIN}", _days_ahead),
    rule(rf"(?P<number>{N})(?P<unit>週)間?{_WITHIN}", _days_ahead),
    rule(rf"(?P<number>{N})(?P<unit>週)間で", _days_ahead),
    rule(rf"(?:あと|残り)\s?(?P<number>{N})(?P<unit>日|週)間?", _days_ahead),
    rule(rf"(?P<number>{N}){_MONTHS}(?:間?{_WITHIN}|で)", _months_ahead),
    rule(rf"半年{_WITHIN}", lambda _, moment: only(dates.months_ahead(moment, 6))),
    rule(rf"(?P<number>{N})(?P<unit>時間|分)(?P<half>半)?{_WITHIN}", _time_ahead),
    rule(rf"(?:あと|残り)\s?(?P<number>{N})(?P<unit>時間|分)(?P<half>半)?", _time_ahead),
    rule(r"年末|年内|今年中|今年いっぱい|大晦日|大みそか", _year_end),
)
