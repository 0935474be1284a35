"""Exceptions: what the provider's books say otherwise than ours, since when, and who looks after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from engine import ledger
from storage.tables import contracts, exceptions, operations, payments, payouts, transfers

OPERATORS = "operators"
LOSS = "loss:"  # and what is lost, by its subject: the cause of a transfer
COLUMNS = ("kind", "subject", "noun", "thing_id", "ours", "theirs")


@dataclass(frozen=True)
class Row:
    """`confirmed_at` once it has stayed for long enough that somebody has been told."""

    id: int
    provider: str
    kind: str
    subject: str
    noun: str
    thing_id: int
    ours: int
    theirs: int
    since: datetime
    confirmed_at: datetime | None
    keeper: str


OPEN = (
    select(*(exceptions.c[name] for name in Row.__dataclass_fields__))
    .where(exceptions.c.cleared_at.is_(None))
    .order_by(exceptions.c.id)
)


def still_open(connection: Connection, provider: str = "") -> list[Row]:
    wanted = OPEN.where(exceptions.c.provider == provider) if provider else OPEN
    return [Row(*row) for row in connection.execute(wanted)]


def note(connection: Connection, provider: str, found: Sequence[Mapping[str, object]], now: datetime) -> None:
    """Keep what is new. What was there already stays as it was, with its age."""
    known = {(row.kind, row.subject) for row in still_open(connection, provider)}
    fresh = [
        {**{name: each[name] for name in COLUMNS}, "provider": provider, "since": now, "keeper": OPERATORS}
        for each in found
        if (each["kind"], each["subject"]) not in known
    ]
    if fresh:
        connection.execute(insert(exceptions), fresh)


def confirm(connection: Connection, row: Row, now: datetime) -> bool:
    """False if another was first: it is told once."""
    mine = update(exceptions).where(exceptions.c.id == row.id, exceptions.c.confirmed_at.is_(None))
    return connection.execute(mine, {"confirmed_at": now}).rowcount == 1


def clear(connection: Connection, row: Row, now: datetime) -> bool:
    mine = update(exceptions).where(exceptions.c.id == row.id, exceptions.c.cleared_at.is_(None))
    return connection.execute(mine, {"cleared_at": now}).rowcount == 1


def look_after(connection: Connection, exception_id: int, keeper: str) -> bool:
    mine = update(exceptions).where(exceptions.c.id == exception_id, exceptions.c.cleared_at.is_(None))
    return connection.execute(mine, {"keeper": keeper}).rowcount == 1


# -- our books, as they are compared

PAYMENTS = select(payments.c.id, payments.c.amount, payments.c.stage, payments.c.since).where(
    payments.c.provider == bindparam("provider"),
    or_(payments.c.since >= bindparam("from_when"), payments.c.id.in_(bindparam("named", expanding=True))),
)
PAYOUTS = select(payouts.c.id, payouts.c.stage).where(
    payouts.c.provider == bindparam("provider"), payouts.c.since >= bindparam("from_when")
)
ERRANDS = select(
    operations.c.key,
    operations.c.kind,
    operations.c.thing_id,
    operations.c.amount,
    operations.c.state,
    operations.c.not_before,
).where(
    operations.c.provider == bindparam("provider"),
    operations.c.kind.in_(("refund", "pay_out")),
    operations.c.not_before >= bindparam("from_when"),
)
LOSSES = select(transfers.c.cause, transfers.c.amount, transfers.c.at).where(
    transfers.c.source == ledger.outside(ledger.CHARGEBACKS), transfers.c.target == bindparam("books")
)
# Longer than money may be on its way between two stages of one thing.
EARLIER = timedelta(days=90)


@dataclass(frozen=True)
class Line:
    """Of a payment (`kind` "paid"), an errand, or a loss ("chargeback"); `state` is the errand's, `stage` the payment's
    or payout's."""

    kind: str
    key: str
    thing_id: int
    amount: int
    state: str
    stage: str
    at: datetime


def our_lines(connection: Connection, provider: str, since: datetime, named: Sequence[int]) -> list[Line]:
    """Also the payments that are `named`, however old they are."""
    asked = {"provider": provider, "from_when": since - EARLIER}
    stages = {row.id: row.stage for row in connection.execute(PAYOUTS, asked)}
    found = [
        Line("paid", "", r.id, r.amount, "", r.stage, r.since)
        for r in connection.execute(PAYMENTS, {**asked, "named": named})
    ]
    for row in connection.execute(ERRANDS, asked):
        stage = stages.get(row.thing_id, "") if row.kind == "pay_out" else ""
        found.append(Line(row.kind, row.key, row.thing_id, row.amount, row.state, stage, row.not_before))
    for lost in connection.execute(LOSSES, {"books": ledger.outside(provider)}):
        # However old: so is what the provider tells of them.
        kind, _, name = lost.cause.removeprefix(LOSS).partition(" ")
        found.append(Line(kind, name, 0, lost.amount, "done", "", lost.at))
    return found


def unknown(connection: Connection, line: str) -> list[Row]:
    """What the provider has done for a numbered payment or payout and we know nothing of: each `line` of that kind,
    "pay_out" or "refund". What somebody did there by hand has no number."""
    rows = [row for row in still_open(connection) if row.kind == "unknown" and row.noun]
    return [row for row in rows if row.subject.startswith(f"{line} ")]


def loss(connection: Connection, exception_id: int) -> Row | None:
    """What is lost there, operators were told of, and is not booked here."""
    found = [
        row for row in still_open(connection) if row.id == exception_id and row.kind == "lost" and row.confirmed_at
    ]
    cause = transfers.c.cause == (LOSS + found[0].subject if found else "")
    return found[0] if found and not connection.scalar(select(transfers.c.id).where(cause)) else None


def lost_payout(connection: Connection, amount: int) -> str:
    """The key of a payout that the provider made and this copy does not know, "" if its books name none of this sum."""
    keys = [f"pay_out-{row.thing_id}" for row in unknown(connection, "pay_out") if row.theirs == amount]
    taken = set(connection.scalars(select(operations.c.key).where(operations.c.key.in_(keys))))
    return next((key for key in keys if key not in taken), "")


def concerned(connection: Connection, noun: str, thing_id: int) -> list[int]:
    """The contracts a payment or payout is about. What is for nothing of ours is about none."""
    if not thing_id:
        return []
    if noun == "payment":
        of_payment = select(payments.c.contract_id).where(payments.c.id == thing_id)
        return list(connection.scalars(of_payment))
    return list(connection.scalars(select(contracts.c.id).where(contracts.c.payout_id == thing_id).order_by("id")))


def to_thaw(connection: Connection) -> list[int]:
    """Contracts that are frozen, and nothing is open about them any more."""
    held = {
        contract_id
        for row in still_open(connection)
        if row.confirmed_at
        for contract_id in concerned(connection, row.noun, row.thing_id)
    }
    frozen = connection.scalars(select(contracts.c.id).where(contracts.c.frozen).order_by(contracts.c.id))
    return [contract_id for contract_id in frozen if contract_id not in held]
