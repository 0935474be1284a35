"""The outbox: what is to be said, kept with its reason, sent after the commit and in order for each person."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, bindparam, case, exists, func, insert, or_, select, update

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


waiting = outbox.alias()
# The oldest message of each recipient, by one walk along the index: asked of each message whether another is before it,
# a person with many waiting was looked at as many times.
OLDEST = (
    select(func.min(waiting.c.id))
    .where(waiting.c.platform == bindparam("on_platform"), waiting.c.state.in_(LIVE))
    .group_by(waiting.c.tenant, waiting.c.recipient)
)
# Of those who have just said something. What was said to them before goes before the answer. With DISTINCT SQLite takes
# the index made for this.
awaiting = (
    select(outbox.c.tenant, outbox.c.recipient)
    .where(outbox.c.platform == bindparam("on_platform"), outbox.c.awaited, outbox.c.state.in_(LIVE))
    .distinct()
    .subquery("awaiting")
)
OLDEST_OF_AWAITING = select(
    select(func.min(waiting.c.id))
    .where(
        waiting.c.platform == bindparam("on_platform"),
        waiting.c.tenant == awaiting.c.tenant,
        waiting.c.recipient == awaiting.c.recipient,
        waiting.c.state.in_(LIVE),
    )
    .correlate(awaiting)
    .scalar_subquery()
).select_from(awaiting)


def claiming(oldest: Select[int]) -> Prepared:
    heads = (
        select(outbox.c.id)
        .where(
            outbox.c.id.in_(oldest),
            ~modes.IN_RECOVERY,
            outbox.c.state.in_(LIVE),
            outbox.c.not_before <= bindparam("now"),
            or_(outbox.c.state == "pending", outbox.c.claimed_until < bindparam("now")),
        )
        .order_by(outbox.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=outbox)
        .cte("heads")
    )
    claimed = {"state": "claimed", "claimed_until": bindparam("until")}
    counted = {"fence": outbox.c.fence + 1, "attempts": outbox.c.attempts + 1}
    wanted = ("id", "platform", "retry_key", "attempts", "fence", "created_at", "payload")
    return Prepared(
        update(outbox)
        .where(outbox.c.id.in_(select(heads.c.id)))
        .values({**claimed, **counted})
        .returning(*(outbox.c[name] for name in wanted))
    )


CLAIM, CLAIM_AWAITED = claiming(OLDEST), claiming(OLDEST_OF_AWAITING)
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
        "awaited",
    ),
)


@cache
def adapter() -> TypeAdapter[Outgoing]:
    return TypeAdapter(Outgoing)


def put(
    connection: Connection, messages: Sequence[tuple[Outgoing, str]], random: Callable[[int], bytes], now: datetime
) -> None:
    """Each with its cause."""
    if not messages:
        return
    order.hold(connection, ((m.to.platform, m.to.tenant, m.to.outside_id) for m, _ in messages))
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
            "awaited": m.awaited,
        }
        for m, cause in messages
    ]
    PUT.change_many(connection, rows)


def claim(
    connection: Connection, platform: str, now: datetime, limit: int, lease_seconds: float, *, in_turn: bool = False
) -> list[Row]:
    """The first waiting message of up to `limit` people: a later one never overtakes it, not even while it waits. Who
    has just said something comes before who is told out of the blue, unless all come `in_turn`."""
    until = now + timedelta(seconds=lease_seconds)
    about = {"on_platform": platform, "now": now, "until": until}
    found = [] if in_turn else CLAIM_AWAITED.rows(connection, {**about, "most": limit})
    if len(found) < limit:
        found += CLAIM.rows(connection, {**about, "most": limit - len(found)})
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


@dataclass(frozen=True)
class Outcome:
    """What became of a message we held."""

    row: Row
    state: str
    not_before: datetime
    error: str = ""


def sent(row: Row, now: datetime) -> Outcome:
    return Outcome(row, "sent", now)


def retry(row: Row, not_before: datetime, error: str) -> Outcome:
    return Outcome(row, "pending", not_before, error)


def dead(row: Row, reason: str, now: datetime) -> Outcome:
    assert reason, "a message is given up for a reason"
    return Outcome(row, "dead", now, reason)


def settle(connection: Connection, outcomes: Sequence[Outcome]) -> int:
    """Write back how it went, of those we still hold. How many that were."""
    # In one order, so that two who settle the same rows cannot wait for each other in a ring.
    ordered = sorted(outcomes, key=lambda outcome: outcome.row.id)
    waiting = [written(outcome) for outcome in ordered if outcome.state == "pending"]
    finished = [written(outcome) for outcome in ordered if outcome.state != "pending"]
    return sum(how.change_many(connection, rows) for how, rows in ((SETTLE, waiting), (FINISH, finished)) if rows)


def written(outcome: Outcome) -> dict[str, object]:
    values = {"state": outcome.state, "not_before": outcome.not_before, "error": outcome.error, "claimed_until": None}
    return {**values, "row_id": outcome.row.id, "my_fence": outcome.row.fence}
