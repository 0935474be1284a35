"""Answers to what conversations look at: one function for each query of conversations/queries.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, bindparam, exists, or_, select

from conversations import queries as asked
from conversations.ports import Query
from engine.applications import Application
from engine.calendar import local_day
from engine.contracts import Contract
from engine.deliveries import Deliverable
from engine.jobs import Job
from engine.links import Link
from engine.payments import Payment
from engine.ports import Thing
from engine.refunds import Refund
from engine.reviews import Review
from engine.users import Address
from storage import figures, files, records, security, standing, steps, things
from storage.prepared import Prepared, Values
from storage.tables import (
    addresses,
    applications,
    contracts,
    deliverables,
    jobs,
    links,
    payments,
    refunds,
    thanks,
    users,
)

T = TypeVar("T", bound=Thing)


@dataclass(frozen=True)
class View:
    """What an answer may need besides the query."""

    connection: Connection
    now: datetime
    operators: frozenset[tuple[str, str, str]]
    public_url: str
    random: Callable[[int], bytes]


def several(view: View, kind: type[T], wanted: Prepared, values: Values) -> tuple[T, ...]:
    return tuple(things.thing_from(kind, row) for row in wanted.rows(view.connection, values))


def by_id(view: View, query: asked.ById[Any]) -> Thing | None:
    kind: type[Thing] = query.kind
    return things.by_id(view.connection, kind, query.thing_id, locked=False)


applied = exists().where(
    applications.c.job_id == jobs.c.id,
    applications.c.worker_id == bindparam("viewer_id"),
    applications.c.stage.in_(("applied", "declined")),
)
OPEN_JOBS = Prepared(
    select(jobs)
    .join(users, users.c.id == jobs.c.client_id)
    .where(jobs.c.stage == "open", users.c.stage == "active", jobs.c.client_id != bindparam("viewer_id"), ~applied)
    .order_by(jobs.c.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)


def open_jobs(view: View, query: asked.OpenJobs) -> tuple[Job, ...]:
    return several(view, Job, OPEN_JOBS, vars(query))


answerable = exists().where(applications.c.job_id == jobs.c.id, applications.c.stage == "applied")
JOBS_OF = Prepared(
    select(jobs)
    .where(
        jobs.c.client_id == bindparam("client_id"),
        or_(jobs.c.stage.not_in(Job.lifecycle.ends), and_(jobs.c.stage == "expired", answerable)),
    )
    .order_by(jobs.c.id.desc())
)


def jobs_of(view: View, query: asked.JobsOf) -> tuple[Job, ...]:
    return several(view, Job, JOBS_OF, vars(query))


def record_of(view: View, query: asked.RecordOf) -> asked.Record:
    return records.records(view.connection, [query.user_id])[query.user_id]


CANDIDATES = Prepared(
    select(applications)
    .where(applications.c.job_id == bindparam("job_id"), applications.c.stage == "applied")
    .order_by(applications.c.id)
)


def candidates(view: View, query: asked.Candidates) -> tuple[asked.Candidate, ...]:
    found = several(view, Application, CANDIDATES, vars(query))
    known = records.records(view.connection, (application.worker_id for application in found)) if found else {}
    return tuple(asked.Candidate(application, known[application.worker_id]) for application in found)


APPLICATIONS_OF = Prepared(
    select(applications)
    .where(applications.c.worker_id == bindparam("worker_id"), applications.c.stage == "applied")
    .order_by(applications.c.id.desc())
)


def applications_of(view: View, query: asked.ApplicationsOf) -> tuple[Application, ...]:
    return several(view, Application, APPLICATIONS_OF, vars(query))


party = or_(contracts.c.client_id == bindparam("user_id"), contracts.c.worker_id == bindparam("user_id"))
CONTRACTS_OF = select(contracts).where(party).order_by(contracts.c.id.desc())
ALL_CONTRACTS_OF = Prepared(CONTRACTS_OF)
LIVE_CONTRACTS_OF = Prepared(CONTRACTS_OF.where(contracts.c.stage.not_in(Contract.lifecycle.ends)))


def contracts_of(view: View, query: asked.ContractsOf) -> tuple[Contract, ...]:
    return several(view, Contract, LIVE_CONTRACTS_OF if query.live else ALL_CONTRACTS_OF, vars(query))


def deliverables_of(view: View, query: asked.DeliverablesOf) -> tuple[Deliverable, ...]:
    return things.find(view.connection, Deliverable, locked=False, contract_id=query.contract_id)


def reviews_of(view: View, query: asked.ReviewsOf) -> tuple[Review, ...]:
    return things.find(view.connection, Review, locked=False, contract_id=query.contract_id)


def money_of(view: View, query: asked.MoneyOf) -> asked.Standing:
    return standing.standing(view.connection, query.user_id, view.now)


# "appealed" comes first in the alphabet as well.
QUEUE = Prepared(
    select(jobs)
    .where(jobs.c.stage.in_(("appealed", "held")))
    .order_by(jobs.c.stage, jobs.c.since, jobs.c.id)
    .limit(bindparam("limit"))
)


def queue(view: View, query: asked.Queue) -> tuple[Job, ...]:
    return several(view, Job, QUEUE, vars(query))


def addresses_of(view: View, query: asked.AddressesOf) -> tuple[Address, ...]:
    return things.find(view.connection, Address, locked=False, user_id=query.user_id)


LINKS_OF = Prepared(
    select(links)
    .where(or_(links.c.user_id == bindparam("user_id"), links.c.other_id == bindparam("user_id")))
    .order_by(links.c.id.desc())
)


def links_of(view: View, query: asked.LinksOf) -> tuple[Link, ...]:
    return several(view, Link, LINKS_OF, vars(query))


def morning_figures(view: View, _query: asked.Figures) -> Mapping[str, int]:
    return figures.figures(view.connection, local_day(view.now))


def thanked_on(view: View, query: asked.ThankedOn) -> bool:
    said = exists().where(
        thanks.c.giver_id == query.giver_id, thanks.c.receiver_id == query.receiver_id, thanks.c.day == query.day
    )
    return bool(view.connection.scalar(select(said)))


PAYMENT_ASKED = Prepared(
    select(payments)
    .where(
        payments.c.contract_id == bindparam("contract_id"),
        payments.c.purpose == "escrow",
        payments.c.stage.in_(("requested", "page_problem")),
    )
    .order_by(payments.c.id.desc())
    .limit(1)
)


def payment_asked(view: View, query: asked.PaymentAsked) -> Payment | None:
    return next(iter(several(view, Payment, PAYMENT_ASKED, vars(query))), None)


REFUNDS_OWED = Prepared(
    select(refunds).where(refunds.c.stage == "owed").order_by(refunds.c.id).limit(bindparam("limit"))
)


def refunds_owed(view: View, query: asked.RefundsOwed) -> tuple[Refund, ...]:
    return several(view, Refund, REFUNDS_OWED, vars(query))


def file_link(view: View, query: asked.FileLink) -> str:
    """Empty for someone who is no party to the contract it was delivered for: nothing is learned by asking."""
    party = (
        select(contracts.c.id)
        .join(deliverables, deliverables.c.contract_id == contracts.c.id)
        .where(
            deliverables.c.file_id == query.file_id,
            or_(contracts.c.client_id == query.viewer_id, contracts.c.worker_id == query.viewer_id),
        )
    )
    if view.connection.execute(party.limit(1)).one_or_none() is None:
        return ""
    token = files.link(view.connection, query.file_id, query.viewer_id, view.now, view.random)
    return f"{view.public_url}/files/{token}"


def operators(view: View, _query: asked.Operators) -> tuple[int, ...]:
    named = [
        and_(
            addresses.c.platform == platform,
            addresses.c.tenant == (tenant or addresses.c.tenant),
            addresses.c.outside_id == outside_id,
        )
        for platform, tenant, outside_id in sorted(view.operators)
    ]
    if not named:
        return ()
    return tuple(
        view.connection.scalars(select(addresses.c.user_id).distinct().where(or_(*named)).order_by(addresses.c.user_id))
    )


ANSWERS: Mapping[type[Query[Any]], Callable[[View, Any], Any]] = {
    asked.ById: by_id,
    asked.OpenJobs: open_jobs,
    asked.JobsOf: jobs_of,
    asked.RecordOf: record_of,
    asked.Candidates: candidates,
    asked.ApplicationsOf: applications_of,
    asked.ContractsOf: contracts_of,
    asked.DeliverablesOf: deliverables_of,
    asked.ReviewsOf: reviews_of,
    asked.ThankedOn: thanked_on,
    asked.MoneyOf: money_of,
    asked.HistoryOf: lambda view, query: steps.history_of(view.connection, query),
    asked.LastStepFor: lambda view, query: steps.last_step_for(view.connection, query),
    asked.Queue: queue,
    asked.AddressesOf: addresses_of,
    asked.LinksOf: links_of,
    asked.Figures: morning_figures,
    asked.Refusals: lambda view, _: security.refusals(view.connection, view.now),
    asked.PaymentAsked: payment_asked,
    asked.RefundsOwed: refunds_owed,
    asked.FileLink: file_link,
    asked.Operators: operators,
}
