"""A contract is a deal between one client and one worker: hired, agreed to by both, paid for, or come to nothing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from engine import calendar, errors, money, moves, terms
from engine.applications import Application, declined
from engine.jobs import Job, own, reopen
from engine.lifecycle import Role
from engine.payments import Payment, request
from engine.ports import Command, Decision, Event, Staged
from engine.users import User, both_active

AGREE_DAYS = 7
FUND_HOURS = 72
REMIND_FUND_HOURS = 24
OVERDUE_GRACE_HOURS = 24
REMIND_DUE_HOURS = 24
ENDING_DAYS = 7
# Reminders before a silence of seven days decides: on day 3, day 6 and for the last 24 hours (market.md section 2).
FIRST_REMINDER_DAYS = 3
SECOND_REMINDER_DAYS = 6
LAST_REMINDER_HOURS = 6


@dataclass(frozen=True, kw_only=True)
class Contract(Staged):
    noun: ClassVar = "contract"
    lifecycle: ClassVar = moves.CONTRACT

    job_id: int
    application_id: int
    client_id: int
    worker_id: int
    title: str
    price: int
    fee: int
    fee_tax: int
    withholding: int
    net: int
    due: date
    terms: str
    terms_hash: str
    agreed_by: int = 0  # who agreed first
    funded_through: str = ""  # the provider that holds the money
    delivered_at: datetime | None = None
    rounds_used: int = 0
    extended: bool = False
    review_until_at: datetime | None = None
    ending_by: int = 0
    ending_percent: int = 0  # the worker's share of the price if the ending is agreed to
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    payout_id: int = 0
    frozen: bool = False  # its earnings are not paid out until somebody has looked
    due_lost_seconds: int = 0  # as lost_seconds, for the work's due day: kept when the stage changes

    @property
    def share(self) -> money.Breakdown:
        return money.Breakdown(self.price, self.fee, self.fee_tax, self.withholding, self.net)

    @property
    def agree_until(self) -> datetime:
        return self.since + timedelta(days=AGREE_DAYS) + self.lost

    @property
    def fund_until(self) -> datetime:
        return self.since + timedelta(hours=FUND_HOURS) + self.lost

    @property
    def remind_fund_at(self) -> datetime:
        return self.since + timedelta(hours=REMIND_FUND_HOURS) + self.lost

    @property
    def due_end(self) -> datetime:
        return calendar.end_of(self.due) + timedelta(seconds=self.due_lost_seconds)

    @property
    def overdue_from(self) -> datetime:
        return max(self.due_end, self.since + self.lost) + timedelta(hours=OVERDUE_GRACE_HOURS)

    @property
    def remind_due_at(self) -> datetime:
        return max(self.due_end - timedelta(hours=REMIND_DUE_HOURS), self.since)

    @property
    def ending_until(self) -> datetime:
        return self.since + timedelta(days=ENDING_DAYS) + self.lost

    @property
    def ending_first_at(self) -> datetime:
        return self.since + timedelta(days=FIRST_REMINDER_DAYS) + self.lost

    @property
    def ending_second_at(self) -> datetime:
        return self.since + timedelta(days=SECOND_REMINDER_DAYS) + self.lost

    @property
    def review_until(self) -> datetime:
        assert self.review_until_at, "a delivered contract has a review deadline"
        return self.review_until_at + self.lost

    @property
    def review_first_at(self) -> datetime:
        return self.review_until - timedelta(days=terms.REVIEW_DAYS - FIRST_REMINDER_DAYS)

    @property
    def review_second_at(self) -> datetime:
        return self.review_until - timedelta(days=terms.REVIEW_DAYS - SECOND_REMINDER_DAYS)

    @property
    def review_last_at(self) -> datetime:
        return self.review_until - timedelta(hours=LAST_REMINDER_HOURS)

    def role_of(self, user_id: int) -> Role:
        """Refused NotFound for a stranger: nothing is learned by asking."""
        roles = {self.client_id: Role.CLIENT, self.worker_id: Role.WORKER}
        if user_id not in roles:
            raise errors.NotFound
        return roles[user_id]

    def other_than(self, user_id: int) -> int:
        return self.worker_id if user_id == self.client_id else self.client_id


@dataclass(frozen=True, kw_only=True)
class Hire(Command):
    application_id: int


@dataclass(frozen=True, kw_only=True)
class AgreeTerms(Command):
    contract_id: int
    terms_hash: str


@dataclass(frozen=True, kw_only=True)
class DeclineTerms(Command):
    contract_id: int


@dataclass(frozen=True, kw_only=True)
class CancelContract(Command):
    contract_id: int


@dataclass(frozen=True, kw_only=True)
class Hired(Event):
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class TermsAgreedByOne(Event):
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class TermsAgreed(Event):
    """Both have agreed; the client's payment has been asked for."""

    contract: Contract
    payment: Payment


@dataclass(frozen=True, kw_only=True)
class TermsDeclined(Event):
    contract: Contract
    by: int


@dataclass(frozen=True, kw_only=True)
class ContractCancelled(Event):
    contract: Contract
    by: int


@dataclass(frozen=True, kw_only=True)
class ContractExpired(Event):
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class Funded(Event):
    contract: Contract


def hire(
    job: Job,
    chosen: Application,
    others: tuple[Application, ...],
    parties: tuple[User, User],
    contract_id: int,
    now: datetime,
    wanted: Hire,
) -> Decision:
    """採用. `others` are the job's other open applications, `parties` the client and the worker."""
    client, worker = parties
    own(job, wanted.by)
    both_active(client, worker)
    filled = job.take("hire", by=Role.CLIENT, at=now)
    if job.due < calendar.local_day(now):
        raise errors.DuePassed
    hired = chosen.take("hire", by=Role.CLIENT, at=now)
    share = money.breakdown(chosen.price, withholds=client.withholds)
    card = terms.draw_up(job, client, worker, share, calendar.local_day(now)).canonical()
    contract = Contract(
        id=contract_id,
        since=now,
        job_id=job.id,
        application_id=chosen.id,
        client_id=client.id,
        worker_id=worker.id,
        title=job.title,
        price=share.price,
        fee=share.fee,
        fee_tax=share.fee_tax,
        withholding=share.withholding,
        net=share.net,
        due=job.due,
        terms=card,
        terms_hash=terms.digest(card),
    ).take("hire", by=Role.CLIENT, at=now)
    decision = Decision(events=(Hired(contract=contract),), things=(filled, hired, contract))
    return sum((declined(other, now) for other in others), decision)


def agree(contract: Contract, payment_id: int, provider: str, now: datetime, wanted: AgreeTerms) -> Decision:
    """同意. The second of the two brings the request for payment with it."""
    role = contract.role_of(wanted.by)
    if wanted.terms_hash != contract.terms_hash:
        raise errors.TermsChanged
    if contract.stage == "half_agreed" and contract.agreed_by == wanted.by:
        raise errors.AlreadyAgreed
    first = contract.agreed_by or wanted.by
    agreed = contract.take("agree", by=role, at=now, agreed_by=first)
    if agreed.stage == "half_agreed":
        return Decision(events=(TermsAgreedByOne(contract=agreed),), things=(agreed,))
    payment = Payment(
        id=payment_id,
        since=now,
        purpose="escrow",
        contract_id=contract.id,
        thanks_id=0,
        payer_id=contract.client_id,
        title=contract.title,
        amount=contract.price,
        provider=provider,
    )
    requested, asked = request(payment, by=role, at=now)
    return Decision(events=(TermsAgreed(contract=agreed, payment=requested),), things=(agreed,)) + asked


def over(job: Job, waiting: tuple[Payment, ...], now: datetime, by: Role) -> Decision:
    """What follows when a contract comes to nothing before money was held: the payment lapses, the job reopens."""
    lapsed = tuple(p.take("expire", by=by, at=now) for p in waiting if p.is_asked)
    return Decision(things=lapsed) + reopen(job, now, by)


def decline(contract: Contract, job: Job, now: datetime, wanted: DeclineTerms) -> Decision:
    role = contract.role_of(wanted.by)
    gone = contract.take("decline", by=role, at=now, ended_at=now)
    told = Decision(events=(TermsDeclined(contract=gone, by=wanted.by),), things=(gone,))
    return told + over(job, (), now, role)


def cancel(
    contract: Contract, job: Job, waiting: tuple[Payment, ...], now: datetime, wanted: CancelContract
) -> Decision:
    role = contract.role_of(wanted.by)
    gone = contract.take("cancel", by=role, at=now, ended_at=now)
    told = Decision(events=(ContractCancelled(contract=gone, by=wanted.by),), things=(gone,))
    return told + over(job, waiting, now, role)


def expire(contract: Contract, job: Job, waiting: tuple[Payment, ...], now: datetime) -> Decision:
    gone = contract.take("expire", by=Role.CLOCK, at=now, ended_at=now)
    told = Decision(events=(ContractExpired(contract=gone),), things=(gone,))
    return told + over(job, waiting, now, Role.CLOCK)
