"""Times of day as typed after or before a day."""

import re
from dataclasses import dataclass
from datetime import time

# A bare 3時 or 3:00 is as often the afternoon as the night, so only these hours stand without a word beside them.
CLEAR_HOURS = range(9, 25)
# The hours a word goes with: as they are written, and counted from noon.
# 午後12時 and 夜0時 are left out, for they mean noon to some and midnight to others.
HALVES: dict[str, tuple[range, range]] = {
    "午前": (range(12), range(0)),
    "朝": (range(4, 12), range(0)),
    "昼": (range(11, 13), range(1, 4)),
    "午後": (range(13, 24), range(12)),
    "夕方": (range(15, 20), range(3, 8)),
    "夜": (range(17, 25), range(6, 12)),
    "晩": (range(17, 25), range(6, 12)),
}

_JAPANESE = (
    r"(?:(?P<half>午前|午後|朝|昼|夕方|夜|晩)\s?の?\s?)?"
    r"(?P<hour>[0-9]{1,2})(?:時(?:(?P<minute>[0-9]{1,2})分|(?P<past>半))?|:(?P<colon>[0-9]{2}))(?![0-9:時分])"
)
_ENGLISH = r"(?P<en_hour>[0-9]{1,2})(?::(?P<en_minute>[0-9]{2}))?\s?(?P<en_half>[ap])\.?m\b\.?"
_TIME = re.compile(
    rf"(?:{_ENGLISH}|{_JAPANESE}|(?P<noon>正午|(?:12\s)?\bnoon\b)|(?P<vague>夜|晩|evening\b|night\b)"
    r"|(?P<unclear>朝|昼|夕方|午前|午後|深夜|未明|midnight\b|morning\b|afternoon\b))"
)


@dataclass(frozen=True, slots=True)
class TimeFound:
    """A time of day in the text; none for a mere evening. The day is over when it is 24 o'clock."""

    end: int
    time: time | None
    next_day: bool
    clear: bool


def time_at(text: str, start: int) -> TimeFound | None:
    found = _TIME.match(text, start)
    if found is None:
        return None
    if found["noon"]:
        return TimeFound(found.end(), time(12), next_day=False, clear=True)
    if found["vague"]:
        return TimeFound(found.end(), None, next_day=False, clear=True)
    hour, minute = _hour(found), _minute(found)
    if hour is None or minute > 59 or (hour == 24 and minute > 0):
        return TimeFound(found.end(), None, next_day=False, clear=False)
    return TimeFound(found.end(), time(hour % 24, minute), next_day=hour == 24, clear=True)


def _minute(found: re.Match[str]) -> int:
    return 30 if found["past"] else int(found["minute"] or found["colon"] or found["en_minute"] or 0)


def _hour(found: re.Match[str]) -> int | None:
    if found["unclear"]:
        return None
    if found["en_hour"]:
        hour = int(found["en_hour"])
        return hour % 12 + (12 if found["en_half"] == "p" else 0) if 1 <= hour <= 12 else None
    hour = int(found["hour"])
    if found["half"]:
        return _hour_of_half(found["half"], hour)
    written_for_machines = found["colon"] and found["hour"].startswith("0")
    return hour if hour in CLEAR_HOURS or hour == 0 or written_for_machines else None


def _hour_of_half(half: str, hour: int) -> int | None:
    as_written, after_noon = HALVES[half]
    if hour in as_written:
        return hour
    return hour + 12 if hour in after_noon else None
