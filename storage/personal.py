"""Personal data: every column that can hold words, and what becomes of it when the person it is about leaves.

A new column of words or bytes is refused by the tests of the house until it stands here."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import JSON, ColumnElement, LargeBinary, String, Table, or_, select

from storage.tables import (
    addresses,
    applications,
    contracts,
    conversations,
    deliverables,
    file_links,
    files,
    handles,
    jobs,
    metadata,
    payments,
    reviews,
    thanks,
    users,
)

# What stands where words stood. The same in every language, and no word anybody wrote.
GONE = "—"

Whose = Callable[[int], ColumnElement[bool]]


@dataclass(frozen=True)
class Personal:
    """In the rows that `whose` finds, these columns become GONE; without columns the rows themselves go."""

    table: Table
    whose: Whose
    columns: tuple[str, ...] = ()


def their_jobs(user_id: int) -> ColumnElement[bool]:
    return applications.c.job_id.in_(select(jobs.c.id).where(jobs.c.client_id == user_id))


def their_work(user_id: int) -> ColumnElement[bool]:
    return deliverables.c.contract_id.in_(select(contracts.c.id).where(contracts.c.worker_id == user_id))


def their_files(user_id: int) -> ColumnElement[bool]:
    """Also those of the time when a file did not say whose it is."""
    handed_over = select(deliverables.c.file_id).where(their_work(user_id), deliverables.c.file_id != 0)
    return or_(files.c.owner_id == user_id, files.c.id.in_(handed_over))


def to_their_files(user_id: int) -> ColumnElement[bool]:
    mine = select(files.c.id).where(their_files(user_id))
    return or_(file_links.c.viewer_id == user_id, file_links.c.file_id.in_(mine))


def spoken_for(user_id: int) -> ColumnElement[bool]:
    """Words about each other, by them and of them. The stars stay: others' averages are made of them."""
    return or_(reviews.c.by_id == user_id, reviews.c.of_id == user_id)


def thanked(user_id: int) -> ColumnElement[bool]:
    return or_(thanks.c.giver_id == user_id, thanks.c.receiver_id == user_id)


# In this order: links before files, files before what says whose they are.
PERSONAL: tuple[Personal, ...] = (
    Personal(users, lambda user_id: users.c.id == user_id, ("name",)),
    Personal(addresses, lambda user_id: addresses.c.user_id == user_id),
    Personal(handles, lambda user_id: handles.c.user_id == user_id),
    Personal(conversations, lambda user_id: conversations.c.user_id == user_id),
    Personal(file_links, to_their_files),
    Personal(files, their_files),
    Personal(jobs, lambda user_id: jobs.c.client_id == user_id, ("title", "description")),
    Personal(applications, lambda user_id: applications.c.worker_id == user_id, ("words",)),
    Personal(applications, their_jobs, ("title",)),
    Personal(contracts, lambda user_id: contracts.c.client_id == user_id, ("title",)),
    Personal(payments, lambda user_id: payments.c.payer_id == user_id, ("title", "url")),
    Personal(deliverables, their_work, ("body",)),
    Personal(reviews, spoken_for, ("comment",)),
    Personal(thanks, thanked, ("words",)),
)

# Columns in which a person stands among other things; storage/erasure.py takes them out.
TAKEN_OUT = {
    "contracts.terms": "the card of the terms: names, title and content become GONE, sums and days stay",
    "inbox.body": "empty as soon as the event is worked through",
    "inbox.conversation": "the platform's id of the person; of what came in before, it is taken out",
    "outbox.payload": "empty as soon as the message is sent or given up",
    "outbox.recipient": "the platform's id of the person, taken out",
}

# Columns that hold words of ours, numbers and hashes: nobody is named by them. They stay.
STAYS: dict[str, tuple[str, ...]] = {
    "stages, moves, roles, reasons and kinds: words of our own tables": (
        "users.stage users.moved users.moved_by users.language",
        "addresses.platform addresses.tenant",
        "links.stage links.moved links.moved_by",
        "jobs.stage jobs.moved jobs.moved_by jobs.reasons",
        "applications.stage applications.moved applications.moved_by",
        "contracts.stage contracts.moved contracts.moved_by contracts.funded_through",
        "payments.stage payments.moved payments.moved_by payments.purpose payments.provider",
        "payouts.stage payouts.moved payouts.moved_by payouts.provider",
        "reviews.stage reviews.moved reviews.moved_by",
        "thanks.stage thanks.moved thanks.moved_by",
        "approvals.stage approvals.moved approvals.moved_by approvals.move approvals.subject",
        "deliverables.kind",
        "transitions.noun transitions.move transitions.source transitions.target transitions.role",
        "timers.noun timers.name",
        "transfers.source transfers.target transfers.reason",
        "entries.account accounts.path",
        "inbox.platform inbox.tenant inbox.state",
        "outbox.platform outbox.tenant outbox.state",
        "operations.kind operations.provider operations.state",
        "modes.name modes.reason beats.name outages.noun",
        "audit.action audit.subject",
    ),
    "numbers and hashes of ours, and the names events and errands have outside": (
        "contracts.terms_hash deliverables.sha256 links.code_hash",
        "payments.reference",
        "transitions.cause transfers.key transfers.cause outbox.cause operations.cause",
        "inbox.event_id",
        "operations.key operations.answer",
        "audit.prev_hash audit.hash",
    ),
    "why something failed: the kind of the error, never what was said": ("inbox.error outbox.error",),
    "an operator's words, until they are kept apart from the chain": ("audit.body",),
}


def told() -> set[str]:
    """The columns of which it is said what becomes of them."""
    gone = {f"{p.table.name}.{column}" for p in PERSONAL for column in p.columns or p.table.c.keys()}
    stay = {name for group in STAYS.values() for names in group for name in names.split()}
    return {*gone, *TAKEN_OUT, *stay}


def wordy() -> set[str]:
    """The columns that can hold words or bytes."""
    return {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.c
        if isinstance(getattr(column.type, "impl", column.type), String | LargeBinary | JSON)
    }
