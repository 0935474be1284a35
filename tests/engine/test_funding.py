"""Money comes in time, late, twice, or of the wrong amount."""

from dataclasses import replace

import pytest

from engine import errors
from engine.contracts import CancelContract, Contract, Funded
from engine.payments import (
    ConfirmPayment,
    FailPage,
    OpenPayment,
    PageFailed,
    PageRetried,
    Payment,
    PaymentOpened,
    PaymentReturned,
    RenewPage,
    RetryPage,
    WrongAmountPaid,
    arrival,
)
from engine.payouts import Payout
from engine.ports import NOBODY
from engine.users import User
from tests.engine.facts import PRICE, Market


def test_exactly_the_price_starts_the_work() -> None:
    market = Market()
    contract = market.awaiting()

    decision = market.pay(market.payment_of(contract), PRICE)

    assert [type(e) for e in decision.events] == [Funded]
    assert market.again(contract).stage == "in_progress"
    assert market.balances == {f"escrow:{contract.id}": PRICE, "outside:pretend": -PRICE}


@pytest.mark.parametrize("amount", [PRICE - 1, PRICE + 1, 1])
def test_a_wrong_amount_goes_back_and_the_payment_stays_open(amount: int) -> None:
    market = Market()
    contract = market.awaiting()
    payment = market.payment_of(contract)

    wrong = market.pay(payment, amount)
    right = market.pay(payment, PRICE, "arrival-2")

    assert wrong.events == (WrongAmountPaid(payment=payment, paid=amount),)
    assert [(o.kind, o.key, o.amount) for o in wrong.operations] == [
        ("refund", f"refund-{payment.id}-arrival-1", amount)
    ]
    assert wrong.transfers == ()
    assert [type(e) for e in right.events] == [Funded]


def test_late_money_goes_back() -> None:
    market = Market()
    contract = market.awaiting()
    market.ring(contract, "expire")

    late = market.pay(market.payment_of(contract), PRICE)

    assert [type(e) for e in late.events] == [PaymentReturned]
    assert [(o.kind, o.amount) for o in late.operations] == [("refund", PRICE)]
    assert (market.payment_of(contract).stage, market.again(contract).stage) == ("returned", "expired")
    assert sum(market.balances.values()) == 0
    assert market.balance(f"escrow:{contract.id}") == 0


def test_a_page_paid_twice_gives_the_second_sum_back() -> None:
    market = Market()
    contract = market.funded()

    again = market.pay(market.payment_of(contract), PRICE, "arrival-2")

    assert [type(e) for e in again.events] == [PaymentReturned]
    payment = market.payment_of(contract)
    [errand] = again.operations
    assert errand.key == f"refund-{payment.id}-arrival-2"
    assert (payment.reference, arrival(errand.key, payment.id)) == ("arrival-1", "arrival-2")
    assert market.balance(f"escrow:{contract.id}") == PRICE


def test_a_late_page_paid_again_goes_back_too() -> None:
    market = Market()
    contract = market.awaiting()
    market.ring(contract, "expire")
    market.pay(market.payment_of(contract), PRICE, "arrival-1")

    again = market.pay(market.payment_of(contract), PRICE, "arrival-2")

    assert [o.amount for o in again.operations] == [PRICE]


def test_the_pay_page_is_told_only_while_it_is_wanted() -> None:
    market = Market()
    contract = market.awaiting()
    payment = market.payment_of(contract)
    opening = OpenPayment(by=NOBODY, payment_id=payment.id, reference="r", url="https://pay.example/1")

    opened = market.do(opening)
    market.ring(contract, "expire")
    too_late = market.do(replace(opening, reference="r-2", url="https://pay.example/2"))

    assert [type(e) for e in opened.events] == [PaymentOpened]
    assert too_late.events == ()
    # Nor is its address kept: who it was for may have left.
    assert (market.again(payment).reference, market.again(payment).url) == ("r", "https://pay.example/1")


def test_page_that_was_made_after_its_time_is_known_by_its_name() -> None:
    """Money may still come by it, and goes back from there."""
    market = Market()
    contract = market.awaiting()
    payment = market.payment_of(contract)
    market.ring(contract, "expire")

    market.do(OpenPayment(by=NOBODY, payment_id=payment.id, reference="late", url="https://pay.example/1"))

    assert (market.again(payment).reference, market.again(payment).url) == ("late", "")


def test_page_that_was_paid_on_is_not_forgotten_for_one_that_comes_late() -> None:
    """What goes back goes back from there."""
    market = Market()
    payment = market.payment_of(market.awaiting())
    market.do(ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=PRICE, reference="paid-on"))

    market.do(OpenPayment(by=NOBODY, payment_id=payment.id, reference="late", url="https://pay.example/2"))

    assert (market.again(payment).stage, market.again(payment).reference) == ("paid", "paid-on")


@pytest.mark.parametrize(("page", "renewed"), [("r-1", 1), ("r-0", 0), ("", 0)])
def test_only_the_page_we_told_of_is_followed_by_another(page: str, renewed: int) -> None:
    market = Market()
    payment = market.payment_of(market.awaiting())
    market.do(OpenPayment(by=NOBODY, payment_id=payment.id, reference="r-1", url="https://pay.example/1"))

    decision = market.do(RenewPage(by=NOBODY, payment_id=payment.id, reference=page))

    assert [(o.kind, o.key, o.amount) for o in decision.operations] == [
        ("collect", f"collect-{payment.id}-r-1", PRICE)
    ] * renewed


def test_page_of_a_payment_that_is_over_is_not_renewed() -> None:
    market = Market()
    contract = market.awaiting()
    payment = market.payment_of(contract)
    market.do(OpenPayment(by=NOBODY, payment_id=payment.id, reference="r-1", url="https://pay.example/1"))
    market.ring(contract, "expire")

    decision = market.do(RenewPage(by=NOBODY, payment_id=payment.id, reference="r-1"))

    assert decision.operations == ()


def without_page(market: Market) -> Payment:
    contract = market.awaiting()
    market.do(FailPage(by=NOBODY, payment_id=market.payment_of(contract).id, reason="amount_too_small"))
    return market.payment_of(contract)


def test_a_page_that_cannot_be_made_leaves_the_contract_and_its_deadline_as_they_are() -> None:
    market = Market()
    contract = market.awaiting()
    timers = dict(market.timers)
    wanted = FailPage(by=NOBODY, payment_id=market.payment_of(contract).id, reason="amount_too_small")

    decision = market.do(wanted)

    [told] = decision.events
    assert isinstance(told, PageFailed)
    assert told.reason == "amount_too_small"
    assert (market.payment_of(contract).stage, market.again(contract).stage) == ("page_problem", "awaiting_escrow")
    assert market.timers == timers


@pytest.mark.parametrize(("named", "kept"), [("r-2", "r-2"), ("", "r-1")])
def test_nobody_is_sent_to_a_page_that_failed_but_its_name_is_known(named: str, kept: str) -> None:
    market = Market()
    payment = market.payment_of(market.awaiting())
    market.do(OpenPayment(by=NOBODY, payment_id=payment.id, reference="r-1", url="https://pay.example/1"))

    market.do(FailPage(by=NOBODY, payment_id=payment.id, reason="amount_too_small", reference=named))

    failed = market.again(payment)
    assert (failed.url, failed.reference) == ("", kept)


def test_the_payer_asks_for_another_page_under_another_key() -> None:
    market = Market()
    payment = without_page(market)

    first = market.do(RetryPage(by=payment.payer_id, payment_id=payment.id))
    market.do(FailPage(by=NOBODY, payment_id=payment.id, reason="amount_too_small"))
    second = market.do(RetryPage(by=payment.payer_id, payment_id=payment.id))

    keys = [decision.operations[0].key for decision in (first, second)]
    assert [type(e) for e in first.events] == [PageRetried]
    assert len({f"collect-{payment.id}", *keys}) == 3


def test_only_the_payer_asks_for_another_page() -> None:
    market = Market()
    payment = without_page(market)

    with pytest.raises(errors.NotFound):
        market.do(RetryPage(by=market.user().id, payment_id=payment.id))


def test_another_page_is_made_only_where_one_is_missing() -> None:
    market = Market()
    payment = market.payment_of(market.awaiting())

    with pytest.raises(errors.NotNow):
        market.do(RetryPage(by=payment.payer_id, payment_id=payment.id))


@pytest.mark.parametrize("amount", [PRICE, PRICE - 1])
def test_money_on_an_earlier_page_counts_while_no_new_one_can_be_made(amount: int) -> None:
    market = Market()
    payment = without_page(market)

    decision = market.pay(payment, amount)

    assert [type(e) for e in decision.events] == [Funded if amount == PRICE else WrongAmountPaid]


def test_a_payment_without_page_lapses_with_its_contract() -> None:
    market = Market()
    payment = without_page(market)
    contract = market.get(Contract, payment.contract_id)

    market.ring(contract, "expire")

    assert (market.again(contract).stage, market.again(payment).stage) == ("expired", "expired")


@pytest.mark.parametrize("party", ["client_id", "worker_id"])
def test_a_payment_without_page_is_over_when_its_contract_is_cancelled(party: str) -> None:
    market = Market()
    payment = without_page(market)
    contract = market.get(Contract, payment.contract_id)

    market.do(CancelContract(by=getattr(contract, party), contract_id=contract.id))

    assert (market.again(contract).stage, market.again(payment).stage) == ("cancelled", "expired")


def test_an_errand_is_known_by_what_it_is_and_for_what() -> None:
    market = Market()
    contract = market.accepted()

    market.ring(market.get(User, contract.worker_id), "pay_out")

    assert market.keys == {f"collect-{market.payment_of(contract).id}", f"pay_out-{market.find(Payout)[0].id}"}
