"""途中終了: by agreement, by silence, or because it is overdue."""

from datetime import timedelta

import pytest

from engine import errors
from engine.contracts import Contract
from engine.endings import AgreeEnding, EndedEarly, EndOverdue, ProposeEnding, RefuseEnding
from tests.engine.facts import MONDAY, PRICE, Market


def proposed(market: Market, percent: int, by: str = "client_id") -> Contract:
    contract = market.funded()
    market.do(ProposeEnding(by=getattr(contract, by), contract_id=contract.id, percent=percent))
    return market.again(contract)


@pytest.mark.parametrize(
    ("percent", "earned", "back"),
    [(0, 0, 30_000), (25, 5_850, 22_500), (50, 11_700, 15_000), (75, 17_550, 7_500), (100, 23_400, 0)],
)
def test_an_agreed_ending_splits_the_escrow(percent: int, earned: int, back: int) -> None:
    market = Market()
    contract = proposed(market, percent)

    decision = market.do(AgreeEnding(by=contract.worker_id, contract_id=contract.id))

    assert market.again(contract).stage == "ended_early"
    assert market.balance(f"escrow:{contract.id}") == 0
    assert market.balance(f"earnings:{contract.worker_id}") == earned
    assert [o.amount for o in decision.operations if o.kind == "refund"] == ([back] if back else [])
    assert [t.name for t in decision.timers] == (["pay_out"] if earned else [])
    assert [(e.paid, e.refunded) for e in decision.events if isinstance(e, EndedEarly)] == [(PRICE - back, back)]


def test_a_client_who_withholds_tax_withholds_it_of_the_part_that_is_paid() -> None:
    market = Market()
    contract = market.funded(price=22_000, withholds=True)
    market.do(ProposeEnding(by=contract.client_id, contract_id=contract.id, percent=50))

    market.do(AgreeEnding(by=contract.worker_id, contract_id=contract.id))

    assert market.balance(f"earnings:{contract.worker_id}") == 7_559
    assert market.balance("platform:withheld") == 1_021


def test_a_split_of_an_odd_price_loses_no_yen() -> None:
    market = Market()
    contract = market.funded(price=10_001)
    market.do(ProposeEnding(by=contract.worker_id, contract_id=contract.id, percent=75))

    market.do(AgreeEnding(by=contract.client_id, contract_id=contract.id))

    assert (market.balance(f"escrow:{contract.id}"), sum(market.balances.values())) == (0, 0)
    assert market.balance("outside:pretend") == -7_500


@pytest.mark.parametrize("party", ["client_id", "worker_id"])
def test_who_proposed_cannot_answer(party: str) -> None:
    market = Market()
    contract = proposed(market, 50, by=party)
    mine = getattr(contract, party)

    for wanted in (AgreeEnding(by=mine, contract_id=contract.id), RefuseEnding(by=mine, contract_id=contract.id)):
        with pytest.raises(errors.NotYourTurn):
            market.do(wanted)


def test_a_refused_ending_lets_the_work_go_on() -> None:
    market = Market()
    contract = proposed(market, 50)

    market.do(RefuseEnding(by=contract.worker_id, contract_id=contract.id))

    again = market.again(contract)
    assert (again.stage, again.ending_by, again.ending_percent) == ("in_progress", 0, 0)
    assert market.balance(f"escrow:{contract.id}") == PRICE


def test_silence_for_seven_days_ends_with_a_full_refund() -> None:
    market = Market()
    contract = proposed(market, 100, by="worker_id")

    decision = market.ring(contract, "end_in_silence")

    assert market.now == MONDAY + timedelta(days=7)
    assert market.again(contract).stage == "ended_early"
    assert [o.amount for o in decision.operations] == [PRICE]
    assert market.balance(f"earnings:{contract.worker_id}") == 0


def test_delivered_work_ends_in_no_such_way() -> None:
    market = Market()
    contract = market.delivered()

    with pytest.raises(errors.NotNow):
        market.do(ProposeEnding(by=contract.client_id, contract_id=contract.id, percent=0))


@pytest.mark.parametrize("kind", [AgreeEnding, RefuseEnding, EndOverdue])
def test_before_money_is_held_there_is_nothing_to_end(kind: type[AgreeEnding | RefuseEnding | EndOverdue]) -> None:
    market = Market()
    contract = market.hired()

    with pytest.raises(errors.NotNow):
        market.do(kind(by=contract.client_id, contract_id=contract.id))


def test_the_client_ends_overdue_work_with_a_refund() -> None:
    market = Market()
    contract = market.funded()
    market.ring(contract, "fall_overdue")

    with pytest.raises(errors.NotYourTurn):
        market.do(EndOverdue(by=contract.worker_id, contract_id=contract.id))
    market.do(EndOverdue(by=contract.client_id, contract_id=contract.id))

    assert market.again(contract).stage == "ended_early"
    assert market.balances == {"outside:pretend": 0, f"escrow:{contract.id}": 0}


def test_work_that_is_not_overdue_is_not_ended_alone() -> None:
    market = Market()
    contract = market.funded()

    with pytest.raises(errors.NotNow):
        market.do(EndOverdue(by=contract.client_id, contract_id=contract.id))


def test_only_the_offered_shares_may_be_proposed() -> None:
    market = Market()
    contract = market.funded()

    with pytest.raises(errors.NotFound):
        market.do(ProposeEnding(by=contract.client_id, contract_id=contract.id, percent=33))
