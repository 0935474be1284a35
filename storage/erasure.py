"""Erasure: everything personal goes, in the transaction that says so; the books and the chain stay as they are."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from engine import codes, terms
from engine.texts import GONE
from storage.inbox import PAYMENTS, told_about
from storage.outbox import LIVE
from storage.personal import PERSONAL
from storage.tables import (
    addresses,
    applications,
    banned,
    contracts,
    deliverables,
    files,
    inbox,
    jobs,
    outbox,
    payments,
    payouts,
)

# What stands in the place of a platform's id.
NOBODY = "erased"


@dataclass(frozen=True)
class Leaving:
    """Who goes. `suspended`: their ban stays behind."""

    user_id: int
    suspended: bool
    now: datetime
    key: str


def erase(connection: Connection, who: Leaving) -> None:
    places = connection.execute(select(addresses).where(addresses.c.user_id == who.user_id)).all()
    for place in places:
        remember_ban(connection, place, who)
        forget_events(connection, place)
    forget_heard(connection)
    forget_notifications(connection, who.user_id)
    forget_messages(connection, places, numbers(connection, who.user_id), who.now)
    for row in connection.execute(select(contracts).where(party(who.user_id))).all():
        card = terms.without(row.terms, row.client_id == who.user_id, row.worker_id == who.user_id)
        connection.execute(update(contracts).where(contracts.c.id == row.id).values(terms=card))
    own_files(connection, who.user_id)
    for p in PERSONAL:
        mine = p.whose(who.user_id)
        gone = update(p.table).values(dict.fromkeys(p.columns, GONE)) if p.columns else delete(p.table)
        connection.execute(gone.where(mine))


def party(user_id: int) -> Any:
    return or_(contracts.c.client_id == user_id, contracts.c.worker_id == user_id)


def own_files(connection: Connection, user_id: int) -> None:
    """Files from before they said whose they are."""
    theirs = (
        select(deliverables.c.file_id)
        .join(contracts, contracts.c.id == deliverables.c.contract_id)
        .where(contracts.c.worker_id == user_id)
    )
    connection.execute(update(files).where(files.c.id.in_(theirs)).values(owner_id=user_id))


# -- bans


def mark(key: str, platform: str, tenant: str, outside_id: str) -> str:
    return hmac.new(key.encode(), f"ban\0{platform}\0{tenant}\0{outside_id}".encode(), "sha256").hexdigest()


def is_banned(connection: Connection, key: str, place: tuple[str, str, str]) -> bool:
    known = select(banned.c.mark).where(banned.c.mark == mark(key, *place))
    return connection.execute(known).one_or_none() is not None


def remember_ban(connection: Connection, place: Row[Any], who: Leaving) -> None:
    """The last word counts: who was restored before leaving again comes back like anybody."""
    made = mark(who.key, place.platform, place.tenant, place.outside_id)
    connection.execute(delete(banned).where(banned.c.mark == made))
    if who.suspended:
        connection.execute(insert(banned), {"mark": made, "since": who.now})


# -- what came in and what went out


def forget_events(connection: Connection, place: Row[Any]) -> None:
    """The events stay known by their own ids, so that none of them is heard a second time. What has come since waits,
    and belongs to whoever they are then."""
    line = f"{place.platform}:{place.tenant}:{place.outside_id}"
    mine = and_(inbox.c.platform == place.platform, inbox.c.tenant == place.tenant, inbox.c.conversation == line)
    heard = update(inbox).where(mine, inbox.c.state != "new")
    connection.execute(heard.values(conversation=f"{NOBODY}:{place.user_id}", body=b""))


def forget_heard(connection: Connection) -> None:
    """Everybody's events: with a button Telegram sends the message it stood under, whoever is named in it. What has
    been worked through is read by nobody."""
    words = (inbox.c.state == "done") & (inbox.c.platform != PAYMENTS) & (inbox.c.body != b"")
    connection.execute(update(inbox).where(words).values(body=b""))


def forget_notifications(connection: Connection, user_id: int) -> None:
    """What providers told of their payments and payouts: a name or an address may stand in it."""
    paid = select(payments.c.provider, payments.c.id, payments.c.reference).where(payments.c.payer_id == user_id)
    got = select(payouts.c.provider, payouts.c.id).where(payouts.c.worker_id == user_id)
    told = [(row[0], about) for query in (paid, got) for row in connection.execute(query) for about in row[1:]]
    lines = [told_about(provider, about) for provider, about in told]
    mine = and_(inbox.c.platform == PAYMENTS, inbox.c.conversation.in_(lines), inbox.c.state != "new")
    connection.execute(update(inbox).where(mine).values(body=b""))


def forget_messages(connection: Connection, places: Sequence[Row[Any]], theirs: Sequence[str], now: datetime) -> None:
    """What is on its way to them, or names them or one of their deals, is given up; where it went is forgotten."""
    homes = [(place.platform, place.tenant, place.outside_id) for place in places]
    wanted = select(outbox.c.id, outbox.c.platform, outbox.c.tenant, outbox.c.recipient, outbox.c.payload)
    waiting = connection.execute(wanted.where(outbox.c.state.in_(LIVE))).all()
    named = [
        row.id
        for row in waiting
        if (row.platform, row.tenant, row.recipient) in homes or any(code in row.payload for code in theirs)
    ]
    given_up = {"state": "dead", "error": NOBODY, "payload": "", "claimed_until": None, "not_before": now}
    connection.execute(update(outbox).where(outbox.c.id.in_(named)).values(fence=outbox.c.fence + 1, **given_up))
    for platform, tenant, outside_id in homes:
        there = and_(outbox.c.platform == platform, outbox.c.tenant == tenant, outbox.c.recipient == outside_id)
        connection.execute(update(outbox).where(there).values(recipient=NOBODY))


def numbers(connection: Connection, user_id: int) -> list[str]:
    """The short numbers of a person and of their things: what is said of them carries one of these."""
    found = [codes.code("user", user_id)]
    mine = {
        "job": select(jobs.c.id).where(jobs.c.client_id == user_id),
        "application": select(applications.c.id).where(applications.c.worker_id == user_id),
        "contract": select(contracts.c.id).where(party(user_id)),
    }
    for noun, ids in mine.items():
        found += [codes.code(noun, thing_id) for thing_id in connection.scalars(ids)]
    return found
