"""Four eyes: above the limit one operator asks and another decides."""

from dataclasses import replace
from typing import Any

import pytest

from engine.approvals import FOUR_EYES_ABOVE_YEN, Approval, ApprovalAsked, ApprovalExpired, ApprovalGiven
from engine.errors import NeedsAnother, NotNow, OnlyOperators
from engine.jobs import HoldJob, Job, JobPublished, PublishJob, RejectJob
from engine.users import Restore, Suspend, User
from tests.engine.facts import Market

MUCH = FOUR_EYES_ABOVE_YEN + 1


def held(market: Market, price: int = MUCH) -> Job:
    job = market.job(market.user(), price)
    market.do(HoldJob(by=market.operator().id, job_id=job.id, reason="to look at"))
    return market.again(job)


def publish(market: Market, job: Job, operator: User) -> list[type]:
    return [type(event) for event in market.do(PublishJob(by=operator.id, job_id=job.id)).events]


def test_up_to_the_limit_one_operator_decides() -> None:
    market = Market()
    job = held(market, FOUR_EYES_ABOVE_YEN)

    told = publish(market, job, market.operator())

    assert (told, market.again(job).stage) == ([JobPublished], "open")


def test_while_the_release_before_may_be_at_work_one_decides_as_there() -> None:
    market = Market(older_serves=True)
    job = held(market)

    told = publish(market, job, market.operator())

    assert (told, market.again(job).stage) == ([JobPublished], "open")


def test_above_it_the_first_asks_and_the_second_decides() -> None:
    market = Market()
    job, first, second = held(market), market.operator(), market.operator()

    asked = publish(market, job, first)
    stage_then = market.again(job).stage
    given = publish(market, job, second)

    approval = market.find(Approval)[0]
    assert (asked, stage_then) == ([ApprovalAsked], "held")
    assert (given, market.again(job).stage) == ([JobPublished, ApprovalGiven], "open")
    assert (approval.stage, approval.asked_by, approval.confirmed_by) == ("confirmed", first.id, second.id)


def test_the_first_is_not_the_second() -> None:
    market = Market()
    job, first = held(market), market.operator()
    publish(market, job, first)

    with pytest.raises(NeedsAnother) as refused:
        publish(market, job, first)

    assert refused.value == NeedsAnother(24)


@pytest.mark.parametrize("about", [{"subject": "refund"}, {"subject_id": 9_000}, {"move": "reject"}])
def test_what_was_wished_of_something_else_counts_nothing(about: dict[str, Any]) -> None:
    market = Market()
    job, first, second = held(market), market.operator(), market.operator()
    publish(market, job, first)
    market.keep(replace(market.find(Approval)[0], **about))

    assert publish(market, job, second) == [ApprovalAsked]


def test_z6_the_wish_of_who_is_no_operator_any_more_counts_nothing() -> None:
    market = Market()
    job, demoted, second, third = held(market), market.operator(), market.operator(), market.operator()
    publish(market, job, demoted)
    market.operators.remove(demoted.id)

    with pytest.raises(OnlyOperators):
        publish(market, job, demoted)
    then = publish(market, job, second)

    assert (then, market.again(job).stage) == ([ApprovalAsked], "held")
    assert [approval.stage for approval in market.find(Approval)] == ["lapsed", "waiting"]
    assert publish(market, job, third) == [JobPublished, ApprovalGiven]


def test_the_wish_of_a_suspended_operator_counts_nothing() -> None:
    market = Market()
    job, suspended, second = held(market), market.operator(), market.operator()
    publish(market, job, suspended)
    market.do(Suspend(by=second.id, user_id=suspended.id, reason="to look at"))

    assert publish(market, job, second) == [ApprovalAsked]


def test_what_was_decided_meanwhile_needs_to_be_asked_anew() -> None:
    market = Market()
    job, first, second = held(market), market.operator(), market.operator()
    publish(market, job, first)
    market.pass_time(minutes=1)
    market.do(RejectJob(by=second.id, job_id=job.id, reason="no"))

    assert publish(market, job, second) == [ApprovalAsked]


def test_after_a_day_it_is_dropped() -> None:
    market = Market()
    job, first, second = held(market), market.operator(), market.operator()
    publish(market, job, first)

    told = market.ring(market.find(Approval)[0], "expire").events

    assert [type(event) for event in told] == [ApprovalExpired]
    assert publish(market, job, second) == [ApprovalAsked]


def test_what_cannot_be_done_is_not_asked_for() -> None:
    market = Market()
    job = market.job(market.user(), MUCH)

    with pytest.raises(NotNow):
        publish(market, job, market.operator())
    assert market.find(Approval) == ()


@pytest.mark.parametrize(("price", "asked"), [(FOUR_EYES_ABOVE_YEN, False), (MUCH, True)])
@pytest.mark.parametrize("party", ["client_id", "worker_id"])
def test_restoring_who_has_much_in_hand_needs_two(price: int, party: str, *, asked: bool) -> None:
    market = Market()
    contract, first, second = market.funded(price), market.operator(), market.operator()
    person = getattr(contract, party)
    market.do(Suspend(by=first.id, user_id=person, reason="to look at"))

    told = [type(event) for event in market.do(Restore(by=second.id, user_id=person, reason="fine")).events]

    assert (told == [ApprovalAsked], market.get(User, person).stage) == (asked, "suspended" if asked else "active")


@pytest.mark.parametrize(("earned", "asked"), [(FOUR_EYES_ABOVE_YEN, False), (MUCH, True)])
def test_restoring_who_has_earned_much_needs_two(earned: int, *, asked: bool) -> None:
    market = Market()
    user, first, second = market.user(), market.operator(), market.operator()
    market.balances |= {f"earnings:{user.id}": earned, "outside:pretend": -earned}
    market.do(Suspend(by=first.id, user_id=user.id, reason="to look at"))

    told = [type(event) for event in market.do(Restore(by=second.id, user_id=user.id, reason="fine")).events]

    assert (told == [ApprovalAsked]) is asked


def test_more_at_stake_than_was_approved_is_asked_anew() -> None:
    market = Market()
    contract, first, second = market.funded(MUCH), market.operator(), market.operator()
    market.do(Suspend(by=first.id, user_id=contract.worker_id, reason="to look at"))
    market.do(Restore(by=first.id, user_id=contract.worker_id, reason="fine"))
    approval = market.find(Approval)[0]
    market.keep(replace(approval, at_stake=approval.at_stake - 1))

    told = market.do(Restore(by=second.id, user_id=contract.worker_id, reason="fine")).events

    assert [type(event) for event in told] == [ApprovalAsked]
