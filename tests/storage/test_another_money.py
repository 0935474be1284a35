"""Whoever is at work while the database is taken in another money does nothing more."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

import app
import clock
import errands
import money_kind
import scheduler
import worker
from batches import Hands
from bots.web import Grouped
from doorbook import DoorBook
from house import Bell, House
from settings import WrongSettings
from storage import beats, modes, security, tables
from storage.database import begin
from tests import builders
from tests.builders import MONDAY, Market
from tests.end_to_end.served import until
from tests.storage.monies import settings

LATER = MONDAY + timedelta(minutes=1)


def house_in(engine: Engine, money: str) -> House:
    return House(engine, settings(money), {}, {}, lambda: MONDAY, Bell(), lambda *_: None)


def running_in(engine: Engine, money: str) -> app.Running:
    """What a process begins with; its threads are a test's own to start."""
    house = house_in(engine, money)
    return app.Running(house, (), DoorBook(house))


def put(engine: Engine, money: str) -> None:
    """Somebody else takes the database in this money, as they may when nobody was heard of."""
    with begin(engine) as connection:
        modes.put(connection, modes.MONEY, money, MONDAY)


def test_of_two_built_with_different_money_the_second_to_begin_work_is_refused(database: Engine) -> None:
    test, live = (running_in(database, money) for money in ("stripe test", "stripe live"))
    grouped = Grouped(lambda _: None)

    test.start(grouped)

    with pytest.raises(WrongSettings, match="Stop all of them"):
        live.start(grouped)
    grouped.close()
    with database.connect() as connection:
        assert modes.named(connection, modes.MONEY) == "stripe test"


def test_a_process_that_starts_in_the_same_money_is_heard_of_before_it_beats(database: Engine) -> None:
    for moment in (MONDAY, LATER):
        money_kind.keep(database, settings("stripe test"), moment)

    with pytest.raises(WrongSettings, match="Stop all of them"):
        money_kind.keep(database, settings("stripe live"), LATER + timedelta(seconds=4))


@pytest.mark.parametrize(("money", "claimed"), [("stripe test", 0), ("stripe live", 1), ("pretend", 0)])
def test_errands_are_of_those_who_are_in_the_money_of_the_database(database: Engine, money: str, claimed: int) -> None:
    market = Market(database)
    builders.agree(market, builders.hire(market))
    put(database, "stripe live")

    with ThreadPoolExecutor(1) as pool:
        hands: Hands[errands.Claimed] = Hands(pool, 1)
        errands.work_operations(house_in(database, money), hands)

    with database.connect() as connection:
        assert connection.scalars(select(tables.operations.c.attempts)).all() == [claimed]


def test_worker_stops_when_the_database_is_in_another_money(database: Engine) -> None:
    house, stopping = house_in(database, "stripe test"), threading.Event()
    put(database, "stripe live")

    with capture_logs() as logged:
        for thread in worker.start(house, stopping):
            thread.join(20)
        problems = app.unready(house)

    with database.connect() as connection:
        assert beats.last(connection) == {}
    assert [each["log_level"] for each in logged] == ["critical"]
    assert problems[0] == logged[0]["event"]
    assert problems[0].startswith("the database is in stripe live money now, and this process in stripe test")


def refused_at(engine: Engine) -> Mapping[str, int]:
    with engine.connect() as connection:
        return security.by_reason(connection, clock.now() - timedelta(hours=1))


def test_doors_write_down_what_they_refuse_also_when_the_worker_beside_them_has_stopped(database: Engine) -> None:
    house, grouped = replace(house_in(database, "stripe test"), now=clock.now), Grouped(lambda _: None)
    book = DoorBook(house)
    running = app.Running(house, ("worker", "web"), book)

    running.start(grouped)
    put(database, "stripe live")
    stopped = running.worker_stopping.wait(20)
    book.refused("signature_missing", "line")
    until(lambda: bool(refused_at(database)), lambda: "the door book is not written", 20)
    running.stop()
    grouped.close()

    assert (stopped, refused_at(database)) == (True, {"signature_missing": 1})


def test_clock_stops_when_the_database_is_in_another_money(database: Engine) -> None:
    put(database, "stripe live")

    with capture_logs() as logged:
        rings = scheduler.start(house_in(database, "stripe test"))
        until(lambda: not rings.get_jobs(), lambda: "it goes on ringing", 20)
        rings.shutdown()

    with database.connect() as connection:
        assert beats.last(connection) == {}
    assert [each["log_level"] for each in logged] == ["critical"]
