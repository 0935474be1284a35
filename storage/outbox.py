"""The outbox: what is to be said, kept with its reason, sent after the commit and in order for each person."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import Connection, and_, bindparam, case, exists, insert, or_, select, update

from conversations.messages import Outgoing
from storage import modes, order
from storage.prepared import Prepared
from storage.tables import addresses, outbox

LIVE = ("pending", "claimed")


@dataclass(frozen=True)
class Row:
    """A message we hold the lease of, `until` then. `retry_key` is the same over all attempts; `fence` says which claim
    this is."""

    id: int
    platform: str
    retry_key: str
    attempts: int
    fence: int
    until: datetime
    created_at: datetime
    outgoing: Outgoing


earlier = outbox.alias()
HEADS = (
    select(outbox.c.id)
    .where(
        outbox.c.platform == bindparam("on_platform"),
        ~modes.IN_RECOVERY,
        outbox.c.state.in_(LIVE),
        outbox.c.not_before <= bindparam("now"),
        or_(outbox.c.state == "pending", outbox.c.claimed_until < bindparam("now")),
        ~exists().where(
            earlier.c.state.in_(LIVE),
            and_(
                earlier.c.platform == outbox.c.platform,
                earlier.c.tenant == outbox.c.tenant,
                earlier.c.recipient == outbox.c.recipient,
                earlier.c.id < outbox.c.id,
            ),
        ),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=outbox)
    .cte("heads")
)
CLAIM = Prepared(
    update(outbox)
    .where(outbox.c.id.in_(select(HEADS.c.id)))
    .values(
        state="claimed",
        claimed_until=bindparam("until"),
        fence=outbox.c.fence + 1,
        attempts=outbox.c.attempts + 1,
    )
    .returning(
        outbox.c.id,
        outbox.c.platform,
        outbox.c.retry_key,
        outbox.c.attempts,
        outbox.c.fence,
        outbox.c.created_at,
        outbox.c.payload,
    )
)
# Only for who still holds the claim: a write with an old fence changes nothing.
held = update(outbox).where(
    outbox.c.id == bindparam("row_id"), outbox.c.fence == bindparam("my_fence"), outbox.c.state == "claimed"
)
SETTLED = ("state", "not_before", "error", "claimed_until")
SETTLE = Prepared(held, SETTLED)
# Where nobody of ours is any more, the platform's id is not kept either.
KNOWN = exists().where(
    addresses.c.platform == outbox.c.platform,
    addresses.c.tenant == outbox.c.tenant,
    addresses.c.outside_id == outbox.c.recipient,
)
# The person has it, or never will: its words are not kept.
FINISH = Prepared(held.values(payload="", recipient=case((KNOWN, outbox.c.recipient), else_="erased")), SETTLED)
PUT = Prepared(
    insert(outbox),
    (
        "platform",
        "tenant",
        "recipient",
        "retry_key",
        "payload",
        "state",
        "attempts",
        "not_before",
        "fence",
        "error",
        "created_at",
        "cause",
    ),
)


@cache
def adapter() -> TypeAdapter[Outgoing]:
    return TypeAdapter(Outgoing)


def put(
    connection: Connection, messages: Sequence[Outgoing], random: Callable[[int], bytes], cause: str, now: datetime
) -> None:
    if not messages:
        return
    order.hold(connection, ((m.to.platform, m.to.tenant, m.to.outside_id) for m in messages))
    rows = [
        {
            "platform": m.to.platform,
            "tenant": m.to.tenant,
            "recipient": m.to.outside_id,
            "retry_key": uuid.UUID(bytes=random(16), version=4),
            "payload": adapter().dump_json(m).decode(),
            "state": "pending",
            "attempts": 0,
            "not_before": now,
            "fence": 0,
            "error": "",
            "created_at": now,
            "cause": cause,
        }
        for m in messages
    ]
    PUT.change_many(connection, rows)


def claim(connection: Connection, platform: str, now: datetime, limit: int, lease_seconds: float) -> list[Row]:
    """The first waiting message of up to `limit` people: a later one never overtakes it, not even while it waits."""
    until = now + timedelta(seconds=lease_seconds)
    found = CLAIM.rows(connection, {"on_platform": platform, "now": now, "most": limit, "until": until})
    rows = [
        Row(
            id=row_id,
            platform=on,
            retry_key=str(retry_key),
            attempts=attempts,
            fence=fence,
            until=until,
            created_at=created_at,
            outgoing=adapter().validate_json(payload),
        )
        for row_id, on, retry_key, attempts, fence, created_at, payload in found
    ]
    return sorted(rows, key=lambda row: row.id)


def sent(connection: Connection, row: Row, now: datetime) -> bool:
    """Each of the three says False if the claim was lost meanwhile; then nothing is changed."""
    return settle(connection, row, FINISH, state="sent", not_before=now, error="")


def retry(connection: Connection, row: Row, not_before: datetime, error: str) -> bool:
    return settle(connection, row, SETTLE, state="pending", not_before=not_before, error=error)


def dead(connection: Connection, row: Row, reason: str, now: datetime) -> bool:
    assert reason, "a message is given up for a reason"
    return settle(connection, row, FINISH, state="dead", not_before=now, error=reason)


def settle(connection: Connection, row: Row, how: Prepared, *, state: str, not_before: datetime, error: str) -> bool:
    values = {"state": state, "not_before": not_before, "error": error, "claimed_until": None}
    where = {"row_id": row.id, "my_fence": row.fence}
    return how.change(connection, {**values, **where}) == 1
