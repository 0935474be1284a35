"""What conversations look at: questions to storage, without lock and without effect."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from conversations.ports import Query
from engine.applications import Application
from engine.contracts import Contract
from engine.deliveries import Deliverable
from engine.jobs import Job
from engine.links import Link
from engine.payments import Payment
from engine.ports import Thing
from engine.refunds import Refund
from engine.reviews import Review
from engine.unlinking import Hold
from engine.users import Address, User

T = TypeVar("T", bound=Thing)


@dataclass(frozen=True)
class ById(Query[T | None], Generic[T]):
    kind: type[T]
    thing_id: int


@dataclass(frozen=True)
class OpenJobs(Query[tuple[Job, ...]]):
    """Jobs on the board that the viewer could apply to: not their own, not already applied to; newest first."""

    viewer_id: int
    limit: int
    offset: int = 0


@dataclass(frozen=True)
class JobsOf(Query[tuple[Job, ...]]):
    """The client's jobs that have not ended, or whose applicants still wait for an answer, newest first."""

    client_id: int


@dataclass(frozen=True)
class Record:
    """What is known of a person's work: public. `stars` is the mean of all axes of shown reviews, None without any."""

    user: User
    finished: int
    stars: float | None
    reviews: int
    thanks: int
    givers: int


@dataclass(frozen=True)
class RecordOf(Query[Record]):
    user_id: int


@dataclass(frozen=True)
class Candidate:
    application: Application
    record: Record


@dataclass(frozen=True)
class Candidates(Query[tuple[Candidate, ...]]):
    """Open applications to a job, each with the worker's record, oldest first."""

    job_id: int


@dataclass(frozen=True)
class ApplicationsOf(Query[tuple[Application, ...]]):
    """The worker's open applications, newest first."""

    worker_id: int


@dataclass(frozen=True)
class ContractsOf(Query[tuple[Contract, ...]]):
    """Contracts in which the user is client or worker, newest first; `live` only those not yet at an end."""

    user_id: int
    live: bool


@dataclass(frozen=True)
class DeliverablesOf(Query[tuple[Deliverable, ...]]):
    """What was delivered for a contract, the first first."""

    contract_id: int


@dataclass(frozen=True)
class ReviewsOf(Query[tuple[Review, ...]]):
    contract_id: int


@dataclass(frozen=True)
class ThankedOn(Query[bool]):
    """Whether the giver has thanked the receiver on this day of the market's calendar."""

    giver_id: int
    receiver_id: int
    day: date


@dataclass(frozen=True)
class Standing:
    """お金どこ, in yen. `held` in escrow for contracts the user pays for, `due` in escrow for those they work on,
    `earned` waits for the next payout, `paid_out` has left so far. `hold` is why that payout waits. `owed` is to be
    refunded, and the provider would not."""

    held: int
    due: int
    earned: int
    paid_out: int
    next_run: datetime | None
    owed: int = 0
    hold: Hold | None = None


@dataclass(frozen=True)
class MoneyOf(Query[Standing]):
    user_id: int


@dataclass(frozen=True)
class Step:
    """One move a thing took: the row of its lifecycle, by whom (role and user id), when (UTC)."""

    noun: str
    thing_id: int
    move: str
    source: str
    target: str
    role: str
    actor_id: int
    at: datetime


@dataclass(frozen=True)
class HistoryOf(Query[tuple[Step, ...]]):
    """All moves of one thing, oldest first."""

    noun: str
    thing_id: int


@dataclass(frozen=True)
class LastStepFor(Query[Step | None]):
    """The latest move of any job or contract the user is a party to: what なぜ？ explains."""

    user_id: int


@dataclass(frozen=True)
class Queue(Query[tuple[Job, ...]]):
    """Jobs that wait for an operator: appealed first, then held; oldest first."""

    limit: int


@dataclass(frozen=True)
class RefundsOwed(Query[tuple[Refund, ...]]):
    """Refunds that wait for an operator, the oldest first."""

    limit: int


@dataclass(frozen=True)
class AddressesOf(Query[tuple[Address, ...]]):
    user_id: int


@dataclass(frozen=True)
class LinksOf(Query[tuple[Link, ...]]):
    """Every link of an account, and of whoever used its codes, the newest first."""

    user_id: int


@dataclass(frozen=True)
class Figures(Query[Mapping[str, int]]):
    """The operators' morning figures, by name: users, jobs_open, jobs_waiting, contracts_live, escrow_yen,
    earnings_yen, owed_yen, fees_yen, paid_out_yen, thanks_today, people_thanked_today, accepted_today."""


@dataclass(frozen=True)
class Refusal:
    """How often something was refused at one door for one reason; `people` are the members who did it most."""

    reason: str
    place: str
    in_hour: int
    in_day: int
    people: tuple[int, ...]


@dataclass(frozen=True)
class Refusals(Query[tuple[Refusal, ...]]):
    """What was refused within a day, the kinds that were met most in the last hour first."""


@dataclass(frozen=True)
class PaymentAsked(Query[Payment | None]):
    """The payment that is wanted for this contract now; None if none is."""

    contract_id: int


@dataclass(frozen=True)
class FileLink(Query[str]):
    """A short-lived address at which the viewer may fetch a kept file."""

    file_id: int
    viewer_id: int


@dataclass(frozen=True)
class Operators(Query[tuple[int, ...]]):
    """The user ids of the operators who have spoken to us."""
