"""Security events: what was refused, counted by reason, door, person and minute. No words, nobody's id of outside."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from conversations.queries import Refusal
from engine import limits
from engine.ports import NOBODY
from engine.users import Address
from storage.prepared import Prepared
from storage.tables import security_events

# The reason under which is noted that operators were told: in place of the door what of, and how often it was by then.
ALARM = "alarm"
SHOWN = 20
PEOPLE_SHOWN = 3
LOOKED_AT = 1_000  # kinds of events by as many people: what goes beyond is a flood that the first of them tell of


@dataclass(frozen=True, order=True)
class Noted:
    """`reason` is a code of ours and `place` a name of ours: nobody outside can make a new one."""

    reason: str
    place: str
    user_id: int = NOBODY


KEY = ("minute", "reason", "place", "user_id")
SQLITE = sqlite.insert(security_events)
POSTGRESQL = postgresql.insert(security_events)
COUNT = {
    dialect: Prepared(
        insert.on_conflict_do_update(
            index_elements=KEY, set_={"times": security_events.c.times + insert.excluded.times}
        ).returning(security_events.c.times),
        (*KEY, "times"),
    )
    for dialect, insert in (("sqlite", SQLITE), ("postgresql", POSTGRESQL))
}

ALARMED = {
    dialect: Prepared(
        insert.on_conflict_do_nothing(index_elements=KEY).returning(security_events.c.times), (*KEY, "times")
    )
    for dialect, insert in (("sqlite", SQLITE), ("postgresql", POSTGRESQL))
}


def count(connection: Connection, noted: Mapping[Noted, int], now: datetime) -> int:
    """Many alike are one row a minute. How often the last of them was counted in this minute by now."""
    minute = now.replace(second=0, microsecond=0)
    times = 0
    # In one order everywhere: two who count the same wait for one another, and never in a ring.
    for each in sorted(noted):
        values = {**vars(each), "minute": minute, "times": noted[each]}
        [(times,)] = COUNT[connection.dialect.name].rows(connection, values)
    return times


def suspect(
    connection: Connection, reasons: Iterable[str], speakers: Iterable[Address], cause: str, now: datetime
) -> None:
    """What one message was suspected of. In a group nobody is asked who they are: the cause begins with the door."""
    place, who = next(((each.platform, each.user_id) for each in speakers), (cause.partition(":")[0], NOBODY))
    count(connection, Counter(Noted(reason, place, who) for reason in reasons), now)


# -- looked at

SINCE = select(security_events.c.reason, func.sum(security_events.c.times).label("times")).where(
    security_events.c.minute > bindparam("since"), security_events.c.reason != ALARM
)
TIMES = SINCE.group_by(security_events.c.reason).order_by(func.sum(security_events.c.times).desc())


def by_reason(connection: Connection, since: datetime) -> dict[str, int]:
    """The most frequent first."""
    return {reason: int(times) for reason, times in connection.execute(TIMES, {"since": since})}


TOLD = (
    select(security_events.c.place, func.max(security_events.c.times))
    .where(security_events.c.reason == ALARM, security_events.c.minute > bindparam("since"))
    .group_by(security_events.c.place)
)


def too_many(connection: Connection, now: datetime) -> dict[str, int]:
    """The reasons that were heard more often within the time than the limit; of which somebody was told in it, only
    when they are ten times as many by now."""
    since = now - limits.ALARM_WITHIN
    told = {reason: int(times) for reason, times in connection.execute(TOLD, {"since": since})}
    found = by_reason(connection, since)
    return {
        reason: times
        for reason, times in found.items()
        if times > limits.alarm(reason) and times >= limits.ALARM_AGAIN * told.get(reason, 0)
    }


def note_alarm(connection: Connection, reason: str, times: int, now: datetime) -> bool:
    """False if another clock has just told of it."""
    values = {**vars(Noted(ALARM, reason)), "minute": now.replace(second=0, microsecond=0), "times": times}
    return bool(ALARMED[connection.dialect.name].rows(connection, values))


def refusals(connection: Connection, now: datetime) -> tuple[Refusal, ...]:
    """Of the last day, those of the last hour first."""
    lately = case((security_events.c.minute > now - timedelta(hours=1), security_events.c.times), else_=0)
    day, hour = func.sum(security_events.c.times), func.sum(lately)
    who = (security_events.c.reason, security_events.c.place, security_events.c.user_id)
    wanted = (
        select(*who, day, hour)
        .where(security_events.c.minute > now - timedelta(days=1), security_events.c.reason != ALARM)
        .group_by(*who)
        .order_by(day.desc(), *who)
        .limit(LOOKED_AT)
    )
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for reason, place, user_id, in_day, in_hour in connection.execute(wanted):
        kind = found.setdefault((reason, place), {"in_day": 0, "in_hour": 0, "people": ()})
        kind["in_day"] += int(in_day)
        kind["in_hour"] += int(in_hour)
        if user_id and len(kind["people"]) < PEOPLE_SHOWN:
            kind["people"] += (user_id,)
    told = [Refusal(*key, **kind) for key, kind in found.items()]
    return tuple(sorted(told, key=lambda each: (-each.in_hour, -each.in_day, each.reason, each.place))[:SHOWN])
