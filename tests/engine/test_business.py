"""Business of one's own: who has had any is not folded into another, and the last messenger stays while it goes on."""

import pytest

from engine.endings import AgreeEnding, ProposeEnding
from engine.linking import business
from engine.payouts import ConfirmPayout, Payout
from engine.ports import NOBODY
from engine.refunds import FailRefund
from engine.users import User
from tests.engine.facts import Market

KINDS = ("job", "application", "deal as client", "deal as worker", "payout", "refund")


def people(market: Market) -> dict[str, int]:
    """Each has business of one kind that has not ended, and of no other."""
    job, under_way, accepted, ended = market.job(market.user()), market.funded(), market.accepted(), market.funded()
    application = market.application(market.user(), job)
    market.ring(market.get(User, accepted.worker_id), "pay_out")
    market.do(ProposeEnding(by=ended.client_id, contract_id=ended.id, percent=0))
    [errand] = market.do(AgreeEnding(by=ended.worker_id, contract_id=ended.id)).operations
    market.do(
        FailRefund(by=NOBODY, payment_id=errand.thing_id, amount=errand.amount, errand=errand.key, reason="closed")
    )
    found = (
        job.client_id,
        application.worker_id,
        under_way.client_id,
        under_way.worker_id,
        accepted.worker_id,
        ended.client_id,
    )
    return dict(zip(KINDS, found, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_has_not_ended_is_business(kind: str) -> None:
    market = Market()
    person = people(market)[kind]

    assert business(market, person, live=True)


def test_what_has_ended_was_business() -> None:
    market = Market()
    person = people(market)["payout"]
    market.do(ConfirmPayout(by=NOBODY, payout_id=market.find(Payout)[0].id))

    assert (business(market, person, live=True), business(market, person, live=False)) == (False, True)


def test_what_others_do_is_no_business_of_mine() -> None:
    market = Market()
    people(market)

    assert not business(market, market.user().id, live=False)


@pytest.mark.parametrize("accounts", [("earnings",), ("wallet",), ("earnings", "wallet")])
def test_money_is_business(accounts: tuple[str, ...]) -> None:
    market = Market()
    user = market.user()
    for account in accounts:
        market.balances[f"{account}:{user.id}"] = 1

    assert business(market, user.id, live=True)
