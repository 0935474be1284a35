"""An outage is made up for before anything fires, once, whatever dies meanwhile."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

import scheduler
from engine.contracts import Contract
from engine.jobs import Job
from engine.ports import Timer
from house import Bell, House
from payments.pretend import Pretend
from settings import Settings
from storage import beats, modes, outages, tables, timers
from storage.check import check
from storage.database import begin
from storage.store import Store
from tests import builders
from tests.builders import Market

WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def market(database: Engine) -> Iterator[Market]:
    market = Market(database)
    yield market
    with database.connect() as connection:
        assert check(connection) == []


def house(market: Market) -> House:
    settings = Settings(_env_file=None)  # type: ignore[call-arg] # pydantic's
    provider = Pretend("http://127.0.0.1:9", "secret")
    return House(market.engine, settings, {}, {"pretend": provider}, lambda: market.now, Bell(), lambda *_: None)


def rung(market: Market, times: int = 3) -> int:
    """How many fired."""
    return sum(scheduler.ring(house(market)) for _ in range(times))


def known(engine: Engine) -> list[timedelta]:
    with engine.connect() as connection:
        rows = connection.execute(select(tables.outages).order_by(tables.outages.c.id)).all()
    assert all(row.made_up_at for row in rows)
    return [row.ended - row.begun for row in rows]


def test_outage_of_a_week_extends_what_ran_meanwhile(market: Market) -> None:
    contract = builders.hire(market)
    builders.agree(market, contract)
    before = market.kept(Contract, contract.id)
    rung(market)

    market.now += WEEK
    fired = rung(market)

    after = market.kept(Contract, contract.id)
    assert (fired, known(market.engine)) == (0, [WEEK])
    assert after == replace(before, version=before.version + 1, lost_seconds=int(WEEK.total_seconds()))
    market.now = after.fund_until
    with begin(market.engine) as connection:
        beats.beat(connection, "clock", market.now)
    rung(market)
    assert market.kept(Contract, contract.id).stage == "expired"


def test_short_pause_is_no_outage(market: Market) -> None:
    before = builders.hire(market)
    rung(market)

    market.now += 4 * MINUTE
    rung(market)

    assert (known(market.engine), market.kept(Contract)) == ([], before)


def test_two_outages_add_up_and_no_time_is_counted_twice(market: Market) -> None:
    builders.hire(market)
    rung(market)
    for _ in range(2):
        market.now += WEEK
        rung(market)
    with begin(market.engine) as connection:
        outages.note(connection, market.now - WEEK, market.now)

    assert known(market.engine) == [WEEK, WEEK]
    assert market.kept(Contract).lost_seconds == 2 * WEEK.total_seconds()


def test_what_began_after_an_outage_has_not_waited_through_it_whatever_the_clock_says(market: Market) -> None:
    client = builders.join(market, "client")
    rung(market)
    market.now += WEEK
    rung(market)

    market.now -= WEEK + MINUTE
    builders.post(market, client, "A logo")

    # What the books say of it is looked at after each test.
    assert (known(market.engine), market.kept(Job).lost_seconds) == ([WEEK], 0)


def test_what_dies_while_making_up_goes_on_where_it_was(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    client = builders.join(market, "client")
    for number in range(5):
        builders.post(market, client, f"A logo, number {number}")
    rung(market)
    market.now += 2 * MINUTE * 60
    monkeypatch.setattr(scheduler, "TOGETHER", 2)
    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(outages, "make_up", killed)
        with pytest.raises(KeyboardInterrupt):
            scheduler.ring(house(market))

    lost = rung(market)

    with market.engine.connect() as connection:
        found = connection.scalars(select(tables.jobs.c.lost_seconds)).all()
    assert (lost, list(found)) == (0, [2 * 60 * 60] * 5)


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_week_of_overdue_work_fires_once_oldest_first_and_not_all_at_once(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Payouts are nobody's duty and are not put off: they wait for the clock."""
    workers = [builders.join(market, f"worker-{number}") for number in range(5)]
    rung(market)
    with begin(market.engine) as connection:
        for number, worker in enumerate(reversed(workers)):
            due_at = market.now + number * MINUTE
            timers.put(connection, [Timer("user", worker.id, "pay_out", due_at)])
    fired: list[int] = []
    monkeypatch.setattr(scheduler, "AT_ONCE", 2)
    fire = scheduler.fire

    def noted(store: Store, timer_ids: Sequence[int]) -> int:
        fired.extend(timer_ids)
        return fire(store, timer_ids)

    monkeypatch.setattr(scheduler, "fire", noted)

    market.now += WEEK
    counts = [rung(market, times=1) for _ in range(5)]

    assert counts == [0, 2, 2, 1, 0]
    assert fired == sorted(fired)
    assert len(set(fired)) == 5


def test_recovery_mode_is_an_outage(market: Market) -> None:
    job = builders.post(market, builders.join(market, "client"))
    rung(market)
    begun = market.now
    with begin(market.engine) as connection:
        modes.enter(connection, "M3", begun)
    for _ in range(5):
        market.now += MINUTE
        rung(market)
    with begin(market.engine) as connection:
        modes.leave(connection)
        outages.note_silence(connection, begun, market.now)

    rung(market)

    assert market.kept(Job, job.id).lost_seconds == 5 * 60
