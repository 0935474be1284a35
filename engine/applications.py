"""An application is a worker's offer to do a job, at a price of their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from engine import errors, money, moves, texts
from engine.jobs import Job
from engine.lifecycle import Role
from engine.ports import NOBODY, Command, Decision, Event, Staged
from engine.users import User, both_active

ANSWER_DAYS = 7
OPEN_APPLICATIONS_MAX = 10


@dataclass(frozen=True, kw_only=True)
class Application(Staged):
    noun: ClassVar = "application"
    lifecycle: ClassVar = moves.APPLICATION

    job_id: int
    worker_id: int
    title: str
    price: int
    words: str

    @property
    def answer_until(self) -> datetime:
        return self.since + timedelta(days=ANSWER_DAYS) + self.lost


@dataclass(frozen=True, kw_only=True)
class Apply(Command):
    job_id: int
    price: int
    words: str


@dataclass(frozen=True, kw_only=True)
class WithdrawApplication(Command):
    application_id: int


@dataclass(frozen=True, kw_only=True)
class DeclineApplication(Command):
    application_id: int


@dataclass(frozen=True, kw_only=True)
class Applied(Event):
    application: Application
    job: Job


@dataclass(frozen=True, kw_only=True)
class ApplicationWithdrawn(Event):
    application: Application
    job: Job


@dataclass(frozen=True, kw_only=True)
class ApplicationDeclined(Event):
    """The client chose otherwise; told kindly. `client_id` is NOBODY when it follows from another's hiring."""

    application: Application
    client_id: int = NOBODY


@dataclass(frozen=True, kw_only=True)
class ApplicationExpired(Event):
    application: Application
    job: Job


def apply(
    worker: User,
    client: User,
    job: Job,
    earlier: tuple[Application, ...],
    application_id: int,
    now: datetime,
    wanted: Apply,
    *,
    one_person: bool,
) -> Decision:
    """`earlier` are the worker's applications that are still open; `one_person`: worker and client are."""
    both_active(worker, client)
    if one_person:
        raise errors.OwnJob
    if job.stage != "open":
        raise errors.NotNow("job", "apply", job.stage)
    if any(a.job_id == job.id for a in earlier):
        raise errors.AlreadyApplied
    if len(earlier) >= OPEN_APPLICATIONS_MAX:
        raise errors.TooManyApplications(OPEN_APPLICATIONS_MAX)
    if not money.PRICE_MIN_YEN <= wanted.price <= money.PRICE_MAX_YEN:
        raise errors.PriceOutOfRange(money.PRICE_MIN_YEN, money.PRICE_MAX_YEN)
    application = Application(
        id=application_id,
        since=now,
        job_id=job.id,
        worker_id=worker.id,
        title=job.title,
        price=wanted.price,
        words=texts.bounded(wanted.words, texts.WORDS_MAX_CHARACTERS),
    ).take("apply", by=Role.WORKER, at=now)
    return Decision(events=(Applied(application=application, job=job),), things=(application,))


def withdraw(application: Application, job: Job, now: datetime, wanted: WithdrawApplication) -> Decision:
    if application.worker_id != wanted.by:
        raise errors.NotFound
    withdrawn = application.take("withdraw", by=Role.WORKER, at=now)
    return Decision(
        events=(ApplicationWithdrawn(application=withdrawn, job=job),),
        things=(withdrawn,),
    )


def decline(application: Application, job: Job, now: datetime, wanted: DeclineApplication) -> Decision:
    if job.client_id != wanted.by:
        raise errors.NotFound
    return declined(application, now, job.client_id)


def declined(application: Application, now: datetime, client_id: int = NOBODY) -> Decision:
    gone = application.take("decline", by=Role.CLIENT, at=now)
    told = ApplicationDeclined(application=gone, client_id=client_id)
    return Decision(events=(told,), things=(gone,))


def expire(application: Application, job: Job, now: datetime) -> Decision:
    expired = application.take("expire", by=Role.CLOCK, at=now)
    return Decision(events=(ApplicationExpired(application=expired, job=job),), things=(expired,))
