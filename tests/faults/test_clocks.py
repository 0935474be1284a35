"""F16, F18, F30, F31: clocks that differ, clocks beside each other, and work that nobody was woken for."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

import app
import scheduler
import worker
from bench.stage import Stage, staged
from bots.ports import Received
from conversations.messages import Incoming, Text
from house import Bell, House
from payments.pretend import Pretend
from settings import Settings
from storage import tables, timers
from storage.check import check
from storage.database import open_database
from tests import builders, empty
from tests.attacks.server import at_once
from tests.builders import Market
from tests.source import HOUSE

CLOCKS = 3
JOBS = 12
# What asks a database what time it is.
ITS_CLOCK = re.compile(
    r"\bnow\(\)|\bcurrent_(?:timestamp|time|date)\b|\blocaltime|_timestamp\(\)|'now'|func\.(?:now|current)|julianday",
    re.IGNORECASE,
)


def test_f16_no_statement_asks_the_database_what_time_it_is() -> None:
    """There is one clock, ours; so a database whose clock is wrong changes nothing."""
    files = [*(HOUSE / "storage").glob("*.py"), *(HOUSE / "storage").glob("*.sql")]

    found = [
        f"{path.name}: {line.strip()}"
        for path in files
        for line in path.read_text("utf-8").splitlines()
        if ITS_CLOCK.search(line) and "clock.now()" not in line and "house.now()" not in line
    ]

    assert len(files) > 40
    assert found == []


@pytest.mark.parametrize("skew", [timedelta(minutes=-10), timedelta(minutes=10), timedelta(days=-1)])
def test_f16_a_database_with_another_clock_changes_nothing(database: Engine, skew: timedelta) -> None:
    """The database's clock is the machine's; ours differs from it by years, and by a little more."""
    market = Market(database, builders.MONDAY + skew)
    begun = market.now

    contract = builders.pay_out(market, builders.accepted(market))

    with database.connect() as connection:
        told = connection.scalars(select(tables.transitions.c.at)).all()
    assert contract.stage == "paid_out"
    assert begun <= min(told)
    assert max(told) <= market.now


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with several connections."""
    is_file = request.param == "sqlite"
    engine = open_database(
        empty.at(tmp_path / "market.db") if is_file else str(request.getfixturevalue("postgres_url"))
    )
    yield engine
    engine.dispose()


def house(market: Market) -> House:
    settings = Settings(_env_file=None)  # type: ignore[call-arg] # pydantic's
    provider = Pretend("http://127.0.0.1:9", "secret")
    return House(market.engine, settings, {}, {"pretend": provider}, lambda: market.now, Bell(), lambda *_: None)


def test_f30_three_clocks_fire_each_timer_once(shared: Engine) -> None:
    market = Market(shared)
    jobs = [builders.post(market, builders.join(market, f"client {number}")) for number in range(JOBS)]
    scheduler.ring(house(market))
    market.now = jobs[0].open_until
    # No outage: a clock beat until just now.
    settings = {"outage_minutes": 10**8}
    clocks = [
        replace(house(market), settings=house(market).settings.model_copy(update=settings)) for _ in range(CLOCKS)
    ]

    def ring_on(clock: House) -> None:
        for _ in range(5):
            scheduler.ring(clock)

    at_once([lambda clock=clock: ring_on(clock) for clock in clocks])  # type: ignore[misc] # bound as it is made

    with shared.connect() as connection:
        moved = connection.scalars(
            select(tables.transitions.c.thing_id).where(tables.transitions.c.move == "expire")
        ).all()
        due, violations = timers.due(connection, market.now, JOBS), check(connection)
    assert sorted(moved) == sorted(job.id for job in jobs)
    assert (due, violations) == ([], [])


@pytest.mark.postgres
def test_f31_a_worker_nobody_wakes_finds_its_work_within_a_second(postgres_url: str) -> None:
    """What another process has kept; there is no bell between the two, and no notification that could be lost."""
    stopping = threading.Event()
    with staged(postgres_url) as stage:
        elsewhere = replace(stage.house, bell=Bell())
        thread = threading.Thread(
            target=worker.keep_on, args=(elsewhere, lambda: worker.work_inbox(elsewhere), stopping)
        )
        thread.start()

        took = [until_done(stage, f"event {number}") for number in range(3)]

        stopping.set()
        thread.join()
    # The machine may be busy with something else for a second, but not each time.
    assert min(took) < 1


def until_done(stage: Stage, event: str) -> float:
    time.sleep(2 * worker.IDLE_SECONDS)
    hanako = stage.person("line", "hanako", "Hanako")
    stage.bots["line"].said[event.encode()] = Incoming(event, hanako.sender, Text("hello"), stage.clock.now())
    app.keep(stage.house, [("line", Received("tenant", event, "line:tenant:hanako", event.encode()))])
    begun = time.monotonic()
    while not done(stage.engine) and time.monotonic() < begun + 5:
        time.sleep(0.01)
    return time.monotonic() - begun


def done(engine: Engine) -> bool:
    with engine.connect() as connection:
        return set(connection.scalars(select(tables.inbox.c.state))) == {"done"}
