"""Applying, withdrawing, declining."""

from typing import Any

import pytest

from engine import errors
from engine.applications import ApplicationDeclined, Apply, DeclineApplication, WithdrawApplication
from engine.jobs import CloseJob
from engine.limits import NEW_ACCOUNT
from engine.users import Suspend
from tests.engine.facts import MONDAY, PRICE, Market


def apply(by: int, job_id: int, **changes: Any) -> Apply:
    return Apply(by=by, job_id=job_id, **{"price": PRICE, "words": "やります", **changes})


def test_a_worker_applies_at_a_price_of_their_own() -> None:
    market = Market()
    job, worker = market.job(market.user()), market.user()

    application = market.application(worker, job, price=25_000)

    assert (application.stage, application.price, job.price) == ("applied", 25_000, PRICE)


def test_nobody_applies_twice_or_to_their_own_job() -> None:
    market = Market()
    job, worker = market.job(market.user()), market.user()
    market.application(worker, job)

    with pytest.raises(errors.AlreadyApplied):
        market.do(apply(worker.id, job.id))
    with pytest.raises(errors.OwnJob):
        market.do(apply(job.client_id, job.id))


def test_who_withdrew_may_apply_again() -> None:
    market = Market()
    job, worker = market.job(market.user()), market.user()
    first = market.application(worker, job)
    market.do(WithdrawApplication(by=worker.id, application_id=first.id))

    second = market.application(worker, job)

    assert (market.again(first).stage, second.stage) == ("withdrawn", "applied")


def test_a_worker_has_ten_open_applications_at_most() -> None:
    market = Market()
    worker = market.user(since=MONDAY - 2 * NEW_ACCOUNT)
    jobs = [market.job(market.user()) for _ in range(11)]
    for job in jobs[:10]:
        market.application(worker, job)

    with pytest.raises(errors.TooManyApplications) as refused:
        market.do(apply(worker.id, jobs[10].id))

    assert refused.value.limit == 10


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"price": 99}, errors.PriceOutOfRange),
        ({"words": " "}, errors.Empty),
        ({"words": "あ" * 2_001}, errors.TooLong),
    ],
)
def test_a_bad_application_is_refused(changes: dict[str, Any], kind: type[errors.BadAnswer]) -> None:
    market = Market()
    job, worker = market.job(market.user()), market.user()

    with pytest.raises(kind):
        market.do(apply(worker.id, job.id, **changes))


def test_a_closed_job_takes_no_applications() -> None:
    market = Market()
    job, worker = market.job(market.user()), market.user()
    market.do(CloseJob(by=job.client_id, job_id=job.id))

    with pytest.raises(errors.NotNow) as refused:
        market.do(apply(worker.id, job.id))

    assert refused.value == errors.NotNow("job", "apply", "closed")


def test_a_suspended_worker_may_not_apply() -> None:
    market = Market()
    job, worker, operator = market.job(market.user()), market.user(), market.operator()
    market.do(Suspend(by=operator.id, user_id=worker.id, reason="確認"))

    with pytest.raises(errors.Suspended):
        market.do(apply(worker.id, job.id))


def test_nobody_applies_to_a_suspended_client() -> None:
    market = Market()
    job, worker, operator = market.job(market.user()), market.user(), market.operator()
    market.do(Suspend(by=operator.id, user_id=job.client_id, reason="確認"))

    with pytest.raises(errors.OtherSuspended):
        market.do(apply(worker.id, job.id))


def test_only_its_author_withdraws_and_only_the_client_declines() -> None:
    market = Market()
    job, worker = market.job(market.user()), market.user()
    application = market.application(worker, job)

    with pytest.raises(errors.NotFound):
        market.do(WithdrawApplication(by=job.client_id, application_id=application.id))
    with pytest.raises(errors.NotFound):
        market.do(DeclineApplication(by=worker.id, application_id=application.id))
    decision = market.do(DeclineApplication(by=job.client_id, application_id=application.id))

    assert decision.events == (
        ApplicationDeclined(application=decision.things[0], client_id=job.client_id),  # type: ignore[arg-type]  # it is one
    )


def test_an_unanswered_application_expires_after_seven_days() -> None:
    market = Market()
    application = market.application(market.user(), market.job(market.user()))

    market.ring(application, "expire")

    assert market.again(application).stage == "expired"
    assert (market.now - MONDAY).days == 7
