"""Personal data: every column that can hold words, and what becomes of it when the person it is about leaves.

A new column of words or bytes is refused by the tests of the house until it stands here."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Connection, LargeBinary, Select, String, Table, exists, or_, select

from engine import codes
from engine.texts import GONE
from storage.prepared import Prepared
from storage.tables import (
    addresses,
    applications,
    audit_words,
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
    sayings,
    thanks,
    users,
)


@dataclass(frozen=True)
class Personal:
    """In the rows of a person these columns become GONE; without columns the rows go. `owner` holds the person's id,
    in the table itself or, over `by`, in another."""

    table: Table
    columns: tuple[str, ...]
    owner: Column[Any]
    by: ColumnElement[bool] | None = None

    def whose(self, user_id: int) -> ColumnElement[bool]:
        mine = self.owner == user_id
        return mine if self.by is None else exists().where(self.by, mine)


# In this order: links before files.
PERSONAL: tuple[Personal, ...] = (
    Personal(users, ("name",), users.c.id),
    Personal(addresses, (), addresses.c.user_id),
    Personal(handles, (), handles.c.user_id),
    Personal(conversations, (), conversations.c.user_id),
    Personal(file_links, (), file_links.c.viewer_id),
    Personal(file_links, (), files.c.owner_id, file_links.c.file_id == files.c.id),
    Personal(files, (), files.c.owner_id),
    Personal(jobs, ("title", "description"), jobs.c.client_id),
    Personal(applications, ("words",), applications.c.worker_id),
    Personal(applications, ("title",), jobs.c.client_id, applications.c.job_id == jobs.c.id),
    Personal(contracts, ("title",), contracts.c.client_id),
    Personal(payments, ("title", "url"), payments.c.payer_id),
    Personal(deliverables, ("body",), contracts.c.worker_id, deliverables.c.contract_id == contracts.c.id),
    # Words about each other, by them and of them. The stars stay: others' averages are made of them.
    Personal(reviews, ("comment",), reviews.c.by_id),
    Personal(reviews, ("comment",), reviews.c.of_id),
    Personal(thanks, ("words",), thanks.c.giver_id),
    Personal(thanks, ("words",), thanks.c.receiver_id),
    Personal(sayings, (), sayings.c.user_id),
    Personal(audit_words, (), audit_words.c.user_id),
)

# Columns in which a person stands among other things; storage/erasure.py takes them out.
TAKEN_OUT = {
    "contracts.terms": "the card of the terms: names, title and content become GONE, sums and days stay",
    "inbox.body": "emptied, whoever sent the event, as soon as anybody leaves; else it goes with its row",
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
        "refunds.stage refunds.moved refunds.moved_by refunds.provider",
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
        "modes.name modes.reason beats.name outages.noun exceptions.kind exceptions.noun",
        "audit.action audit.subject security_events.reason security_events.place",
    ),
    "numbers and hashes of ours, and the names events and errands have outside": (
        "contracts.terms_hash deliverables.sha256 links.code_hash",
        "payments.reference exceptions.provider exceptions.subject",
        "transitions.cause transfers.key transfers.cause outbox.cause operations.cause",
        "inbox.event_id",
        "operations.key operations.answer refunds.errand",
        "audit.prev_hash audit.hash banned.mark",
    ),
    "who of the operators looks after it": ("exceptions.keeper",),
    "why something failed: the kind of the error, never what was said": ("inbox.error outbox.error",),
    "accounts and sums of a transfer, or the hash of words that stand in audit_words": ("audit.body",),
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


def left_behind(connection: Connection) -> Iterator[str]:
    """A5: of who has left, nothing personal is kept."""
    for table, still_there in of_the_erased():
        for [user_id] in still_there.rows(connection, {}):
            yield f"{codes.code('user', user_id)} has left, and {table} still speaks of them"


@cache
def of_the_erased() -> tuple[tuple[str, Prepared], ...]:
    """Each table of PERSONAL, and who has left and still stands in it."""
    return tuple((p.table.name, Prepared(erased_in(p))) for p in PERSONAL)


def erased_in(p: Personal) -> Select[Any]:
    left = users.alias("left_users")
    of_them = select(left.c.id).distinct().join(p.owner.table, p.owner == left.c.id)
    if p.by is not None:
        of_them = of_them.join(p.table, p.by)
    if p.columns:
        of_them = of_them.where(or_(*(p.table.c[column] != GONE for column in p.columns)))
    return of_them.where(left.c.stage == "erased")
