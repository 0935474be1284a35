"""What becomes of one deal leaves its neighbours alone, though the same people may be in both."""

from dataclasses import replace

import pytest

from engine.applications import Application, WithdrawApplication
from engine.contracts import CancelContract, Contract, Hire
from engine.endings import EndOverdue
from engine.errors import AlreadyThanked
from engine.jobs import CloseJob
from engine.links import Link
from engine.payments import Payment
from engine.payouts import FailPayout, Payout
from engine.ports import NOBODY
from engine.reviews import LeaveReview, Review
from engine.thanks import SayThanks
from engine.users import User
from tests.engine.facts import Market


def rest(market: Market, *mine: object) -> dict[tuple[str, int], object]:
    """All things but these."""
    return {key: thing for key, thing in market.things.items() if key not in mine}


def test_closing_a_job_declines_its_own_applications_that_are_open() -> None:
    market = Market()
    client, worker = market.user(), market.user("佐藤")
    closing, other = market.job(client), market.job(client)
    mine, elsewhere = market.application(worker, closing), market.application(worker, other)
    gone = market.application(market.user("鈴木"), closing)
    market.do(WithdrawApplication(by=gone.worker_id, application_id=gone.id))

    decision = market.do(CloseJob(by=client.id, job_id=closing.id))

    assert [(t.noun, t.id) for t in decision.things] == [("job", closing.id), ("application", mine.id)]
    assert market.again(elsewhere).stage == "applied"


def test_hiring_declines_the_other_applications_for_the_same_job_alone() -> None:
    market = Market()
    client = market.user()
    job, other = market.job(client), market.job(client)
    workers = [market.user(name) for name in ("佐藤", "鈴木", "高橋")]
    chosen, beside, elsewhere = (
        market.application(workers[0], job), market.application(workers[1], job), market.application(workers[2], other)
    )  # fmt: skip

    market.do(Hire(by=client.id, application_id=chosen.id))

    assert [market.again(a).stage for a in (chosen, beside, elsewhere)] == ["hired", "declined", "applied"]


def test_hiring_after_an_application_was_withdrawn_passes_it_over() -> None:
    market = Market()
    client = market.user()
    job = market.job(client)
    gone, chosen = market.application(market.user("佐藤"), job), market.application(market.user("鈴木"), job)
    market.keep(replace(gone, stage="withdrawn"))

    market.do(Hire(by=client.id, application_id=chosen.id))

    assert [market.again(a).stage for a in (gone, chosen)] == ["withdrawn", "hired"]


def test_a_cancelled_contract_ends_its_own_payment_alone() -> None:
    market = Market()
    cancelled, other = market.awaiting(), market.awaiting()

    market.do(CancelContract(by=cancelled.client_id, contract_id=cancelled.id))

    assert market.payment_of(cancelled).stage == "expired"
    assert market.payment_of(other).stage == "requested"


def test_a_refund_goes_through_the_payment_that_filled_this_escrow() -> None:
    market = Market()
    other, overdue = market.funded(), market.funded()
    market.ring(overdue, "fall_overdue")

    decision = market.do(EndOverdue(by=overdue.client_id, contract_id=overdue.id))

    [refund] = decision.operations
    assert (refund.thing_id, refund.amount) == (market.payment_of(overdue).id, overdue.price)
    assert refund.key == f"refund-{market.payment_of(overdue).id}-{overdue.price}"
    assert market.balance(f"escrow:{other.id}") == other.price


def test_a_payout_carries_the_contracts_of_its_own_worker() -> None:
    market = Market()
    failed, mine, other = market.accepted(), market.accepted(), market.accepted()
    market.ring(market.get(User, failed.worker_id), "pay_out")
    market.do(FailPayout(by=NOBODY, payout_id=market.find(Payout)[0].id))

    market.ring(market.get(User, mine.worker_id), "pay_out")

    payout = market.find(Payout)[-1]
    assert (market.again(mine).stage, market.again(mine).payout_id) == ("paid_out", payout.id)
    assert (market.again(other).stage, market.again(other).payout_id) == ("accepted", 0)
    assert market.again(failed).stage == "payout_problem"


def test_a_payout_does_not_wait_for_anothers_messengers() -> None:
    market = Market()
    contract, other = market.accepted(), market.user()
    market.keep(Link(id=9_000, since=market.now, user_id=other.id, address_id=1, stage="disowned"))

    market.ring(market.get(User, contract.worker_id), "pay_out")

    assert market.again(contract).stage == "paid_out"


def test_a_review_is_unseen_though_others_have_reviewed_each_other() -> None:
    market = Market()
    other, contract = market.accepted(), market.accepted()
    stars = dict.fromkeys(("skill", "quality", "schedule", "communication", "partnership"), 5)

    for deal in (other, contract):
        market.do(LeaveReview(by=deal.client_id, contract_id=deal.id, comment="", again=10, **stars))

    assert [review.stage for review in market.find(Review)] == ["hidden", "hidden"]


def test_a_forgone_tip_ends_its_own_payment_alone() -> None:
    market = Market()
    first, second = market.accepted(), market.accepted()
    for deal in (first, second):
        market.do(SayThanks(by=deal.client_id, contract_id=deal.id, words="感謝", tip=100))
    said = next(t for t in market.things.values() if t.noun == "thanks")

    market.ring(said, "forgo_tip")

    assert market.payment_of(first, "tip").stage == "expired"
    assert market.payment_of(second, "tip").stage == "requested"


def test_thanks_are_once_a_day_for_each_pair_of_people() -> None:
    market = Market()
    one, other = market.accepted(), market.accepted()
    to_both = replace(other, client_id=one.client_id)
    from_both = replace(market.accepted(), worker_id=one.worker_id)
    market.keep(to_both)
    market.keep(from_both)
    market.do(SayThanks(by=one.client_id, contract_id=one.id, words="感謝", tip=0))

    market.do(SayThanks(by=one.client_id, contract_id=to_both.id, words="感謝", tip=0))
    market.do(SayThanks(by=from_both.client_id, contract_id=from_both.id, words="感謝", tip=0))

    with pytest.raises(AlreadyThanked):
        market.do(SayThanks(by=one.client_id, contract_id=one.id, words="感謝", tip=0))
    assert {type(t) for t in (one, to_both)} == {Contract}


def test_an_expired_application_tells_of_its_own_job() -> None:
    market = Market()
    job = market.job(market.user())
    market.job(market.user())
    application = market.application(market.user("佐藤"), job)

    [told] = market.ring(application, "expire").events

    assert getattr(told, "job", None) == job
    assert market.find(Application, stage="expired") == (market.again(application),)
    assert market.find(Payment) == ()
