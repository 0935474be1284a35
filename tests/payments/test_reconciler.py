"""The provider's own books decide what is unclear, and what differs harms nobody it does not concern."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

import reconciler
import worker
from conversations import talk
from engine.contracts import Contract, Hire
from engine.erasure import EraseMe
from engine.payments import Payment
from engine.payouts import ConfirmPayout, FailPayout, Payout
from engine.ports import NOBODY
from engine.users import User
from house import Bell, House
from payments.ports import CURRENCY, Books, Entry, Unsure
from payments.pretend import Pretend, entry
from settings import Settings
from storage import exceptions, operations, tables
from storage.check import check
from storage.database import begin
from tests import builders
from tests.builders import Market

HOUR = timedelta(hours=1)
OPERATOR = ("telegram", "operator")


@dataclass
class Told(Pretend):
    """Pretend, with books as the test writes them."""

    lines: list[Entry] = field(default_factory=list)
    away: bool = False

    def look_up(self, since: datetime) -> Books:
        if self.away:
            raise TimeoutError
        return Books(datetime(2020, 1, 1, tzinfo=UTC), tuple(self.lines))


@dataclass
class Scene:
    market: Market
    provider: Told

    def house(self) -> House:
        settings = Settings(_env_file=None, operators=":".join(OPERATOR))  # type: ignore[call-arg] # pydantic's
        providers = {"pretend": self.provider}
        return House(self.market.engine, settings, {}, providers, lambda: self.market.now, Bell(), lambda *_: None)

    def reconcile(self) -> list[tuple[str, bool]]:
        """What is open, and whether anybody was told."""
        return [(row.kind, row.confirmed_at is not None) for row in reconciler.reconcile(self.house())]

    def work(self) -> None:
        """All that has come in, and nothing of what goes out."""
        while worker.work_inbox(self.house()):
            pass

    def said_to(self, outside_id: str) -> int:
        wanted = select(tables.outbox.c.id).where(tables.outbox.c.recipient.contains(outside_id))
        with self.market.engine.connect() as connection:
            return len(connection.scalars(wanted).all())

    def arrival(self, payment: Payment, reference: str = "in-1") -> Entry:
        line = {"kind": "paid", "reference": reference, "key": "", "thing": payment.id, "amount": payment.amount}
        return entry({**line, "told": "payment.paid"})

    def payout(self, payout: Payout, told: str = "payout.paid") -> Entry:
        key = f"pay_out-{payout.id}"
        line = {"kind": "pay_out", "reference": key, "key": key, "thing": payout.id, "amount": payout.amount}
        return entry({**line, "told": told})


@pytest.fixture
def scene(database: Engine) -> Iterator[Scene]:
    market = Market(database, operators=frozenset({(OPERATOR[0], "", OPERATOR[1])}))
    builders.join(market, OPERATOR[1], OPERATOR[0])
    yield Scene(market, Told("http://127.0.0.1:9", "secret"))
    with database.connect() as connection:
        assert check(connection) == []


def test_lost_webhook_has_its_effect_once(scene: Scene) -> None:
    contract = builders.hire(scene.market)
    payment = builders.agree(scene.market, contract)
    scene.provider.lines.append(scene.arrival(payment))

    first = scene.reconcile()
    scene.work()
    second = scene.reconcile()
    scene.reconcile()
    scene.work()

    assert (first, second) == ([("unbooked", False)], [])
    assert scene.market.kept(Contract, contract.id).stage == "in_progress"
    with scene.market.engine.connect() as connection:
        refunds = connection.scalars(select(tables.operations.c.id).where(tables.operations.c.kind == "refund")).all()
    assert refunds == []


def test_what_waits_in_our_own_inbox_is_told_to_nobody(scene: Scene) -> None:
    """Found by the simulator, seed 67: the workers stood still for an hour, and operators were told of lost money."""
    payment = builders.agree(scene.market, builders.hire(scene.market))
    scene.provider.lines.append(scene.arrival(payment))
    scene.reconcile()

    scene.market.now += HOUR
    unread = scene.reconcile()
    scene.work()

    assert (unread, scene.reconcile()) == ([("unbooked", False)], [])


def test_of_two_payments_by_one_page_the_one_that_was_not_heard_goes_back(scene: Scene) -> None:
    """The books do not say which of the two is booked."""
    payment = builders.agree(scene.market, builders.hire(scene.market))
    heard, lost = scene.arrival(payment, "in-2"), scene.arrival(payment, "in-1")
    scene.provider.lines = [heard]
    scene.reconcile()
    scene.work()

    scene.provider.lines = [lost, heard]
    scene.reconcile()
    scene.work()

    with scene.market.engine.connect() as connection:
        refunds = connection.scalars(select(tables.operations.c.key).where(tables.operations.c.kind == "refund")).all()
    assert len(refunds) == 1


def test_what_the_bank_did_to_a_payout_is_heard(scene: Scene) -> None:
    contract = builders.pay_out(scene.market, paid_for(scene))
    scene.provider.lines.append(scene.payout(scene.market.kept(Payout), "payout.failed"))

    scene.reconcile()
    scene.work()

    assert scene.market.kept(Contract, contract.id).stage == "payout_problem"
    assert scene.reconcile() == []


def test_only_an_answer_under_its_key_ends_what_is_ambiguous(scene: Scene) -> None:
    """Seeded bug 9: a look-up that finds nothing resets nothing."""
    builders.pay_out(scene.market, paid_for(scene))
    payout = scene.market.kept(Payout)
    with begin(scene.market.engine) as connection:
        rows = [
            row
            for row in operations.claim(connection, scene.market.now, 9, 9, money="stripe test")
            if row.kind == "pay_out"
        ]
        assert operations.settle(connection, [(rows[0], Unsure("timeout"), scene.market.now)])

    scene.reconcile()
    after_nothing = state_of(scene, rows[0].key)
    scene.provider.lines.append(scene.payout(payout))
    scene.reconcile()
    scene.work()

    assert (after_nothing, state_of(scene, rows[0].key)) == ("ambiguous", "done")
    assert scene.market.kept(Payout).stage == "confirmed"


def test_not_found_is_told_only_when_it_stays_so(scene: Scene) -> None:
    contract = paid_for(scene)
    [known] = scene.provider.lines
    scene.provider.lines.clear()

    once = scene.reconcile()
    scene.provider.lines.append(known)
    found_again = scene.reconcile()
    scene.provider.lines.clear()
    scene.reconcile()
    scene.market.now += HOUR
    stayed = scene.reconcile()

    assert (once, found_again, stayed) == ([("missing", False)], [], [("missing", True)])
    assert scene.market.kept(Contract, contract.id).frozen
    assert scene.said_to("operator") == 1
    scene.reconcile()
    assert scene.said_to("operator") == 1
    scene.provider.lines.append(known)
    assert scene.reconcile() == []
    assert not scene.market.kept(Contract, contract.id).frozen


def test_frozen_contract_waits_and_no_other_of_its_worker(scene: Scene) -> None:
    frozen = paid_for(scene)
    other = second_deal(scene.market, frozen)
    scene.provider.lines[0] = replace(scene.provider.lines[0], amount=frozen.price - 1)
    payment = scene.market.kept(Payment)
    scene.provider.lines.append(replace(scene.arrival(payment), reference="in-2"))

    found = scene.reconcile()
    builders.pay_out(scene.market, frozen)

    assert found == [("amount", True)]
    assert scene.market.kept(Contract, frozen.id).stage == "accepted"
    assert scene.market.kept(Contract, other.id).stage == "paid_out"
    scene.provider.lines[0] = replace(scene.provider.lines[0], amount=frozen.price)
    scene.provider.lines.append(scene.payout(scene.market.kept(Payout)))
    scene.reconcile()
    builders.pay_out(scene.market, frozen)
    assert scene.market.kept(Contract, frozen.id).stage == "paid_out"


def test_strange_entry_is_an_exception_somebody_looks_after(scene: Scene) -> None:
    scene.provider.lines.append(Entry("pay_out", "po-1", "pay_out-999", 999, 500, CURRENCY, "done"))

    found = reconciler.reconcile(scene.house())
    taken = reconciler.hand_over(scene.house(), found[0].id, "U-0000000")

    assert [(row.kind, row.subject, row.keeper) for row in found] == [("unknown", "pay_out po-1", "operators")]
    assert taken
    assert not reconciler.hand_over(scene.house(), 999, "U-0000000")
    with scene.market.engine.connect() as connection:
        assert [row.keeper for row in exceptions.still_open(connection)] == ["U-0000000"]
    assert scene.said_to("operator") == 1


def test_what_was_refunded_by_hand_there_freezes_nobody(scene: Scene) -> None:
    """It names nothing of ours; a contract that was not paid out yet has no payout either."""
    contract = paid_for(scene)
    scene.provider.lines.append(Entry("refund", "re-1", "", 0, 500, CURRENCY, "done"))

    assert scene.reconcile() == [("unknown", True)]
    assert not scene.market.kept(Contract, contract.id).frozen


@pytest.mark.parametrize(("leaves", "told"), [(True, 1), (False, 0)])
def test_operators_are_told_of_a_payout_that_comes_back_to_who_has_left(scene: Scene, leaves: bool, told: int) -> None:
    """The bank had confirmed it. Who has left is told of nothing any more."""
    contract = builders.accepted(scene.market)
    builders.pay_out(scene.market, contract)
    payout = scene.market.kept(Payout)
    scene.market.do(ConfirmPayout(by=NOBODY, payout_id=payout.id))
    if leaves:
        scene.market.do(EraseMe(by=contract.worker_id))
    before = scene.said_to("operator")

    with scene.market.work() as store:
        talk.execute(FailPayout(by=NOBODY, payout_id=payout.id), store)

    assert scene.said_to("operator") - before == told


def test_provider_that_is_away_says_nothing(scene: Scene) -> None:
    contract = paid_for(scene)
    scene.provider.lines.clear()
    scene.provider.away = True

    assert scene.reconcile() == []
    assert not scene.market.kept(Contract, contract.id).frozen


def test_bank_that_contradicts_itself_ends_where_its_books_are(scene: Scene) -> None:
    """Failed by webhook, paid by their books: the money would be paid out again."""
    contract = builders.pay_out(scene.market, paid_for(scene))
    payout = scene.market.kept(Payout)
    scene.market.do(FailPayout(by=NOBODY, payout_id=payout.id))
    scene.provider.lines.append(scene.payout(payout))

    found = scene.reconcile()

    assert found == [("contradicting", True)]
    assert scene.market.kept(Contract, contract.id).frozen


def second_deal(market: Market, first: Contract) -> Contract:
    """Of the same two people, accepted."""
    client, worker = market.kept(User, first.client_id), market.kept(User, first.worker_id)
    application = builders.apply(market, worker, builders.post(market, client, "A second logo"))
    market.do(Hire(by=client.id, application_id=application.id))
    contract = builders.fund(market, market.kept(Contract))
    return builders.accept(market, builders.deliver(market, contract))


def paid_for(scene: Scene) -> Contract:
    """Accepted, and the provider knows of the money."""
    contract = builders.accepted(scene.market)
    scene.provider.lines.append(scene.arrival(scene.market.kept(Payment)))
    return contract


def state_of(scene: Scene, key: str) -> str:
    with scene.market.engine.connect() as connection:
        return str(connection.scalar(select(tables.operations.c.state).where(tables.operations.c.key == key)))
