"""Posting, holding, publishing, closing."""

from datetime import date
from typing import Any

import pytest

from engine import errors
from engine.calendar import end_of, local_day
from engine.jobs import (
    AppealJob,
    CloseJob,
    HoldJob,
    Job,
    JobAppealed,
    JobHeld,
    JobPosted,
    JobPublished,
    JobRejected,
    PostJob,
    PublishJob,
    RejectJob,
)
from engine.ports import Command
from engine.users import Suspend
from tests.engine.facts import DUE, MONDAY, PRICE, Market

DOUBTFUL = "登録料3000円を先に振込してください"


def post(by: int, **changes: Any) -> PostJob:
    wanted: dict[str, Any] = {"title": "ロゴ", "description": "", "price": PRICE, "due": DUE}
    return PostJob(by=by, **{**wanted, **changes})


def test_a_clean_post_is_open_at_once() -> None:
    market = Market()
    client = market.user()

    decision = market.do(post(client.id))

    [job] = decision.things
    assert isinstance(job, Job)
    assert (job.stage, job.reasons) == ("open", "")
    assert decision.events == (JobPosted(job=job),)


def test_a_doubtful_post_waits_with_its_reasons() -> None:
    market = Market()
    client = market.user()

    decision = market.do(post(client.id, description=DOUBTFUL))

    [job] = decision.things
    assert isinstance(job, Job)
    assert (job.stage, job.reasons) == ("held", "prepay")
    assert decision.events == (JobHeld(job=job, operator_id=0, reason="prepay"),)


def test_the_sixth_post_within_an_hour_waits() -> None:
    market = Market()
    client = market.user()
    for _ in range(5):
        market.do(post(client.id))

    [job] = market.do(post(client.id)).things

    assert isinstance(job, Job)
    assert (job.stage, job.reasons) == ("held", "too_many_posts")


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"price": 99}, errors.PriceOutOfRange(100, 10_000_000)),
        ({"price": 10_000_001}, errors.PriceOutOfRange(100, 10_000_000)),
        ({"due": date(2030, 12, 1)}, errors.DueInThePast()),
        ({"due": date(2032, 12, 2)}, errors.DueTooFar(730)),
        ({"due": date(9999, 12, 31)}, errors.DueTooFar(730)),
        ({"title": "  "}, errors.Empty()),
        ({"title": "あ" * 81}, errors.TooLong(80)),
    ],
)
def test_a_bad_post_is_refused(changes: dict[str, Any], refused: errors.Refused) -> None:
    market = Market()
    client = market.user()

    with pytest.raises(errors.BadAnswer) as caught:
        market.do(post(client.id, **changes))

    assert caught.value == refused
    assert market.find(Job) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"price": 100},
        {"price": 10_000_000},
        {"due": date(2030, 12, 2)},
        {"due": date(2032, 12, 1)},
        {"title": "あ" * 80},
    ],
)
def test_a_post_at_the_limit_is_taken(changes: dict[str, Any]) -> None:
    market = Market()
    client = market.user()

    market.do(post(client.id, **changes))

    assert len(market.find(Job)) == 1


def test_an_operator_holds_publishes_and_rejects_with_words() -> None:
    market = Market()
    job, operator = market.job(market.user()), market.operator()

    held = market.do(HoldJob(by=operator.id, job_id=job.id, reason="確認のため"))
    again = market.do(PublishJob(by=operator.id, job_id=job.id))
    rejected = market.do(RejectJob(by=operator.id, job_id=job.id, reason="禁止の内容"))

    assert [type(d.events[0]) for d in (held, again, rejected)] == [JobHeld, JobPublished, JobRejected]
    assert [getattr(d.events[0], "reason", "") for d in (held, again, rejected)] == ["確認のため", "", "禁止の内容"]
    assert market.again(job).stage == "rejected"


@pytest.mark.parametrize("kind", [HoldJob, RejectJob])
def test_an_operator_must_give_a_reason(kind: type[HoldJob | RejectJob]) -> None:
    market = Market()
    job, operator = market.job(market.user()), market.operator()

    with pytest.raises(errors.Empty):
        market.do(kind(by=operator.id, job_id=job.id, reason=" "))


@pytest.mark.parametrize(
    "wanted",
    [
        lambda by, job: HoldJob(by=by, job_id=job, reason="x"),
        lambda by, job: PublishJob(by=by, job_id=job),
        lambda by, job: RejectJob(by=by, job_id=job, reason="x"),
    ],
)
def test_moderation_is_for_operators_and_not_of_their_own(wanted: Any) -> None:
    market = Market()
    operator = market.operator()
    job, own = market.job(market.user()), market.job(operator)

    with pytest.raises(errors.OnlyOperators):
        market.do(wanted(job.client_id, job.id))
    with pytest.raises(errors.NotYourself):
        market.do(wanted(operator.id, own.id))


def test_a_suspended_operator_moderates_nothing() -> None:
    market = Market()
    job, operator, other = market.job(market.user()), market.operator(), market.operator()
    market.do(Suspend(by=other.id, user_id=operator.id, reason="確認"))

    with pytest.raises(errors.Suspended):
        market.do(HoldJob(by=operator.id, job_id=job.id, reason="x"))


def test_the_author_appeals_and_the_operators_see_it() -> None:
    market = Market()
    client = market.user()
    [held] = market.do(post(client.id, description=DOUBTFUL)).things

    decision = market.do(AppealJob(by=client.id, job_id=held.id, reason="例文です"))

    assert decision.events == (JobAppealed(job=decision.things[0], reason="例文です"),)  # type: ignore[arg-type]  # the job


@pytest.mark.parametrize(
    "wanted", [lambda by, job: CloseJob(by=by, job_id=job), lambda by, job: AppealJob(by=by, job_id=job, reason="x")]
)
def test_a_stranger_learns_nothing_of_a_job(wanted: Any) -> None:
    market = Market()
    job, stranger = market.job(market.user()), market.user()

    command: Command = wanted(stranger.id, job.id)
    with pytest.raises(errors.NotFound):
        market.do(command)


def test_a_job_is_held_with_every_reason_there_is() -> None:
    market = Market()

    market.do(post(market.user().id, description=f"{DOUBTFUL}。10,000文字", price=100))

    [job] = market.find(Job)
    assert (job.stage, job.reasons) == ("held", "prepay price_low")


def test_closing_tells_those_who_applied() -> None:
    market = Market()
    job = market.job(market.user())
    offers = [market.application(market.user(), job) for _ in range(2)]

    market.do(CloseJob(by=job.client_id, job_id=job.id))

    assert market.again(job).stage == "closed"
    assert [market.again(o).stage for o in offers] == ["declined", "declined"]


def test_a_job_expires_after_seven_days() -> None:
    market = Market()
    job = market.job(market.user())

    market.ring(job, "expire")

    assert market.again(job).stage == "expired"
    assert (market.now - MONDAY).days == 7


def test_a_job_leaves_the_board_when_its_work_was_due() -> None:
    market = Market()
    posted = market.do(
        PostJob(by=market.user().id, title="看板", description="", price=5_000, due=local_day(market.now))
    )
    [job] = posted.things
    assert isinstance(job, Job)

    market.ring(job, "expire")

    assert market.now == end_of(local_day(MONDAY))
