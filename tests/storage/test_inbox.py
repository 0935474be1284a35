"""The inbox keeps each event once and gives out each conversation's events one at a time, in their order."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

import clock
from engine import limits
from storage import inbox, tables
from storage.database import begin, migrate, open_database
from tests.builders import MONDAY


def event(event_id: str, conversation: str = "a", platform: str = "line") -> inbox.NewRow:
    return inbox.NewRow(platform, "tenant", event_id, conversation, b"{}", MONDAY)


def test_event_is_kept_once(database: Engine) -> None:
    with begin(database) as connection:
        new = [
            inbox.store(connection, [event("1"), event("2")]),
            inbox.store(connection, [event("2"), event("3"), event("3")]),
            inbox.store(connection, []),
        ]

    assert new == [2, 1, 0]


def test_same_id_on_another_platform_is_another_event(database: Engine) -> None:
    with begin(database) as connection:
        assert inbox.store(connection, [event("1"), event("1", platform="slack")]) == 2


def test_event_comes_out_as_it_came_in(database: Engine) -> None:
    raw = bytes(range(256))
    with begin(database) as connection:
        inbox.store(connection, [inbox.NewRow("line", "t", "e", "c", raw, MONDAY + timedelta(microseconds=1))])

    with begin(database) as connection:
        row = inbox.take(connection)

    assert row is not None
    assert (row.body, row.received_at, row.attempts) == (raw, MONDAY + timedelta(microseconds=1), 0)


def test_events_are_taken_oldest_first(database: Engine) -> None:
    with begin(database) as connection:
        inbox.store(connection, [event("1", "a"), event("2", "b"), event("3", "a")])

    assert drain(database) == ["1", "2", "3"]


def test_people_wait_for_no_provider(database: Engine) -> None:
    told = [event(f"told {number}", f"payout {number % 3}", inbox.PAYMENTS) for number in range(20)]
    with begin(database) as connection:
        inbox.store(connection, [*told, event("said", "a"), event("said next", "a"), event("by another", "b", "slack")])

    assert drain(database) == ["said", "said next", "by another"]
    with begin(database) as connection:
        assert [row.event_id for row in inbox.take_told(connection, 2)] == ["told 0", "told 1"]
        assert [row.event_id for row in inbox.take_told(connection, 9)] == ["told 2", "told 3", "told 4"]


def test_untouched_event_stays(database: Engine) -> None:
    with begin(database) as connection:
        inbox.store(connection, [event("1")])

    with pytest.raises(ZeroDivisionError):
        take_and_fail(database)

    assert drain(database) == ["1"]


def test_event_that_fails_is_parked_after_five_times(database: Engine) -> None:
    with begin(database) as connection:
        inbox.store(connection, [event("bad"), event("next")])

    parked = []
    for _ in range(5):
        event_id, row_id = broken_off(database)
        with begin(database) as connection:
            parked.append((event_id, inbox.failed(connection, row_id, "it broke")))

    assert parked == [("bad", False)] * 4 + [("bad", True)]
    assert drain(database) == ["next"]


def broken_off(database: Engine) -> tuple[str, int]:
    """The event whose transaction was rolled back."""
    with database.connect() as connection:
        row = inbox.take(connection)
        assert row
        return row.event_id, row.id


def take_and_fail(database: Engine) -> float:
    with begin(database) as connection:
        row = inbox.take(connection)
        assert row
        return 1 / 0


def drain(database: Engine) -> list[str]:
    taken: list[str] = []
    while True:
        with begin(database) as connection:
            row = inbox.take(connection)
            if row is None:
                return taken
            taken.append(row.event_id)


@pytest.mark.postgres
def test_two_takers_never_work_on_one_conversation(postgres_url: str) -> None:
    database = open_database(postgres_url)
    with begin(database) as connection:
        inbox.store(connection, [event("1", "a"), event("2", "a"), event("3", "b")])

    with begin(database) as first, begin(database) as second, begin(database) as third:
        taken = [inbox.take(connection) for connection in (first, second, third)]
    database.dispose()

    assert [row and row.event_id for row in taken] == ["1", "3", None]


@pytest.mark.postgres
def test_later_event_waits_for_the_earlier_to_be_kept(postgres_url: str) -> None:
    """Ids of a conversation grow in order of commit: the second storing waits for the first."""
    database = open_database(postgres_url)
    kept = threading.Event()

    def keep_second() -> None:
        with begin(database) as connection:
            inbox.store(connection, [event("2")])
        kept.set()

    other = threading.Thread(target=keep_second)
    with begin(database) as connection:
        inbox.store(connection, [event("1")])
        other.start()
        came_first = kept.wait(0.3)
    other.join()
    order = drain(database)
    database.dispose()

    assert not came_first
    assert order == ["1", "2"]


@pytest.mark.parametrize("where", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_many_takers_keep_the_order_of_each_conversation(
    where: str, request: pytest.FixtureRequest, tmp_path: object
) -> None:
    url = f"sqlite:///{tmp_path}/inbox.db" if where == "sqlite" else str(request.getfixturevalue("postgres_url"))
    database = open_database(url)
    migrate(database, clock.now())
    with begin(database) as connection:
        inbox.store(connection, [event(f"{c}{n}", c) for n in range(8) for c in "abcd"])
    taken: list[str] = []

    def work() -> None:
        while len(taken) < 32:
            with begin(database) as connection:
                row = inbox.take(connection)
                if row:
                    taken.append(row.event_id)

    takers = [threading.Thread(target=work) for _ in range(4)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    database.dispose()

    assert {c: [t for t in taken if t[0] == c] for c in "abcd"} == {c: [f"{c}{n}" for n in range(8)] for c in "abcd"}


def many(number: int, conversation: str, at: datetime = MONDAY) -> list[inbox.NewRow]:
    return [
        inbox.NewRow("line", "t", f"{conversation}-{at}-{each}", conversation, b"{}", at + timedelta(microseconds=each))
        for each in range(number)
    ]


SPARED = b'{"spared": true}'


def worked(database: Engine) -> list[str]:
    """As the worker does it: what of it was heard, what was answered, in this order."""
    told: list[str] = []
    while True:
        with begin(database) as connection:
            row = inbox.take(connection)
            if row is None:
                return told
            if not row.too_many:
                told.append("heard")
            elif inbox.hush(connection, row, lambda body: body == SPARED):
                told.append("hushed")
            elif row.body == SPARED:
                told.append("spared")


def test_more_than_the_limit_in_a_minute_is_answered_once_and_dropped(database: Engine) -> None:
    most = limits.MESSAGES.most
    with begin(database) as connection:
        inbox.store(connection, many(most + 40, "flood"))
    first = worked(database)
    with begin(database) as connection:
        inbox.store(connection, many(5, "flood", MONDAY + timedelta(seconds=30)))

    then = worked(database)

    assert (first, then) == (["heard"] * most + ["hushed"], [])


def test_what_is_spared_has_its_turn_in_the_middle_of_a_flood(database: Engine) -> None:
    flood = many(limits.MESSAGES.most + 40, "flood")
    flood[-20] = replace(flood[-20], body=SPARED)
    with begin(database) as connection:
        inbox.store(connection, flood)

    told = worked(database)

    assert told == ["heard"] * limits.MESSAGES.most + ["hushed", "spared"]
    with database.connect() as connection:
        assert connection.scalars(select(tables.inbox.c.body).where(tables.inbox.c.body == SPARED)).all() == []


def test_the_next_minute_and_everybody_else_are_heard(database: Engine) -> None:
    most = limits.MESSAGES.most
    with begin(database) as connection:
        inbox.store(connection, many(most + 40, "flood"))
        inbox.store(connection, many(3, "other"))
        inbox.store(connection, many(2, "flood", MONDAY + timedelta(minutes=1)))

    told = worked(database)

    assert (told.count("heard"), told.count("hushed")) == (most + 3 + 2, 1)


def test_the_rest_of_a_flood_is_dropped_in_one_go(database: Engine) -> None:
    with begin(database) as connection:
        inbox.store(connection, many(limits.MESSAGES.most + 1_000, "flood"))
    worked(database)

    with database.connect() as connection:
        states = Counter(connection.scalars(select(tables.inbox.c.state)))
        bodies = set(connection.scalars(select(tables.inbox.c.body).where(tables.inbox.c.state == "dropped")))

    assert (states, bodies) == (Counter(done=limits.MESSAGES.most, hushed=1, dropped=999), {b""})
