"""Answers to what conversations look at: one function for each query of conversations/queries.py."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, and_, distinct, exists, func, or_, select

from conversations import queries as asked
from conversations.ports import Query
from engine.applications import Application
from engine.calendar import local_day
from engine.contracts import Contract
from engine.deliveries import Deliverable
from engine.jobs import Job
from engine.links import Link
from engine.ports import Thing
from engine.reviews import Review
from engine.users import Address, User
from storage import figures, files, standing, things
from storage.tables import (
    addresses,
    applications,
    contracts,
    deliverables,
    jobs,
    links,
    payments,
    reviews,
    thanks,
    transitions,
    users,
)

T = TypeVar("T", bound=Thing)

FINISHED = ("accepted", "paid_out", "payout_problem")
STEP = tuple(transitions.c[name] for name in asked.Step.__dataclass_fields__)


@dataclass(frozen=True)
class View:
    """What an answer may need besides the query."""

    connection: Connection
    now: datetime
    operators: frozenset[tuple[str, str]]
    public_url: str
    random: Callable[[int], bytes]


def several(view: View, kind: type[T], wanted: Select[Any]) -> tuple[T, ...]:
    return tuple(things.thing_from(kind, row) for row in view.connection.execute(wanted))


def by_id(view: View, query: asked.ById[Any]) -> Thing | None:
    kind: type[Thing] = query.kind
    return things.by_id(view.connection, kind, query.thing_id, locked=False)


def open_jobs(view: View, query: asked.OpenJobs) -> tuple[Job, ...]:
    applied = exists().where(
        applications.c.job_id == jobs.c.id,
        applications.c.worker_id == query.viewer_id,
        applications.c.stage.in_(("applied", "declined")),
    )
    wanted = (
        select(jobs)
        .join(users, users.c.id == jobs.c.client_id)
        .where(jobs.c.stage == "open", users.c.stage == "active", jobs.c.client_id != query.viewer_id, ~applied)
    )
    return several(view, Job, wanted.order_by(jobs.c.id.desc()).limit(query.limit).offset(query.offset))


def jobs_of(view: View, query: asked.JobsOf) -> tuple[Job, ...]:
    answerable = exists().where(applications.c.job_id == jobs.c.id, applications.c.stage == "applied")
    under_way = or_(jobs.c.stage.not_in(Job.lifecycle.ends), and_(jobs.c.stage == "expired", answerable))
    mine = select(jobs).where(jobs.c.client_id == query.client_id, under_way)
    return several(view, Job, mine.order_by(jobs.c.id.desc()))


def record_of(view: View, query: asked.RecordOf) -> asked.Record:
    return records(view, [query.user_id])[query.user_id]


def records(view: View, user_ids: Iterable[int]) -> dict[int, asked.Record]:
    """What is known of several people, in four statements whatever their number."""
    wanted = sorted(set(user_ids))
    people = several(view, User, select(users).where(users.c.id.in_(wanted)))
    finished = counted(
        view,
        select(contracts.c.worker_id, func.count())
        .where(contracts.c.worker_id.in_(wanted), contracts.c.stage.in_(FINISHED))
        .group_by(contracts.c.worker_id),
    )
    axes = reviews.c.skill + reviews.c.quality + reviews.c.schedule + reviews.c.communication + reviews.c.partnership
    rated = counted(
        view,
        select(reviews.c.of_id, func.count(), func.sum(axes))
        .where(reviews.c.of_id.in_(wanted), reviews.c.stage == "shown")
        .group_by(reviews.c.of_id),
    )
    thanked = counted(
        view,
        select(thanks.c.receiver_id, func.count(), func.count(distinct(thanks.c.giver_id)))
        .where(thanks.c.receiver_id.in_(wanted))
        .group_by(thanks.c.receiver_id),
    )
    return {
        user.id: record(user, finished.get(user.id, (0,)), rated.get(user.id, (0, 0)), thanked.get(user.id, (0, 0)))
        for user in people
    }


def counted(view: View, wanted: Select[Any]) -> dict[int, tuple[int, ...]]:
    return {row[0]: tuple(int(value) for value in row[1:]) for row in view.connection.execute(wanted)}


def record(user: User, finished: tuple[int, ...], rated: tuple[int, ...], thanked: tuple[int, ...]) -> asked.Record:
    number, total = rated
    return asked.Record(
        user=user,
        finished=finished[0],
        stars=total / (5 * number) if number else None,
        reviews=number,
        thanks=thanked[0],
        givers=thanked[1],
    )


def candidates(view: View, query: asked.Candidates) -> tuple[asked.Candidate, ...]:
    wanted = select(applications).where(applications.c.job_id == query.job_id, applications.c.stage == "applied")
    found = several(view, Application, wanted.order_by(applications.c.id))
    known = records(view, (application.worker_id for application in found)) if found else {}
    return tuple(asked.Candidate(application, known[application.worker_id]) for application in found)


def applications_of(view: View, query: asked.ApplicationsOf) -> tuple[Application, ...]:
    mine = select(applications).where(applications.c.worker_id == query.worker_id, applications.c.stage == "applied")
    return several(view, Application, mine.order_by(applications.c.id.desc()))


def contracts_of(view: View, query: asked.ContractsOf) -> tuple[Contract, ...]:
    mine = select(contracts).where(or_(contracts.c.client_id == query.user_id, contracts.c.worker_id == query.user_id))
    if query.live:
        mine = mine.where(contracts.c.stage.not_in(Contract.lifecycle.ends))
    return several(view, Contract, mine.order_by(contracts.c.id.desc()))


def deliverables_of(view: View, query: asked.DeliverablesOf) -> tuple[Deliverable, ...]:
    return things.find(view.connection, Deliverable, locked=False, contract_id=query.contract_id)


def reviews_of(view: View, query: asked.ReviewsOf) -> tuple[Review, ...]:
    return several(
        view, Review, select(reviews).where(reviews.c.contract_id == query.contract_id).order_by(reviews.c.id)
    )


def money_of(view: View, query: asked.MoneyOf) -> asked.Standing:
    return standing.standing(view.connection, query.user_id, view.now)


def history_of(view: View, query: asked.HistoryOf) -> tuple[asked.Step, ...]:
    wanted = select(*STEP).where(transitions.c.noun == query.noun, transitions.c.thing_id == query.thing_id)
    return tuple(step(row) for row in view.connection.execute(wanted.order_by(transitions.c.version)))


def step(row: Any) -> asked.Step:
    return asked.Step(**{**row._asdict(), "role": row.role.value})


def last_step_for(view: View, query: asked.LastStepFor) -> asked.Step | None:
    my_jobs = select(jobs.c.id).where(jobs.c.client_id == query.user_id)
    my_contracts = select(contracts.c.id).where(
        or_(contracts.c.client_id == query.user_id, contracts.c.worker_id == query.user_id)
    )
    mine = or_(
        and_(transitions.c.noun == "job", transitions.c.thing_id.in_(my_jobs)),
        and_(transitions.c.noun == "contract", transitions.c.thing_id.in_(my_contracts)),
    )
    row = view.connection.execute(select(*STEP).where(mine).order_by(transitions.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else step(row)


def queue(view: View, query: asked.Queue) -> tuple[Job, ...]:
    waiting = select(jobs).where(jobs.c.stage.in_(("appealed", "held")))
    # "appealed" comes first in the alphabet as well.
    return several(view, Job, waiting.order_by(jobs.c.stage, jobs.c.since, jobs.c.id).limit(query.limit))


def addresses_of(view: View, query: asked.AddressesOf) -> tuple[Address, ...]:
    return things.find(view.connection, Address, locked=False, user_id=query.user_id)


def links_of(view: View, query: asked.LinksOf) -> tuple[Link, ...]:
    mine = or_(links.c.user_id == query.user_id, links.c.other_id == query.user_id)
    return several(view, Link, select(links).where(mine).order_by(links.c.id.desc()))


def morning_figures(view: View, _query: asked.Figures) -> Mapping[str, int]:
    return figures.figures(view.connection, local_day(view.now))


def thanked_on(view: View, query: asked.ThankedOn) -> bool:
    said = exists().where(
        thanks.c.giver_id == query.giver_id, thanks.c.receiver_id == query.receiver_id, thanks.c.day == query.day
    )
    return bool(view.connection.scalar(select(said)))


def pay_link(view: View, query: asked.PayLink) -> str:
    wanted = select(payments.c.url).where(
        payments.c.contract_id == query.contract_id, payments.c.purpose == "escrow", payments.c.stage == "requested"
    )
    return view.connection.scalar(wanted.order_by(payments.c.id.desc()).limit(1)) or ""


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
        and_(addresses.c.platform == platform, addresses.c.outside_id == outside_id)
        for platform, outside_id in sorted(view.operators)
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
    asked.HistoryOf: history_of,
    asked.LastStepFor: last_step_for,
    asked.Queue: queue,
    asked.AddressesOf: addresses_of,
    asked.LinksOf: links_of,
    asked.Figures: morning_figures,
    asked.PayLink: pay_link,
    asked.FileLink: file_link,
    asked.Operators: operators,
}
