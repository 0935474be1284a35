"""The inbox: what came from outside, kept before it is understood, worked through one conversation at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from storage import order
from storage.tables import inbox

FAILURES_BEFORE_PARKED = 5


@dataclass(frozen=True)
class NewRow:
    platform: str
    tenant: str
    event_id: str
    conversation: str
    body: bytes
    received_at: datetime


@dataclass(frozen=True)
class Row:
    id: int
    platform: str
    tenant: str
    event_id: str
    conversation: str
    body: bytes
    received_at: datetime
    attempts: int


earlier = inbox.alias()
HEAD = (
    select(*(inbox.c[name] for name in Row.__dataclass_fields__))
    .where(
        inbox.c.state == "new",
        ~exists().where(
            earlier.c.state == "new",
            earlier.c.platform == inbox.c.platform,
            earlier.c.tenant == inbox.c.tenant,
            earlier.c.conversation == inbox.c.conversation,
            earlier.c.id < inbox.c.id,
        ),
    )
    .order_by(inbox.c.id)
    .limit(1)
    .with_for_update(skip_locked=True, of=inbox)
)
DONE = update(inbox).where(inbox.c.id == bindparam("row_id")).values(state="done")
COUNTED = (
    update(inbox)
    .where(inbox.c.id == bindparam("row_id"), inbox.c.state == "new")
    .values(attempts=inbox.c.attempts + 1, error=bindparam("why"))
    .returning(inbox.c.attempts)
)
PARKED = update(inbox).where(inbox.c.id == bindparam("row_id")).values(state="parked")


@cache
def keeping(dialect: str) -> ReturningInsert[Any]:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(inbox)
    # What comes back can be counted; the drivers' own count of many rows cannot be relied on.
    result: ReturningInsert[Any] = made.on_conflict_do_nothing(
        index_elements=["platform", "tenant", "event_id"]
    ).returning(inbox.c.id)
    return result


def store(connection: Connection, rows: Sequence[NewRow]) -> int:
    """Keep what came, in its order. An event that is already here is dropped; the number that is new."""
    if not rows:
        return 0
    order.hold(connection, ((row.platform, row.tenant, row.conversation) for row in rows))
    new = [{**vars(row), "state": "new", "attempts": 0, "error": ""} for row in rows]
    return len(connection.scalars(keeping(connection.dialect.name), new).all())


def take(connection: Connection) -> Row | None:
    """The oldest event that is the head of its conversation and that nobody works on; held until the transaction ends.

    Ids of a conversation grow in order of commit, so nothing can slip in before a head that is being worked on."""
    row = connection.execute(HEAD).one_or_none()
    return None if row is None else Row(*row)


def done(connection: Connection, row_id: int) -> None:
    """In the same transaction as the effect."""
    connection.execute(DONE, {"row_id": row_id})


def failed(connection: Connection, row_id: int, error: str, most: int = FAILURES_BEFORE_PARKED) -> bool:
    """Count a failure, in a transaction of its own. True if the event is now parked, and its conversation goes on."""
    attempts = connection.scalar(COUNTED, {"row_id": row_id, "why": error})
    if attempts is None or attempts < most:
        return False
    connection.execute(PARKED, {"row_id": row_id})
    return True
