"""返金: what the provider would not refund is owed, until it has reached who paid it; once."""

from collections.abc import Callable

import pytest

from engine import errors
from engine.approvals import FOUR_EYES_ABOVE_YEN, Approval
from engine.endings import AgreeEnding, ProposeEnding
from engine.erasure import EraseMe
from engine.payments import Payment
from engine.ports import NOBODY, Operation
from engine.refunds import ConfirmRefund, FailRefund, Refund, RefundFailed, RetryRefund, SettleRefund
from tests.engine.facts import PRICE, Market

Errand = tuple[Payment, Operation]


def returned(market: Market, price: int = PRICE) -> Errand:
    """The price of a contract that was ended early is on its way back."""
    contract = market.funded(price)
    market.do(ProposeEnding(by=contract.client_id, contract_id=contract.id, percent=0))
    ended = market.do(AgreeEnding(by=contract.worker_id, contract_id=contract.id))
    return market.payment_of(contract), ended.operations[0]


def surplus(market: Market) -> Errand:
    """A page was paid twice: the second sum is on its way back, and in no books."""
    contract = market.funded()
    again = market.pay(market.payment_of(contract), PRICE, "arrival-2")
    return market.payment_of(contract), again.operations[0]


def refused(market: Market, payment: Payment, errand: Operation) -> Refund:
    market.do(
        FailRefund(by=NOBODY, payment_id=payment.id, amount=errand.amount, errand=errand.key, reason="account_closed")
    )
    return market.find(Refund)[-1]


def owed(market: Market, price: int = PRICE) -> Refund:
    return refused(market, *returned(market, price))


def operator(market: Market) -> int:
    found = market.user().id
    market.operators.add(found)
    return found


@pytest.mark.parametrize("origin", [returned, surplus])
def test_a_refused_refund_is_owed_wherever_its_money_came_from(origin: Callable[[Market], Errand]) -> None:
    market = Market()
    payment, errand = origin(market)
    held = -market.balance("outside:pretend")

    refund = refused(market, payment, errand)

    assert (refund.stage, refund.amount, refund.payer_id) == ("owed", PRICE, payment.payer_id)
    assert market.balance(f"owed:{refund.id}") == PRICE
    assert -market.balance("outside:pretend") == held + PRICE


def test_an_errand_is_refused_once() -> None:
    market = Market()
    payment, errand = returned(market)
    refused(market, payment, errand)

    with pytest.raises(errors.NotNow):
        refused(market, payment, errand)


def test_an_operator_has_it_tried_again_under_another_key() -> None:
    market = Market()
    refund = owed(market)

    again = market.do(RetryRefund(by=operator(market), refund_id=refund.id))
    market.do(ConfirmRefund(by=NOBODY, errand=again.operations[0].key))

    [errand] = again.operations
    assert (errand.kind, errand.amount, errand.thing_id) == ("refund", PRICE, refund.payment_id)
    assert errand.key not in (refund.errand, "")
    assert (market.again(refund).stage, market.balance(f"owed:{refund.id}")) == ("refunded", 0)


def test_what_is_on_its_way_is_neither_tried_nor_settled_again() -> None:
    market = Market()
    refund, by = owed(market), operator(market)
    market.do(RetryRefund(by=by, refund_id=refund.id))

    for wanted in (RetryRefund(by=by, refund_id=refund.id), SettleRefund(by=by, refund_id=refund.id)):
        with pytest.raises(errors.NotNow):
            market.do(wanted)


def test_a_second_refusal_is_owed_again_and_tried_under_a_third_key() -> None:
    market = Market()
    refund, by = owed(market), operator(market)
    payment = market.get(Payment, refund.payment_id)
    first = market.do(RetryRefund(by=by, refund_id=refund.id)).operations[0]

    again = refused(market, payment, first)
    second = market.do(RetryRefund(by=by, refund_id=refund.id)).operations[0]

    assert (again.id, again.stage, len(market.find(Refund))) == (refund.id, "owed", 1)
    assert len({refund.errand, first.key, second.key}) == 3


def test_a_settled_refund_has_left_by_hand_and_not_through_the_provider() -> None:
    market = Market()
    refund = owed(market)
    held = -market.balance("outside:pretend")

    market.do(SettleRefund(by=operator(market), refund_id=refund.id))

    assert (market.again(refund).stage, market.balance(f"owed:{refund.id}")) == ("settled", 0)
    assert (market.balance("outside:by_hand"), -market.balance("outside:pretend")) == (PRICE, held)


def test_above_the_limit_two_operators_settle() -> None:
    market = Market()
    refund = owed(market, FOUR_EYES_ABOVE_YEN + 1)

    market.do(SettleRefund(by=operator(market), refund_id=refund.id))
    waiting = market.again(refund).stage
    market.do(SettleRefund(by=operator(market), refund_id=refund.id))

    assert (waiting, market.again(refund).stage, market.find(Approval)[0].stage) == ("owed", "settled", "confirmed")


@pytest.mark.parametrize("kind", [RetryRefund, SettleRefund])
def test_nobody_decides_about_a_refund_of_their_own(kind: type[RetryRefund | SettleRefund]) -> None:
    market = Market()
    refund = owed(market)
    market.operators.add(refund.payer_id)

    with pytest.raises(errors.NotYourself):
        market.do(kind(by=refund.payer_id, refund_id=refund.id))


@pytest.mark.parametrize("kind", [RetryRefund, SettleRefund])
def test_only_operators_decide(kind: type[RetryRefund | SettleRefund]) -> None:
    market = Market()
    refund = owed(market)

    with pytest.raises(errors.OnlyOperators):
        market.do(kind(by=refund.payer_id, refund_id=refund.id))


def test_nobody_leaves_while_they_are_owed_a_refund() -> None:
    market = Market()
    refund = owed(market)

    with pytest.raises(errors.MoneyOpen) as refusal:
        market.do(EraseMe(by=refund.payer_id))

    assert refusal.value.amount == PRICE


def test_of_a_refund_that_was_made_nothing_is_kept() -> None:
    market = Market()
    _, errand = returned(market)

    decision = market.do(ConfirmRefund(by=NOBODY, errand=errand.key))

    assert (decision.events, market.find(Refund)) == ((), ())


def test_what_is_said_of_one_refund_leaves_another_alone() -> None:
    market = Market()
    other, (payment, errand) = owed(market), returned(market)
    market.do(RetryRefund(by=operator(market), refund_id=other.id))

    made = market.do(ConfirmRefund(by=NOBODY, errand=errand.key))
    refund = refused(market, payment, errand)

    assert made.events == ()
    assert (refund.id != other.id, refund.stage, market.again(other).stage) == (True, "owed", "sent")


def test_a_refusal_says_the_providers_word_for_it() -> None:
    market = Market()
    payment, errand = returned(market)
    wanted = FailRefund(by=NOBODY, payment_id=payment.id, amount=PRICE, errand=errand.key, reason="account_closed")

    decision = market.do(wanted)

    [told] = decision.events
    assert isinstance(told, RefundFailed)
    assert told.reason == "account_closed"
