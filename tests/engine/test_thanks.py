"""ありがとう, with words and with a tip."""

from datetime import timedelta

import pytest

from engine import errors
from engine.contracts import Contract
from engine.endings import AgreeEnding, ProposeEnding
from engine.thanks import SayThanks, Thanks, ThanksSaid, TipAsked, TipForgone, Tipped
from tests.engine.facts import MONDAY, Market


def thank(contract: Contract, by: int, words: str = "", tip: int = 0) -> SayThanks:
    return SayThanks(by=by, contract_id=contract.id, words=words, tip=tip)


def test_both_thank_each_other() -> None:
    market = Market()
    contract = market.accepted()

    for by in (contract.client_id, contract.worker_id):
        decision = market.do(thank(contract, by, "助かりました"))
        assert [type(e) for e in decision.events] == [ThanksSaid]

    assert [(t.giver_id, t.receiver_id) for t in market.find(Thanks)] == [
        (contract.client_id, contract.worker_id),
        (contract.worker_id, contract.client_id),
    ]


def test_once_a_day_by_the_markets_calendar() -> None:
    market = Market()
    contract = market.accepted()
    market.do(thank(contract, contract.client_id))

    with pytest.raises(errors.AlreadyThanked):
        market.do(thank(contract, contract.client_id))
    market.now = MONDAY + timedelta(hours=14)  # midnight in Tokyo
    market.do(thank(contract, contract.client_id))

    assert [t.day.isoformat() for t in market.find(Thanks)] == ["2030-12-02", "2030-12-03"]


def test_a_tip_is_paid_through_a_page_and_arrives_whole() -> None:
    market = Market()
    contract = market.accepted()

    asked = market.do(thank(contract, contract.client_id, tip=300))
    paid = market.pay(market.payment_of(contract, "tip"), 300)

    assert [type(e) for e in asked.events] == [TipAsked]
    assert [type(e) for e in paid.events] == [Tipped]
    assert market.balance(f"earnings:{contract.worker_id}") == 23_700


def test_a_tip_from_a_balance_needs_no_page() -> None:
    market = Market()
    contract = market.accepted()
    market.balances[f"wallet:{contract.client_id}"] = 300

    decision = market.do(thank(contract, contract.client_id, tip=300))

    assert ([type(e) for e in decision.events], decision.operations) == ([Tipped], ())
    assert market.balance(f"wallet:{contract.client_id}") == 0


def test_a_tip_never_paid_leaves_the_thanks() -> None:
    market = Market()
    contract = market.accepted()
    market.do(thank(contract, contract.client_id, tip=300))
    [said] = market.find(Thanks)

    decision = market.ring(said, "forgo_tip")

    assert [type(e) for e in decision.events] == [TipForgone]
    assert market.now == MONDAY + timedelta(hours=72)
    assert (market.again(said).stage, market.payment_of(contract, "tip").stage) == ("said", "expired")


@pytest.mark.parametrize("tip", [9, 501, -1])
def test_a_tip_has_its_range(tip: int) -> None:
    market = Market()
    contract = market.accepted()

    with pytest.raises(errors.TipOutOfRange):
        market.do(thank(contract, contract.client_id, tip=tip))


def test_a_tip_comes_from_the_client_after_acceptance() -> None:
    market = Market()
    contract, ended = market.accepted(), market.funded()
    market.do(ProposeEnding(by=ended.client_id, contract_id=ended.id, percent=50))
    market.do(AgreeEnding(by=ended.worker_id, contract_id=ended.id))

    for deal, by in ((contract, contract.worker_id), (ended, ended.client_id)):
        with pytest.raises(errors.TipTooEarly):
            market.do(thank(deal, by, tip=100))


def test_thanks_wait_for_the_end_of_the_work() -> None:
    market = Market()
    contract = market.delivered()

    with pytest.raises(errors.NotNow):
        market.do(thank(contract, contract.client_id))


def test_words_of_thanks_have_a_limit() -> None:
    market = Market()
    contract = market.accepted()

    with pytest.raises(errors.TooLong):
        market.do(thank(contract, contract.client_id, "あ" * 81))
    market.do(thank(contract, contract.client_id, "あ" * 80))
