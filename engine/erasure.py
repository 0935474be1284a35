"""退会: a person leaves for good. What is personal goes; the books, which the law wants, stay without a name."""

from dataclasses import dataclass, replace
from datetime import datetime

from engine import errors
from engine.applications import Application, ApplicationWithdrawn, declined
from engine.contracts import Contract
from engine.jobs import Job
from engine.lifecycle import Role
from engine.money import PAYOUT_MIN_YEN
from engine.ports import Command, Decision, Event
from engine.texts import GONE
from engine.users import User

# 法人税法施行規則 59条: books are kept for seven years from the day the return of their year is due.
BOOKS_YEARS = 7
UNDER_REVIEW = ("held", "appealed")


@dataclass(frozen=True)
class Open:
    """What a person still has with others: contracts, jobs, open applications by and to them. `watched`: an operator
    looks into who came into their account."""

    contracts: tuple[Contract, ...]
    jobs: tuple[Job, ...]
    applications: tuple[tuple[Application, Job], ...]
    received: tuple[Application, ...]
    watched: bool


@dataclass(frozen=True)
class Money:
    """In yen. `earned` is not paid out yet, `wallet` was returned to them, `on_its_way` is asked for or being paid."""

    earned: int
    wallet: int
    on_its_way: int

    @property
    def owed(self) -> int:
        """What cannot be paid out, because it is too little, does not hold anybody."""
        return (self.earned if self.earned >= PAYOUT_MIN_YEN else 0) + self.wallet + self.on_its_way


@dataclass(frozen=True, kw_only=True)
class EraseMe(Command):
    pass


@dataclass(frozen=True, kw_only=True)
class EraseUser(Command):
    """By an operator, for somebody who asked for it outside the chat; also for the suspended, whose ban stays."""

    user_id: int


@dataclass(frozen=True, kw_only=True)
class UserErased(Event):
    """`operator_id` is 0 for who left by themselves."""

    user: User
    operator_id: int


def unfinished(contract: Contract, user_id: int, earned: int) -> bool:
    """Until 検収 both have something to do; after it only who is still to be paid."""
    if contract.stage in contract.lifecycle.ends:
        return False
    if contract.stage == "accepted":
        return contract.worker_id == user_id and earned >= PAYOUT_MIN_YEN
    return contract.stage != "payout_problem" or contract.worker_id == user_id


def may_leave(user: User, found: Open, money: Money) -> None:
    """Refused while something is open with others: with an operator, in a contract, or in yen."""
    if found.watched or any(job.stage in UNDER_REVIEW for job in found.jobs):
        raise errors.ErasureDeferred
    unended = [c for c in found.contracts if unfinished(c, user.id, money.earned)]
    if unended:
        raise errors.DealsOpen(len(unended))
    if money.owed:
        raise errors.MoneyOpen(money.owed)


def erase_me(user: User, found: Open, money: Money, now: datetime) -> Decision:
    # Nobody leaves from under an operator's hands: what is looked into is kept until it is decided.
    if user.stage == "suspended":
        raise errors.ErasureDeferred
    may_leave(user, found, money)
    return erased(user, found, now, Role.MEMBER, 0)


def erase_user(user: User, found: Open, money: Money, now: datetime, wanted: EraseUser) -> Decision:
    if user.id == wanted.by:
        raise errors.NotYourself
    may_leave(user, found, money)
    return erased(user, found, now, Role.OPERATOR, wanted.by)


def erased(user: User, found: Open, now: datetime, by: Role, operator_id: int) -> Decision:
    """Nobody is told a word of theirs on this occasion: what is told of is told without its title."""
    gone = user.take("erase", by=by, at=now, name=GONE)
    told = Decision(events=(UserErased(user=gone, operator_id=operator_id),), things=(gone,), erased=(user.id,))
    closed = tuple(
        replace(job, title=GONE, description=GONE).take("close", by=Role.CLIENT, at=now)
        for job in found.jobs
        if job.stage in ("open", "rejected")  # which an operator may still publish
    )
    turned_down = (declined(replace(a, title=GONE), now) for a in found.received)
    withdrawn = (taken_back(replace(a, words=GONE), job, now) for a, job in found.applications)
    return sum((*turned_down, *withdrawn), told + Decision(things=closed))


def taken_back(application: Application, job: Job, now: datetime) -> Decision:
    back = application.take("withdraw", by=Role.WORKER, at=now)
    return Decision(events=(ApplicationWithdrawn(application=back, job=job),), things=(back,))
