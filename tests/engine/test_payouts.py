"""出金: the daily batch, the bank's refusal, and another try."""

from datetime import UTC, datetime

import pytest

from engine import calendar, errors
from engine.contracts import Contract
from engine.payouts import ConfirmPayout, FailPayout, Payout, PayoutFailed, RetryPayout
from engine.ports import NOBODY
from engine.thanks import SayThanks
from engine.users import User
from tests.engine.facts import MONDAY, Market

# The batch of Tuesday, 10:00 in Tokyo.
NEXT_RUN = datetime(2030, 12, 3, 1, 0, tzinfo=UTC)


def pay_out(market: Market, contract: Contract) -> Payout:
    market.ring(market.get(User, contract.worker_id), "pay_out")
    return market.find(Payout)[-1]


def failed(market: Market, contract: Contract) -> Payout:
    payout = pay_out(market, contract)
    market.do(FailPayout(by=NOBODY, payout_id=payout.id))
    return payout


def test_accepted_work_is_paid_out_on_the_next_business_day() -> None:
    market = Market()
    contract = market.accepted()

    payout = pay_out(market, contract)
    market.do(ConfirmPayout(by=NOBODY, payout_id=payout.id))

    assert (market.now, payout.amount) == (NEXT_RUN, 23_400)
    assert (market.again(contract).stage, market.again(payout).stage) == ("paid_out", "confirmed")
    assert market.balance(f"earnings:{contract.worker_id}") == 0


@pytest.mark.parametrize(
    ("earned", "paid"),
    [
        ("2030-12-06T03:00+00:00", "2030-12-09T01:00+00:00"),  # Friday noon
        ("2030-12-08T16:00+00:00", "2030-12-10T01:00+00:00"),  # Monday, one in the morning in Tokyo
        ("2030-12-30T03:00+00:00", "2031-01-06T01:00+00:00"),  # the banks' new year
    ],
)
def test_the_batch_runs_on_the_next_business_day(earned: str, paid: str) -> None:
    assert calendar.next_payout_run(datetime.fromisoformat(earned)) == datetime.fromisoformat(paid)


def test_less_than_a_hundred_yen_waits_for_the_next_credit() -> None:
    market = Market()
    contract = market.accepted(price=100)

    market.ring(market.get(User, contract.worker_id), "pay_out")

    assert market.find(Payout) == ()
    assert (market.again(contract).stage, market.balance(f"earnings:{contract.worker_id}")) == ("accepted", 78)


def test_a_failed_payout_is_earnings_again() -> None:
    market = Market()
    contract = market.accepted()

    payout = failed(market, contract)

    assert (market.again(contract).stage, market.again(payout).stage) == ("payout_problem", "failed")
    assert market.balance(f"earnings:{contract.worker_id}") == 23_400


def test_a_payout_may_fail_after_it_was_confirmed() -> None:
    market = Market()
    contract = market.accepted()
    payout = pay_out(market, contract)
    market.do(ConfirmPayout(by=NOBODY, payout_id=payout.id))

    decision = market.do(FailPayout(by=NOBODY, payout_id=payout.id))

    assert [type(e) for e in decision.events] == [PayoutFailed]
    assert decision.timers == ()  # the worker is asked first


def test_a_payout_fails_once() -> None:
    market = Market()
    payout = failed(market, market.accepted())

    with pytest.raises(errors.NotNow):
        market.do(FailPayout(by=NOBODY, payout_id=payout.id))


def test_the_worker_lets_it_be_tried_again() -> None:
    market = Market()
    contract = market.accepted()
    failed(market, contract)

    market.do(RetryPayout(by=contract.worker_id, contract_id=contract.id))
    waiting = market.again(contract)
    payout = pay_out(market, contract)

    assert (waiting.stage, waiting.payout_id) == ("accepted", 0)
    assert (payout.amount, market.again(contract).stage) == (23_400, "paid_out")
    assert market.balance(f"earnings:{contract.worker_id}") == 0


def test_only_the_worker_asks_for_another_try() -> None:
    market = Market()
    contract = market.accepted()
    failed(market, contract)

    with pytest.raises(errors.NotFound):
        market.do(RetryPayout(by=contract.client_id, contract_id=contract.id))


def test_a_later_payout_carries_what_an_earlier_one_could_not_deliver() -> None:
    """Found while testing: the contract stayed a problem for ever after its money had left with another payout."""
    market = Market()
    contract = market.accepted()
    failed(market, contract)
    thanks = SayThanks(by=contract.client_id, contract_id=contract.id, words="", tip=100)
    market.do(thanks)
    market.pay(market.payment_of(contract, "tip"), 100)

    payout = pay_out(market, contract)

    assert (payout.amount, market.again(contract).stage) == (23_500, "paid_out")


def test_a_failed_payout_of_a_tip_alone_is_tried_again_by_itself() -> None:
    """Found while testing: nobody was asked, and no timer was left to try again."""
    market = Market()
    contract = market.accepted()
    pay_out(market, contract)
    market.do(SayThanks(by=contract.client_id, contract_id=contract.id, words="", tip=500))
    market.pay(market.payment_of(contract, "tip"), 500)
    failed(market, contract)

    payout = pay_out(market, contract)

    assert (payout.amount, market.now > NEXT_RUN > MONDAY) == (500, True)
