"""Leases: what is ours no longer, or not for long enough, does not leave, and is not written down."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

import errands
from bots.ports import Bot, Sent
from conversations.messages import Message, Outgoing, Recipient
from house import Bell, House, world
from payments.pretend import Pretend
from settings import Settings
from storage import beats, operations, outbox, tables
from storage.database import begin, open_database, wait_briefly
from tests import builders
from tests.builders import Market


class Phone:
    def __init__(self) -> None:
        self.said: list[str] = []

    def send(self, outgoing: Outgoing, _retry_key: str) -> Sent:
        self.said.append(outgoing.to.outside_id)
        return Sent("sent")


def house_of(market: Market, **bots: Bot) -> House:
    settings = Settings(_env_file=None)  # type: ignore[call-arg] # pydantic's
    provider = Pretend("http://127.0.0.1:9", "secret")
    return House(market.engine, settings, bots, {"pretend": provider}, lambda: market.now, Bell(), lambda *_: None)


def test_errand_whose_lease_has_run_out_is_not_run(database: Engine) -> None:
    market = Market(database)
    builders.pay_out(market, builders.accepted(market))
    house = house_of(market)
    with begin(database) as connection:
        [row] = [r for r in operations.claim(connection, market.now, 99, 25) if r.kind == "pay_out"]
        claimed = errands.Claimed(row, errands.errand_of(connection, row))
    market.now += timedelta(seconds=25)

    assert errands.run_operation(house, claimed) is None


@pytest.mark.parametrize(("seconds", "sent"), [(14, Sent("sent")), (15, None), (-1, Sent("sent")), (-2, None)])
def test_message_is_not_sent_where_its_answer_may_outlive_the_lease(
    database: Engine, seconds: int, sent: Sent | None
) -> None:
    market = Market(database)
    phone = Phone()
    house = house_of(market, line=phone)  # type: ignore[arg-type] # only sends
    message = Outgoing(Recipient("line", "t", "a"), Message("hello"), language="en")
    with begin(database) as connection:
        outbox.put(connection, [(message, "cause")], secrets.token_bytes, market.now)
        [row] = outbox.claim(connection, "line", market.now, 1, house.patience.lease_seconds)
    market.now += timedelta(seconds=seconds)

    assert errands.send_one(house, row) == sent
    assert phone.said == (["a"] if sent else [])


def test_person_who_is_back_is_not_blocked_by_what_is_no_longer_held(database: Engine) -> None:
    market = Market(database)
    phone = Phone()
    house = house_of(market, line=phone)  # type: ignore[arg-type] # only sends
    sender = builders.sender("a")
    builders.join(market, "a")
    message = Outgoing(Recipient(sender.platform, sender.tenant, sender.outside_id), Message("hello"), language="en")
    with begin(database) as connection:
        outbox.put(connection, [(message, "cause")], secrets.token_bytes, market.now)
        [lost] = outbox.claim(connection, sender.platform, market.now, 1, 25)
        [held] = outbox.claim(connection, sender.platform, market.now + timedelta(minutes=1), 1, 25)
    blocked = []

    for row in (lost, held):
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
