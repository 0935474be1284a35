"""The security log: bounded whatever comes, told of once, and gone after a month."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, select

import doorbook
from clock import now as real_now
from conversations import render
from conversations.queries import Refusal
from engine import limits
from house import Bell, House
from settings import Settings
from storage import retention, security
from storage.database import begin
from storage.security import Noted
from storage.store import Conflict, work
from storage.tables import outbox, security_events
from tests import builders
from tests.builders import MONDAY, Market

WRONG = Noted("signature_wrong", "line")


def house_on(database: Engine, operators: str = "line:boss") -> House:
    settings = Settings(_env_file=None, operators=operators)  # type: ignore[call-arg] # pydantic's
    return House(database, settings, {}, {}, lambda: MONDAY, Bell(), lambda _reason, _where: None)


def rows(database: Engine) -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.execute(select(security_events).order_by("minute", "reason"))]


def test_a_flood_at_the_doors_is_one_row_a_minute_and_one_commit(database: Engine) -> None:
    book = doorbook.DoorBook(house_on(database))

    for _ in range(100_000):
        book.refused("signature_wrong", "line")
    book.write()
    book.refused("signature_wrong", "line")
    book.write()

    assert rows(database) == [(MONDAY, "signature_wrong", "line", 0, 100_001)]


def test_what_one_message_was_suspected_of_twice_counts_twice(database: Engine) -> None:
    with begin(database) as connection:
        security.suspect(connection, ["suspended", "suspended"], [], "line:t:1", MONDAY)

    assert rows(database) == [(MONDAY, "suspended", "line", 0, 2)]


def test_of_many_alike_the_first_is_heard_of(database: Engine) -> None:
    heard: list[tuple[str, str]] = []
    house = house_on(database)
    book = doorbook.DoorBook(
        House(database, house.settings, {}, {}, house.now, house.bell, lambda *event: heard.append(event))
    )

    for place in ("line", "slack", "line", "line"):
        book.refused("signature_wrong", place)

    assert heard == [("signature_wrong", "line"), ("signature_wrong", "slack")]


def test_what_could_not_be_written_is_counted_on(database: Engine) -> None:
    house = house_on(database)
    moments = iter((None, MONDAY))  # the first is no time at all, which no database takes
    book = doorbook.DoorBook(House(database, house.settings, {}, {}, lambda: next(moments), house.bell, house.security))  # type: ignore[arg-type,return-value] # on purpose

    book.refused("signature_wrong", "line")
    book.write()
    book.refused("signature_wrong", "line")
    book.write()

    assert [times for *_, times in rows(database)] == [2]


def test_what_a_message_is_suspected_of_is_kept_with_what_it_did_or_not_at_all(database: Engine) -> None:
    user = builders.join(Market(database), "a")
    with work(database, MONDAY, "line:t:1") as store:
        assert store.user_at(builders.sender("a")) == user
        store.suspect("not_found")
    with suppress(ZeroDivisionError), work(database, MONDAY, "line:t:2") as store:
        store.suspect("not_found")
        raise ZeroDivisionError

    assert rows(database) == [(MONDAY, "not_found", "line", user.id, 1)]


def test_operators_are_told_once_an_hour_of_what_is_too_much(database: Engine) -> None:
    market = Market(database)
    builders.join(market, "boss")
    house = house_on(database)
    most = limits.alarm("signature_wrong")
    with begin(database) as connection:
        security.count(connection, {WRONG: most, Noted("not_found", "line"): 1}, MONDAY)
    quiet = doorbook.raise_alarms(house)
    with begin(database) as connection:
        security.count(connection, {WRONG: 1}, MONDAY)

    told = [doorbook.raise_alarms(house), doorbook.raise_alarms(house)]

    with database.connect() as connection:
        said = connection.scalars(select(outbox.c.payload)).all()
    assert (quiet, told) == (0, [1, 0])
    assert len([words for words in said if "signature_wrong" in words]) == 1


def test_an_alarm_is_raised_again_when_it_goes_on_for_more_than_an_hour(database: Engine) -> None:
    with begin(database) as connection:
        security.count(connection, {WRONG: 1_000}, MONDAY)
        security.note_alarm(connection, "signature_wrong", 1_000, MONDAY)
        later = MONDAY + limits.ALARM_WITHIN + timedelta(minutes=1)
        forgotten = security.too_many(connection, later)
        security.count(connection, {WRONG: 1_000}, later)

        assert (forgotten, security.too_many(connection, later)) == ({}, {"signature_wrong": 1_000})


def test_an_alarm_is_raised_again_within_the_hour_when_it_is_ten_times_as_much(database: Engine) -> None:
    counted, heard = (150, 1_349, 1), []
    for minute, more in enumerate(counted):
        now = MONDAY + timedelta(minutes=minute)
        with begin(database) as connection:
            security.count(connection, {WRONG: more}, now)
            loud = security.too_many(connection, now)
            heard.append(loud)
            for reason, times in loud.items():
                assert security.note_alarm(connection, reason, times, now)

    assert heard == [{"signature_wrong": 150}, {}, {"signature_wrong": 1_500}]


def test_an_alarm_that_cannot_be_raised_takes_no_other_with_it(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_on(database)
    with begin(database) as connection:
        security.count(connection, {Noted(reason, "line"): 1_000 for reason in ("a", "b", "c")}, MONDAY)
    note_alarm = security.note_alarm

    def another_is_first(connection: Connection, reason: str, times: int, now: datetime) -> bool:
        if reason == "a":
            raise Conflict
        return note_alarm(connection, reason, times, now)

    monkeypatch.setattr(security, "note_alarm", another_is_first)
    told = doorbook.raise_alarms(house)

    assert (told, [place for _, reason, place, *_ in rows(database) if reason == "alarm"]) == (2, ["b", "c"])


def test_operators_see_a_day_the_last_hour_first(database: Engine) -> None:
    market = Market(database)
    people = [builders.join(market, name).id for name in "abcd"]
    with begin(database) as connection:
        security.count(connection, {Noted("own_job", "slack", people[0]): 5}, MONDAY - timedelta(hours=3))
        for number, user_id in enumerate(people, start=1):
            security.count(connection, {Noted("not_found", "line", user_id): number}, MONDAY)
        security.count(connection, {WRONG: 9}, MONDAY - timedelta(days=2))

        found = security.refusals(connection, MONDAY + timedelta(minutes=30))

    assert found == (
        Refusal("not_found", "line", 10, 10, (people[3], people[2], people[1])),
        Refusal("own_job", "slack", 0, 5, (people[0],)),
    )


def test_the_log_is_gone_after_a_month(database: Engine) -> None:
    with begin(database) as connection:
        security.count(connection, {WRONG: 1}, MONDAY - timedelta(days=retention.KEPT_DAYS, minutes=1))
        security.count(connection, {WRONG: 1}, MONDAY - timedelta(days=retention.KEPT_DAYS - 1))

        assert (retention.tidy(connection, MONDAY), retention.tidy(connection, MONDAY)) == (1, 0)


@pytest.mark.parametrize("language", render.LANGUAGES)
def test_no_alarm_limit_is_for_a_reason_without_words(language: str) -> None:
    assert [reason for reason in limits.ALARMS if not render.has(language, f"alarms.{reason}")] == []


def test_minutes_are_whole(database: Engine) -> None:
    with begin(database) as connection:
        security.count(connection, {WRONG: 1}, real_now())

    [(minute, *_)] = rows(database)
    assert (minute.second, minute.microsecond) == (0, 0)  # type: ignore[attr-defined] # a moment
