"""凍結: what is not in both books is not paid out until it is settled, and nothing else waits for it."""

from dataclasses import replace

import pytest

from engine.contracts import Contract
from engine.freezing import BookLoss, ContractFrozen, ContractThawed, FreezeFor, MismatchFound, Thaw
from engine.ledger import Transfer
from engine.payouts import FailPayout, Payout, due_at_next_run
from engine.ports import NOBODY, Decision
from engine.thanks import SayThanks
from engine.users import User
from tests.engine.facts import Market


def freezing(*deals: Contract) -> FreezeFor:
    ids = tuple(deal.id for deal in deals)
    return FreezeFor(by=NOBODY, kind="amount", subject="p-1", ours=100, theirs=90, contract_ids=ids)


def found(*deals: Contract) -> MismatchFound:
    return MismatchFound(kind="amount", subject="p-1", ours=100, theirs=90, contracts=deals)


def waiting(market: Market, stage: str) -> Contract:
    """A contract whose worker is still to be paid out."""
    contract = market.accepted()
    if stage == "payout_problem":
        market.ring(market.get(User, contract.worker_id), "pay_out")
        market.do(FailPayout(by=NOBODY, payout_id=market.find(Payout)[-1].id))
    return market.again(contract)


@pytest.mark.parametrize("stage", ["accepted", "payout_problem"])
def test_who_waits_for_earnings_is_told_that_they_are_frozen(stage: str) -> None:
    market = Market()
    contract, other = waiting(market, stage), market.accepted()

    decision = market.do(freezing(contract))

    frozen = replace(contract, frozen=True)
    assert decision == Decision(events=(found(frozen), ContractFrozen(contract=frozen)), things=(frozen,))
    assert not market.again(other).frozen


def test_whose_work_is_under_way_notices_nothing() -> None:
    market = Market()
    contract = market.funded()

    frozen = replace(contract, frozen=True)
    assert market.do(freezing(contract)) == Decision(events=(found(frozen),), things=(frozen,))


def test_what_is_frozen_is_told_to_operators_again_and_to_nobody_else() -> None:
    market = Market()
    contract = market.accepted()
    market.do(freezing(contract))

    assert market.do(freezing(contract)) == Decision(events=(found(market.again(contract)),))


def test_what_concerns_no_contract_freezes_none() -> None:
    market = Market()
    market.accepted()

    assert market.do(freezing()) == Decision(events=(found(),))


def test_frozen_earnings_stay_and_the_rest_is_paid_out() -> None:
    market = Market()
    contract = market.accepted()
    market.do(freezing(contract))
    market.do(SayThanks(by=contract.client_id, contract_id=contract.id, words="", tip=100))
    market.pay(market.payment_of(contract, "tip"), 100)

    market.ring(market.get(User, contract.worker_id), "pay_out")

    assert [payout.amount for payout in market.find(Payout)] == [100]
    assert market.balance(f"earnings:{contract.worker_id}") == contract.net
    assert market.again(contract).stage == "accepted"


@pytest.mark.parametrize("stage", ["accepted", "payout_problem"])
def test_thawed_earnings_go_out_with_the_next_run(stage: str) -> None:
    market = Market()
    contract = waiting(market, stage)
    market.do(freezing(contract))
    frozen = market.again(contract)

    decision = market.do(Thaw(by=NOBODY, contract_id=contract.id))

    free = replace(frozen, frozen=False)
    assert decision == Decision(
        events=(ContractThawed(contract=free),),
        things=(free,),
        timers=(due_at_next_run(contract.worker_id, market.now),),
    )


def test_who_did_not_notice_the_frost_does_not_notice_the_thaw() -> None:
    market = Market()
    contract = market.funded()
    market.do(freezing(contract))
    frozen = market.again(contract)

    assert market.do(Thaw(by=NOBODY, contract_id=contract.id)) == Decision(things=(replace(frozen, frozen=False),))


def test_loss_is_the_houses_and_takes_from_nobody() -> None:
    market = Market()
    contract = market.funded()

    decision = market.do(BookLoss(by=NOBODY, contract_id=contract.id, amount=300, provider="pretend"))

    moved = Transfer("outside:chargebacks", "outside:pretend", 300, "loss", contract.id)
    assert decision == Decision(transfers=(moved,))
    assert market.balance(f"escrow:{contract.id}") == contract.price


def test_what_is_not_frozen_is_not_thawed() -> None:
    market = Market()
    contract = market.accepted()

    assert market.do(Thaw(by=NOBODY, contract_id=contract.id)) == Decision()
