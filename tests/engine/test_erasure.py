"""退会: who may leave and who has to wait; what is still open is closed, and not a word of theirs is told with it."""

from dataclasses import replace

import pytest

from engine import errors
from engine.applications import Application, ApplicationDeclined, ApplicationWithdrawn
from engine.contracts import Contract
from engine.deliveries import AcceptWork
from engine.erasure import EraseMe, EraseUser, UserErased
from engine.handle import handle
from engine.jobs import HoldJob, Job, PublishJob, RejectJob
from engine.links import Link
from engine.payouts import ConfirmPayout, FailPayout, Payout
from engine.ports import NOBODY
from engine.refunds import Refund
from engine.reviews import LeaveReview
from engine.texts import GONE
from engine.thanks import SayThanks
from engine.users import Join, Suspend, User
from tests.engine.facts import Market


def paid_out(market: Market) -> Contract:
    """A deal that has ended in every way: paid out, and confirmed by the bank."""
    contract = market.accepted()
    market.ring(market.get(User, contract.worker_id), "pay_out")
    market.do(ConfirmPayout(by=NOBODY, payout_id=market.find(Payout)[-1].id))
    return market.again(contract)


def test_who_has_nothing_open_leaves_by_saying_so() -> None:
    market = Market()
    user = market.user()

    decision = market.do(EraseMe(by=user.id))

    gone = market.again(user)
    assert (gone.stage, gone.name, gone.since) == ("erased", GONE, market.now)
    assert decision.erased == (user.id,)
    [told] = decision.events
    assert isinstance(told, UserErased)
    assert told.operator_id == 0


def test_a_finished_deal_holds_neither_of_the_two() -> None:
    market = Market()
    contract = paid_out(market)

    for user_id in (contract.client_id, contract.worker_id):
        market.do(EraseMe(by=user_id))

    assert [market.get(User, user_id).stage for user_id in (contract.client_id, contract.worker_id)] == ["erased"] * 2


@pytest.mark.parametrize("party", ["client_id", "worker_id"])
@pytest.mark.parametrize("stage", ["hired", "awaiting", "funded", "delivered"])
def test_a_deal_in_the_middle_holds_both(stage: str, party: str) -> None:
    market = Market()
    contract = getattr(market, stage)()

    with pytest.raises(errors.DealsOpen) as caught:
        market.do(EraseMe(by=getattr(contract, party)))
    with pytest.raises(errors.DealsOpen):
        market.do(EraseUser(by=market.operator().id, user_id=getattr(contract, party)))

    assert caught.value == errors.DealsOpen(1)


def test_after_acceptance_only_who_is_to_be_paid_is_held() -> None:
    market = Market()
    contract = market.accepted()

    with pytest.raises(errors.DealsOpen):
        market.do(EraseMe(by=contract.worker_id))
    market.do(EraseMe(by=contract.client_id))

    assert market.get(User, contract.client_id).stage == "erased"


def test_a_payout_that_failed_holds_the_worker_alone() -> None:
    market = Market()
    contract = paid_out(market)
    market.do(FailPayout(by=NOBODY, payout_id=market.find(Payout)[-1].id))

    with pytest.raises(errors.DealsOpen):
        market.do(EraseMe(by=contract.worker_id))
    market.do(EraseMe(by=contract.client_id))

    assert market.get(User, contract.client_id).stage == "erased"


def test_what_is_too_little_to_be_paid_out_holds_nobody() -> None:
    market = Market()
    contract = market.accepted(price=127)
    assert market.balance(f"earnings:{contract.worker_id}") == 100
    small = Market()
    little = small.accepted(price=126)
    assert small.balance(f"earnings:{little.worker_id}") == 99

    with pytest.raises(errors.DealsOpen):
        market.do(EraseMe(by=contract.worker_id))
    small.do(EraseMe(by=little.worker_id))

    assert small.get(User, little.worker_id).stage == "erased"


@pytest.mark.parametrize(("account", "amount"), [("earnings", 100), ("wallet", 1)])
def test_money_of_theirs_holds_them_and_is_named(account: str, amount: int) -> None:
    market = Market()
    user = market.user()
    market.balances[f"{account}:{user.id}"] = amount
    market.balances["outside:pretend"] = -amount

    with pytest.raises(errors.MoneyOpen) as caught:
        market.do(EraseMe(by=user.id))

    assert caught.value == errors.MoneyOpen(amount)


def test_money_on_its_way_holds_them() -> None:
    market = Market()
    contract = market.accepted()
    market.ring(market.get(User, contract.worker_id), "pay_out")
    market.do(SayThanks(by=contract.client_id, contract_id=contract.id, words="", tip=300))
    found = []

    for user_id in (contract.worker_id, contract.client_id):
        with pytest.raises(errors.MoneyOpen) as caught:
            market.do(EraseMe(by=user_id))
        found.append(caught.value)

    assert found == [errors.MoneyOpen(23_400), errors.MoneyOpen(300)]


def test_what_an_operator_looks_into_is_kept_until_it_is_decided() -> None:
    market = Market()
    posted, linked, suspended, operator = market.user(), market.user(), market.user(), market.operator()
    market.do(HoldJob(by=operator.id, job_id=market.job(posted).id, reason="x"))
    market.keep(Link(id=9_000, since=market.now, user_id=linked.id, address_id=1, stage="disowned"))
    market.do(Suspend(by=operator.id, user_id=suspended.id, reason="x"))

    for user in (posted, linked):
        with pytest.raises(errors.ErasureDeferred):
            market.do(EraseMe(by=user.id))
        with pytest.raises(errors.ErasureDeferred):
            market.do(EraseUser(by=operator.id, user_id=user.id))
    with pytest.raises((errors.ErasureDeferred, errors.Suspended)):
        market.do(EraseMe(by=suspended.id))
    market.do(EraseUser(by=operator.id, user_id=suspended.id))

    assert [market.again(user).stage for user in (posted, linked, suspended)] == ["active", "active", "erased"]


def test_an_operator_erases_others_and_is_named() -> None:
    market = Market()
    user, operator = market.user(), market.operator()

    [told] = market.do(EraseUser(by=operator.id, user_id=user.id)).events

    assert isinstance(told, UserErased)
    assert (told.operator_id, told.user.id) == (operator.id, user.id)
    with pytest.raises(errors.NotYourself):
        market.do(EraseUser(by=operator.id, user_id=operator.id))
    with pytest.raises(errors.OnlyOperators):
        market.do(EraseUser(by=market.user().id, user_id=operator.id))


def test_open_jobs_close_and_applications_end_without_a_word_of_theirs() -> None:
    market = Market()
    leaving, other, worker = market.user(), market.user("佐藤"), market.user("鈴木")
    mine, theirs = market.job(leaving), market.job(other)
    received, sent = market.application(worker, mine), market.application(leaving, theirs)
    elsewhere = market.application(worker, theirs)

    decision = market.do(EraseMe(by=leaving.id))

    closed, declined, withdrawn = market.again(mine), market.again(received), market.again(sent)
    assert (closed.stage, closed.title, closed.description, closed.since) == ("closed", GONE, GONE, market.now)
    assert (declined.stage, declined.title, declined.words) == ("declined", GONE, received.words)
    assert (withdrawn.stage, withdrawn.words, withdrawn.title) == ("withdrawn", GONE, sent.title)
    assert market.again(theirs).stage == "open"
    assert market.again(elsewhere) == elsewhere
    assert [type(e) for e in decision.events] == [UserErased, ApplicationDeclined, ApplicationWithdrawn]


def test_a_job_that_was_rejected_is_published_no_more() -> None:
    market = Market()
    leaving, operator = market.user(), market.operator()
    job = market.job(leaving)
    market.do(RejectJob(by=operator.id, job_id=job.id, reason="x"))

    market.do(EraseMe(by=leaving.id))

    closed = market.again(job)
    assert (closed.stage, closed.title) == ("closed", GONE)
    with pytest.raises(errors.NotNow):
        market.do(PublishJob(by=operator.id, job_id=job.id))


def test_what_has_ended_already_is_left_as_it_is() -> None:
    market = Market()
    user = market.user()
    job = market.job(user)
    market.ring(job, "expire")
    expired = market.again(job)
    old = market.application(user, market.job(market.user("佐藤")))
    market.keep(replace(old, stage="withdrawn"))

    market.do(EraseMe(by=user.id))

    assert market.again(job) == expired
    assert [a.words for a in market.find(Application)] == ["やります"]
    assert market.find(Job, stage="closed") == ()


def test_the_erased_are_nobody_any_more() -> None:
    market = Market()
    user = market.user()
    market.do(EraseMe(by=user.id))

    with pytest.raises(errors.Refused):
        handle(EraseMe(by=user.id), market)


def test_an_accepted_deal_is_not_held_open_by_the_other_sides_wish() -> None:
    market = Market()
    contract = market.delivered()
    market.do(AcceptWork(by=contract.client_id, contract_id=contract.id, price=contract.price))

    market.do(EraseMe(by=contract.client_id))

    assert market.again(contract).stage == "accepted"
    again = Join(by=NOBODY, platform="line", tenant="t", outside_id="new", name="山田", language="ja")
    assert len(market.do(again).things) == 2


def test_what_others_are_owed_and_what_nobody_looks_into_holds_nobody() -> None:
    market = Market()
    user, other = market.user(), market.user()
    owed = Refund(id=9_000, since=market.now, stage="owed", payment_id=1, contract_id=1, payer_id=other.id, amount=1,
                  provider="pretend", errand="refund-1")  # fmt: skip
    market.keep(owed)
    market.keep(Link(id=9_001, since=market.now, user_id=user.id, address_id=1, stage="linked"))

    market.do(EraseMe(by=user.id))

    assert market.again(user).stage == "erased"


@pytest.mark.parametrize("gone", ["client_id", "worker_id"])
def test_nobody_reviews_who_has_left(gone: str) -> None:
    market = Market()
    contract = paid_out(market)
    left = getattr(contract, gone)
    market.do(EraseMe(by=left))
    stars = dict.fromkeys(("skill", "quality", "schedule", "communication", "partnership"), 5)

    with pytest.raises(errors.OtherGone):
        market.do(LeaveReview(by=contract.other_than(left), contract_id=contract.id, comment="", again=10, **stars))
