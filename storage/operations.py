"""Operations: errands to payment providers, each with a key of its own, claimed by compare-and-swap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from engine.ports import Operation
from storage import modes
from storage.prepared import Prepared
from storage.tables import operations, payments, transfers, transitions

LIVE = ("planned", "claimed", "ambiguous")
COLUMNS = ("kind", "key", "provider", "amount", "thing_id")
# What a provider's answer makes of an errand, by the answer's name in payments/ports.py (storage knows no provider).
STATES = {"Done": "done", "Failed": "failed", "Unsure": "ambiguous", "Differs": "differs"}


@dataclass(frozen=True)
class Row:
    """An errand we hold the lease of; `fence` says which claim this is."""

    id: int
    kind: str
    key: str
    provider: str
    amount: int
    thing_id: int
    attempts: int
    fence: int
    claimed_until: datetime


def claiming(*where: ColumnElement[bool]) -> Prepared:
    heads = (
        select(operations.c.id)
        .where(
            operations.c.state.in_(LIVE),
            ~modes.IN_RECOVERY,
            ~modes.IN_ANOTHER_MONEY,
            operations.c.not_before <= bindparam("now"),
            or_(operations.c.state != "claimed", operations.c.claimed_until < bindparam("now")),
            *where,
        )
        .order_by(operations.c.not_before, operations.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        .cte("heads")
    )
    claimed = {"state": "claimed", "claimed_until": bindparam("until")}
    counted = {"fence": operations.c.fence + 1, "attempts": operations.c.attempts + 1}
    return Prepared(
        update(operations)
        .where(operations.c.id.in_(select(heads.c.id)))
        .values({**claimed, **counted})
        .returning(*(operations.c[name] for name in Row.__dataclass_fields__))
    )


CLAIM, CLAIM_PAGES = claiming(), claiming(operations.c.kind == "collect")
SETTLE = Prepared(
    update(operations).where(
        operations.c.id == bindparam("row_id"),
        operations.c.fence == bindparam("my_fence"),
        operations.c.state == "claimed",
    ),
    ("state", "answer", "not_before", "claimed_until"),
)
KNOWN = select(*(operations.c[name] for name in COLUMNS)).where(operations.c.key.in_(bindparam("keys", expanding=True)))


@cache
def planning(dialect: str) -> ReturningInsert[Any]:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(operations)
    result: ReturningInsert[Any] = made.on_conflict_do_nothing(index_elements=["key"]).returning(operations.c.key)
    return result


def plan(connection: Connection, wanted: Sequence[tuple[Operation, str]], now: datetime) -> None:
    """Keep the errands, each with its cause. The same errand wanted again is the same errand; its key never stands for
    another one."""
    if not wanted:
        return
    fresh = {"state": "planned", "attempts": 0, "not_before": now, "fence": 0, "answer": ""}
    rows = [{**vars(operation), **fresh, "cause": cause} for operation, cause in wanted]
    if len(connection.scalars(planning(connection.dialect.name), rows).all()) == len(rows):
        return
    keys = [operation.key for operation, _ in wanted]
    kept = {row.key: Operation(**row._asdict()) for row in connection.execute(KNOWN, {"keys": keys})}
    assert all(kept[operation.key] == operation for operation, _ in wanted), "a key stands for one errand only"


def claim(
    connection: Connection, now: datetime, limit: int, lease_seconds: float, *, money: str, in_turn: bool = False
) -> list[Row]:
    """Errands that are due, also those without a definite answer and those whose claim has run out; none if the
    database is in another `money`. Pages to pay on come first, unless all come `in_turn`: somebody waits for them."""
    about = {"now": now, "until": now + timedelta(seconds=lease_seconds), "money": money}
    rows = [] if in_turn else CLAIM_PAGES.rows(connection, {**about, "most": limit})
    if len(rows) < limit:
        rows += CLAIM.rows(connection, {**about, "most": limit - len(rows)})
    return sorted((Row(*row) for row in rows), key=lambda row: row.id)


def settle(connection: Connection, answers: Sequence[tuple[Row, object, datetime]]) -> int:
    """Write providers' answers back, of the errands we still hold: Done, Failed, Differs, or Unsure, which is asked
    again from then on. How many that were."""
    rows = [
        {**settled(answer), "not_before": not_before, "claimed_until": None, "row_id": row.id, "my_fence": row.fence}
        for row, answer, not_before in sorted(answers, key=lambda each: each[0].id)
    ]
    return SETTLE.change_many(connection, rows) if rows else 0


def settled(answer: object) -> dict[str, str]:
    words = getattr(answer, "reason", "") or getattr(answer, "reference", "")
    return {"state": STATES[type(answer).__name__], "answer": words}


BOOKED = (
    select(transfers.c.amount)
    .join(operations, operations.c.cause == transfers.c.cause)
    .where(operations.c.id == bindparam("row_id"), transfers.c.reason.in_(("pay_out", "refund", "refund_retried")))
)


def booked(connection: Connection, row: Row) -> list[int]:
    """What has left the books together with this errand; nothing if its money never was in them."""
    return list(connection.scalars(BOOKED, {"row_id": row.id}))


UNSURE = (
    select(*(operations.c[name] for name in Row.__dataclass_fields__))
    .where(operations.c.provider == bindparam("provider"), operations.c.state.in_(("ambiguous", "differs")))
    .order_by(operations.c.id)
)


def unsure(connection: Connection, provider: str) -> list[Row]:
    """Errands that nobody is at, without a definite answer or with one that is not what was asked for."""
    return [Row(*row) for row in connection.execute(UNSURE, {"provider": provider})]


def end(connection: Connection, row: Row, answer: object, now: datetime) -> bool:
    """The answer was found in the provider's own books. False if somebody has asked again meanwhile."""
    values = {**settled(answer), "not_before": now, "fence": row.fence + 1}
    mine = update(operations).where(
        operations.c.id == row.id, operations.c.fence == row.fence, operations.c.state.in_(("ambiguous", "differs"))
    )
    return connection.execute(mine, values).rowcount == 1


def ask_again_of_refused(connection: Connection, now: datetime) -> None:
    """0.1.0 noted that a page or a refund was refused, and left it at that: the same key gets the same answer once
    more, and this time it is followed. Not what this release has followed: that may go by another key by now."""
    followed = exists().where(
        transitions.c.noun == "refund",
        transitions.c.move == "refund_fails",
        transitions.c.cause == literal("operation:").concat(operations.c.key),
    )
    waits = exists().where(payments.c.id == operations.c.thing_id, payments.c.stage == "requested")
    later = operations.alias()
    asked_since = exists().where(
        later.c.kind == "collect", later.c.thing_id == operations.c.thing_id, later.c.id > operations.c.id
    )
    unfollowed = or_(
        and_(operations.c.kind == "refund", operations.c.state == "failed", ~followed),
        # Nor was a page of another sum followed, while both served.
        and_(operations.c.kind == "collect", operations.c.state.in_(("failed", "differs")), waits, ~asked_since),
    )
    connection.execute(update(operations).where(unfollowed).values(state="ambiguous", not_before=now))
