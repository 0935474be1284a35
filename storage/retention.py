"""Retention: what has served long ago goes, in small batches, so that nobody waits for the broom."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, select, true

from engine import limits
from storage.inbox import PAYMENTS
from storage.tables import deliverables, file_links, files, handles, inbox, outbox, sayings, security_events

# Longer than any platform or provider delivers an event again, and than anybody waits to complain.
KEPT_DAYS = 30
AT_ONCE = 500


def tidy(connection: Connection, now: datetime) -> int:
    """One batch of each; how many rows went. To be called until it is 0."""
    long_ago = now - timedelta(days=KEPT_DAYS)
    # What a provider told and nobody could work through waits for a person, however long.
    waits = (inbox.c.platform == PAYMENTS) & (inbox.c.state == "parked")
    boxes = (
        (inbox, inbox.c.received_at, ("done", "parked", "hushed", "dropped"), ~waits),
        (outbox, outbox.c.created_at, ("sent", "dead"), true()),
    )
    gone = sum(oldest(connection, box, at, over, looked_at, long_ago) for box, at, over, looked_at in boxes)
    handed_over = exists().where(deliverables.c.file_id == files.c.id)
    for table, key, passed in (
        (security_events, security_events.c.minute, security_events.c.minute < long_ago),
        (sayings, sayings.c.id, sayings.c.said_at < now - limits.SAYINGS_WITHIN),
        (handles, handles.c.token, handles.c.expires_at < now),
        (file_links, file_links.c.token, file_links.c.expires_at < now),
        # Sent in, and never delivered to anybody.
        (files, files.c.id, (files.c.created_at < long_ago) & ~handed_over),
    ):
        some = select(key).where(passed).limit(AT_ONCE)
        gone += connection.execute(delete(table).where(key.in_(some))).rowcount
    return gone


def oldest(
    connection: Connection,
    box: Table,
    at: Any,
    over: tuple[str, ...],
    looked_at: ColumnElement[bool],
    long_ago: datetime,
) -> int:
    """The front of the box only: what is older has a smaller number."""
    wanted = select(box.c.id, box.c.state, at).where(looked_at).order_by(box.c.id).limit(AT_ONCE)
    front = connection.execute(wanted).all()
    ids = [number for number, state, moment in front if state in over and moment < long_ago]
    return connection.execute(delete(box).where(box.c.id.in_(ids))).rowcount if ids else 0
