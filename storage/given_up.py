"""What was given up: messages that reached nobody, and events that nobody could work through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.inbox import PAYMENTS
from storage.tables import inbox, outbox


@dataclass(frozen=True)
class Parked:
    """What a payment provider told; it stays until a person has looked. `error` is the kind of what went wrong."""

    provider: str
    event_id: str
    error: str
    received_at: datetime


def messages(connection: Connection, since: datetime) -> Mapping[str, int]:
    """How many by reason, the most frequent first. When it is given up stands where else stands when to try again."""
    times = func.count().label("times")
    wanted = select(outbox.c.error, times).where(outbox.c.state == "dead", outbox.c.not_before > since)
    found = connection.execute(wanted.group_by(outbox.c.error).order_by(times.desc(), outbox.c.error))
    return {error: int(count) for error, count in found}


def peoples(connection: Connection, since: datetime) -> int:
    """How many events of people, who were told of it."""
    mine = inbox.c.platform != PAYMENTS
    wanted = select(func.count()).where(inbox.c.state == "parked", mine, inbox.c.received_at > since)
    return int(connection.scalar(wanted) or 0)


def providers(connection: Connection) -> Sequence[Parked]:
    wanted = select(inbox.c.tenant, inbox.c.event_id, inbox.c.error, inbox.c.received_at)
    kept = wanted.where(inbox.c.state == "parked", inbox.c.platform == PAYMENTS)
    return [Parked(*row) for row in connection.execute(kept.order_by(inbox.c.id))]
