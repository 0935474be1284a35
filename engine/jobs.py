"""A job is what a client wants done, for a price, by a day."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar

from engine import calendar, errors, money, moves, screening, texts
from engine.lifecycle import Role
from engine.ports import Command, Decision, Event, Staged
from engine.users import User

OPEN_DAYS = 7
DUE_WITHIN_DAYS = 730


@dataclass(frozen=True, kw_only=True)
class Job(Staged):
    noun: ClassVar = "job"
    lifecycle: ClassVar = moves.JOB

    client_id: int
    title: str
    description: str
    price: int
    due: date
    reasons: str = ""  # screening's reason codes, space separated

    @property
    def open_until(self) -> datetime:
        """Work that was due already is not on the board."""
        return min(self.since + timedelta(days=OPEN_DAYS) + self.lost, calendar.end_of(self.due))


@dataclass(frozen=True, kw_only=True)
class PostJob(Command):
    title: str
    description: str
    price: int
    due: date


@dataclass(frozen=True, kw_only=True)
class CloseJob(Command):
    job_id: int


@dataclass(frozen=True, kw_only=True)
class AppealJob(Command):
    job_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class HoldJob(Command):
    job_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class PublishJob(Command):
    job_id: int


@dataclass(frozen=True, kw_only=True)
class RejectJob(Command):
    job_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class JobPosted(Event):
    job: Job


@dataclass(frozen=True, kw_only=True)
class JobHeld(Event):
    """By screening (operator_id NOBODY) or by an operator, with the reason codes or words."""

    job: Job
    operator_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class JobPublished(Event):
    job: Job
    operator_id: int


@dataclass(frozen=True, kw_only=True)
class JobRejected(Event):
    job: Job
    operator_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class JobAppealed(Event):
    job: Job
    reason: str


@dataclass(frozen=True, kw_only=True)
class JobClosed(Event):
    """By its author; those who applied are told apart."""

    job: Job


@dataclass(frozen=True, kw_only=True)
class JobExpired(Event):
    job: Job


@dataclass(frozen=True, kw_only=True)
class JobReopened(Event):
    """The contract came to nothing; the job is back on the board."""

    job: Job


def post(client: User, posted_lately: int, job_id: int, now: datetime, wanted: PostJob, *, repeated: bool) -> Decision:
    """`repeated`: the same words were posted before, or by others."""
    if not money.PRICE_MIN_YEN <= wanted.price <= money.PRICE_MAX_YEN:
        raise errors.PriceOutOfRange(money.PRICE_MIN_YEN, money.PRICE_MAX_YEN)
    if wanted.due < calendar.local_day(now):
        raise errors.DueInThePast
    if wanted.due > calendar.local_day(now) + timedelta(days=DUE_WITHIN_DAYS):
        raise errors.DueTooFar(DUE_WITHIN_DAYS)
    job = Job(
        id=job_id,
        since=now,
        client_id=client.id,
        title=texts.bounded(wanted.title, texts.TITLE_MAX_CHARACTERS),
        description=wanted.description.strip()[: texts.WORDS_MAX_CHARACTERS],
        price=wanted.price,
        due=wanted.due,
    )
    reasons = screening.screen(f"{job.title}\n{job.description}", job.price, posted_lately)
    reasons += ("repeated",) if repeated else ()
    if not reasons:
        job = job.take("post", by=Role.CLIENT, at=now)
        return Decision(events=(JobPosted(job=job),), things=(job,))
    codes = " ".join(reasons)
    job = replace(job, reasons=codes).take("post_doubtful", by=Role.CLIENT, at=now)
    return Decision(events=(JobHeld(job=job, operator_id=0, reason=codes),), things=(job,))


def own(job: Job, user_id: int) -> Job:
    """Refused NotFound for everyone but the author: nothing is learned by asking."""
    if job.client_id != user_id:
        raise errors.NotFound
    return job


def close(job: Job, now: datetime, wanted: CloseJob) -> Decision:
    closed = own(job, wanted.by).take("close", by=Role.CLIENT, at=now)
    return Decision(events=(JobClosed(job=closed),), things=(closed,))


def appeal(job: Job, now: datetime, wanted: AppealJob) -> Decision:
    reason = texts.bounded(wanted.reason, texts.REASON_MAX_CHARACTERS)
    appealed = own(job, wanted.by).take("appeal", by=Role.CLIENT, at=now)
    return Decision(events=(JobAppealed(job=appealed, reason=reason),), things=(appealed,))


def not_own(job: Job, operator_id: int) -> Job:
    if job.client_id == operator_id:
        raise errors.NotYourself
    return job


def hold(job: Job, now: datetime, wanted: HoldJob) -> Decision:
    reason = texts.bounded(wanted.reason, texts.REASON_MAX_CHARACTERS)
    held = not_own(job, wanted.by).take("hold", by=Role.OPERATOR, at=now, reasons="operator")
    return Decision(
        events=(JobHeld(job=held, operator_id=wanted.by, reason=reason),),
        things=(held,),
    )


def publish(job: Job, now: datetime, wanted: PublishJob) -> Decision:
    published = not_own(job, wanted.by).take("publish", by=Role.OPERATOR, at=now)
    return Decision(
        events=(JobPublished(job=published, operator_id=wanted.by),),
        things=(published,),
    )


def reject(job: Job, now: datetime, wanted: RejectJob) -> Decision:
    reason = texts.bounded(wanted.reason, texts.REASON_MAX_CHARACTERS)
    rejected = not_own(job, wanted.by).take("reject", by=Role.OPERATOR, at=now)
    return Decision(
        events=(JobRejected(job=rejected, operator_id=wanted.by, reason=reason),),
        things=(rejected,),
    )


def expire(job: Job, now: datetime) -> Decision:
    expired = job.take("expire", by=Role.CLOCK, at=now)
    return Decision(events=(JobExpired(job=expired),), things=(expired,))


def reopen(job: Job, now: datetime, by: Role) -> Decision:
    opened = job.take("reopen", by=by, at=now)
    return Decision(events=(JobReopened(job=opened),), things=(opened,))
