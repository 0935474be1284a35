"""Leases: what is ours no longer, or not for long enough, does not leave, and is not written down."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

import errands
from bots.ports import Sent
from house import world
from storage import beats, operations, outbox, tables
from storage.database import begin, open_database, wait_briefly
from tests import builders
from tests.builders import Market
from tests.storage.houses import Phones, house_of, say


def claimed(market: Market, *, at: timedelta = timedelta(0)) -> outbox.Row:
    """The one message, claimed."""
    with begin(market.engine) as connection:
        [row] = outbox.claim(connection, "line", market.now + at, 1, 25)
    return row


def test_errand_whose_lease_has_run_out_is_not_run(database: Engine) -> None:
    market = Market(database)
    builders.pay_out(market, builders.accepted(market))
    house = house_of(market)
    with begin(database) as connection:
        [row] = [r for r in operations.claim(connection, market.now, 99, 25, money="pretend") if r.kind == "pay_out"]
        errand = errands.Claimed(row, errands.errand_of(connection, row))
    market.now += timedelta(seconds=25)

    assert errands.run_operation(house, errand) is None


@pytest.mark.parametrize(
    ("seconds", "leaves"), [(14, True), (15, False), (26, False), (-1, True), (-2, False), (-3_600, False)]
)
def test_message_leaves_only_where_its_answer_comes_within_the_lease(
    database: Engine, seconds: int, leaves: bool
) -> None:
    market, phones = Market(database), Phones()
    house = house_of(market, line=phones)
    say(market, builders.sender("a"))
    row = claimed(market)
    market.now += timedelta(seconds=seconds)

    sent = errands.send_one(house, row)

    assert (sent.result, phones.said) == (("sent", ["a"]) if leaves else ("retry", []))
    # However far the clock was set back.
    assert sent.not_before_seconds <= house.patience.lease_seconds


def test_person_who_is_back_is_not_blocked_by_what_is_no_longer_held(database: Engine) -> None:
    market = Market(database)
    house = house_of(market, line=Phones())
    builders.join(market, "a")
    say(market, builders.sender("a"))
    blocked = []

    for row in (claimed(market), claimed(market, at=timedelta(minutes=1))):
        with world(house, "test") as store:
            errands.settle(house, store, [(row, Sent("blocked", error="403"))])
        with begin(database) as connection:
            blocked.append(connection.scalar(select(tables.addresses.c.blocked)))

    assert blocked == [False, True]


@pytest.mark.postgres
def test_worker_that_stands_still_in_a_beat_holds_up_no_other(postgres_url: str) -> None:
    database = open_database(postgres_url)
    moments = [builders.MONDAY + timedelta(seconds=seconds) for seconds in (0, 1, 2)]
    with begin(database) as connection:
        beats.beat_if_free(connection, "worker", moments[0])

    with begin(database) as stands_still:
        beats.beat_if_free(stands_still, "worker", moments[1])
        with begin(database) as connection:
            wait_briefly(connection)
            beats.beat_if_free(connection, "worker", moments[2])

    with begin(database) as connection:
        assert beats.last(connection)["worker"] == moments[1]
    database.dispose()
