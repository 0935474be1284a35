"""A second messenger on a real database: where notices go, when payouts leave, and who hears of it."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

import scheduler
from conversations import talk
from conversations.messages import Arrived, Incoming, Left
from conversations.queries import AddressesOf, HistoryOf, MoneyOf, Operators
from engine import calendar
from engine.contracts import Contract
from engine.handle import handle
from engine.lifecycle import Role
from engine.links import PAYOUT_HOLD_HOURS, ConfirmLink, Link, LinkOffered, OfferLink, UseCode
from engine.ports import Command
from engine.unlinking import DisownLink, Hold, ResumePayouts
from engine.users import Address, AskHuman, User
from storage import tables, timers
from storage.database import open_database
from storage.store import Conflict
from tests import builders
from tests.builders import Market

PHONE = ("telegram", "phone")
CLIENT = ("line", "client")
WORKER = ("slack", "worker")
OPERATOR = ("telegram", "operator")
Place = tuple[str, str]


def speaks(market: Market, place: Place, wanted: Command) -> None:
    with market.work() as store:
        store.user_at(builders.sender(place[1], place[0]))
        assert talk.execute(wanted, store) is None


def offered(market: Market, user_id: int, place: Place) -> tuple[Link, str]:
    with market.work() as store:
        store.user_at(builders.sender(place[1], place[0]))
        wanted = OfferLink(by=user_id)
        decision = handle(wanted, store)
        store.carry_out(decision, wanted)
    told = decision.events[0]
    assert isinstance(told, LinkOffered)
    return told.link, told.code.replace("-", "")


def linked(market: Market, user_id: int, place: Place, other: Place) -> Link:
    link, code = offered(market, user_id, place)
    second = builders.join(market, other[1], other[0])
    speaks(market, other, UseCode(by=second.id, code=code))
    speaks(market, other, ConfirmLink(by=second.id, link_id=link.id))
    speaks(market, place, ConfirmLink(by=user_id, link_id=link.id))
    return market.kept(Link, link.id)


def told(market: Market) -> list[Place]:
    """Where something was said, in its order."""
    with market.engine.connect() as connection:
        rows = connection.execute(select(tables.outbox).order_by(tables.outbox.c.id)).all()
    return [(row.platform, row.recipient) for row in rows]


def heard(market: Market, place: Place, content: Arrived | Left) -> None:
    with market.work() as store:
        talk.hear(Incoming(f"event-{market.causes}", builders.sender(place[1], place[0]), content, market.now), store)


def stage_after_run(market: Market, contract: Contract) -> str:
    """The next daily batch, and what became of the contract's money."""
    market.now = calendar.first_payout_run_from(market.now + timedelta(seconds=1))
    market.ring()
    return market.kept(Contract, contract.id).stage


def test_l11_a_link_right_before_the_payout_holds_it_and_the_run_after_the_hold_pays(database: Engine) -> None:
    market = Market(database)
    contract = builders.accepted(market)
    market.now = calendar.next_payout_run(market.now) - timedelta(minutes=1)
    link = linked(market, contract.worker_id, WORKER, PHONE)

    at_once = stage_after_run(market, contract)
    with market.work() as store:
        standing = store.look(MoneyOf(contract.worker_id))
    later = stage_after_run(market, contract)

    assert (at_once, later) == ("accepted", "paid_out")
    until = link.since + timedelta(hours=PAYOUT_HOLD_HOURS)
    assert (standing.hold, standing.next_run) == (Hold(until), market.now)


def test_l11_disowned_on_either_messenger_nothing_is_paid_until_an_operator_has_looked(database: Engine) -> None:
    market = Market(database, operators=frozenset({(OPERATOR[0], "tenant", OPERATOR[1])}))
    contract = builders.accepted(market)
    operator = builders.join(market, OPERATOR[1], OPERATOR[0])
    link = linked(market, contract.worker_id, WORKER, PHONE)
    speaks(market, PHONE, DisownLink(by=contract.worker_id, link_id=link.id))

    stages = [stage_after_run(market, contract) for _ in range(3)]
    speaks(market, OPERATOR, ResumePayouts(by=operator.id, user_id=contract.worker_id))

    assert stages == ["accepted"] * 3
    assert stage_after_run(market, contract) == "paid_out"
    assert set(told(market)[-2:]) == {WORKER, OPERATOR}


def test_the_address_that_was_disowned_inherits_nothing(database: Engine) -> None:
    market = Market(database)
    contract = builders.accepted(market)
    link = linked(market, contract.worker_id, WORKER, PHONE)

    speaks(market, WORKER, DisownLink(by=contract.worker_id, link_id=link.id))

    apart = market.kept(Address, link.other_address_id)
    user = market.kept(User, apart.user_id)
    assert user.id not in (contract.worker_id, link.other_id)
    assert (user.stage, market.kept(User, link.other_id).stage) == ("active", "folded")


def test_everything_about_a_link_is_told_on_all_messengers(database: Engine) -> None:
    market = Market(database)
    user = builders.join(market, *reversed(WORKER))

    linked(market, user.id, WORKER, PHONE)

    # The code was taken; asked on the first; linked, on both.
    assert told(market) == [PHONE, PHONE, WORKER, WORKER, PHONE]


def test_f23_e15_whoever_blocks_one_messenger_is_told_on_the_other(database: Engine) -> None:
    market = Market(database)
    user = builders.join(market, *reversed(WORKER))
    linked(market, user.id, WORKER, PHONE)
    heard(market, PHONE, Arrived())
    speaks(market, ("", ""), AskHuman(by=user.id, words="x"))
    heard(market, PHONE, Left())
    speaks(market, ("", ""), AskHuman(by=user.id, words="x"))
    heard(market, WORKER, Left())
    before = len(told(market))
    speaks(market, ("", ""), AskHuman(by=user.id, words="x"))

    assert told(market)[-2:] == [PHONE, WORKER]
    assert len(told(market)) == before


@pytest.mark.parametrize("with_phone", [True, False], ids=["on_two_messengers", "on_one"])
@pytest.mark.parametrize("who", ["client", "worker"])
def test_e15_whoever_blocks_us_stops_no_clock(database: Engine, who: str, with_phone: bool) -> None:
    """A client who would rather not accept, a worker who would rather not be asked for changes: time goes on."""
    market = Market(database)
    contract = builders.deliver(market, builders.fund(market, builders.hire(market)))
    user_id, place = {"client": (contract.client_id, CLIENT), "worker": (contract.worker_id, WORKER)}[who]
    if with_phone:
        linked(market, user_id, place, PHONE)
    heard(market, place, Left())
    market.now = contract.review_until
    before = len(told(market))

    with market.work("timers") as store:
        scheduler.fire(store, timers.due(store.connection, market.now, 100))

    after = market.kept(Contract, contract.id)
    assert (after.stage, after.moved, after.moved_by) == ("accepted", "accept", Role.CLOCK)
    with market.work() as store:
        earned, steps = store.look(MoneyOf(contract.worker_id)).earned, store.look(HistoryOf("contract", contract.id))
        [known] = [each for each in store.look(AddressesOf(user_id)) if each.blocked]
    assert (earned, steps[-1].move, steps[-1].role) == (contract.share.net, "accept", "clock")
    # What we know of them, and where what concerns them went instead.
    assert (known.platform, known.outside_id) == place
    other = {"client": WORKER, "worker": CLIENT}[who]
    assert set(told(market)[before:]) == ({other, PHONE} if with_phone else {other})


def test_an_operators_rights_are_those_of_the_address_they_speak_from(database: Engine) -> None:
    market = Market(database, operators=frozenset({(PHONE[0], "tenant", PHONE[1])}))
    user = builders.join(market, *reversed(WORKER))
    market.operators = frozenset()
    linked(market, user.id, WORKER, PHONE)
    market.operators = frozenset({(PHONE[0], "tenant", PHONE[1])})

    rights = []
    for place in (WORKER, PHONE):
        with market.work() as store:
            store.user_at(builders.sender(place[1], place[0]))
            rights.append(store.is_operator(user.id))

    assert rights == [False, True]


def test_no_code_is_kept(database: Engine) -> None:
    market = Market(database)
    user = builders.join(market, *reversed(WORKER))
    _, code = offered(market, user.id, WORKER)

    with database.connect() as connection:
        rows = [repr(row) for table in tables.metadata.sorted_tables for row in connection.execute(select(table))]

    assert [row for row in rows if code in row.replace("-", "")] == []


def test_z10_an_operators_id_in_another_workspace_is_nobodys(database: Engine) -> None:
    market = Market(database, operators=frozenset({("slack", "T0ANOTHER", WORKER[1])}))
    builders.join(market, WORKER[1], WORKER[0])

    with market.work() as store:
        user = store.user_at(builders.sender(WORKER[1], WORKER[0]))
        assert user
        rights, told_of = store.is_operator(user.id), store.look(Operators())

    assert (rights, told_of) == (False, ())


@pytest.mark.postgres
def test_z14_nobody_does_two_things_at_once_on_two_messengers(postgres_url: str) -> None:
    market = Market(open_database(postgres_url))
    linked(market, builders.join(market, *reversed(CLIENT)).id, CLIENT, PHONE)

    def hears(place: Place) -> None:
        with market.work() as there:
            there.connection.exec_driver_sql("SET LOCAL lock_timeout = 100")
            assert there.user_at(builders.sender(*reversed(place)))

    with market.work() as here:
        here.user_at(builders.sender(*reversed(CLIENT)))
        with pytest.raises(Conflict):
            hears(PHONE)
    hears(PHONE)

    market.engine.dispose()
