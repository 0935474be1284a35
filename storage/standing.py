"""お金どこ: where a person's money stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, or_, select

from conversations.queries import Standing
from engine import calendar, ledger, unlinking
from engine.links import Link
from storage import figures, things
from storage.tables import accounts, contracts, refunds, timers, transfers


def standing(connection: Connection, user_id: int, now: datetime) -> Standing:
    mine = ledger.earnings(user_id)
    left = case((transfers.c.reason == "pay_out", transfers.c.amount), else_=-transfers.c.amount)
    paid_out = select(func.sum(left)).where(
        or_(
            and_(transfers.c.source == mine, transfers.c.reason == "pay_out"),
            and_(transfers.c.target == mine, transfers.c.reason == "payout_returned"),
        )
    )
    hold = unlinking.hold(things.find(connection, Link, locked=False, user_id=user_id), now)
    owed = select(func.sum(refunds.c.amount)).where(refunds.c.payer_id == user_id, refunds.c.stage == "owed")
    return Standing(
        held=total(connection, in_escrow(contracts.c.client_id == user_id)),
        due=total(connection, in_escrow(contracts.c.worker_id == user_id)),
        earned=total(connection, select(accounts.c.balance).where(accounts.c.path == mine)),
        paid_out=total(connection, paid_out),
        next_run=next_run(connection, user_id, hold),
        owed=total(connection, owed),
        hold=hold,
    )


def next_run(connection: Connection, user_id: int, hold: unlinking.Hold | None) -> datetime | None:
    """When the next payout leaves; None while nobody can say, or there is nothing to pay."""
    run: datetime | None = connection.scalar(
        select(timers.c.due_at).where(timers.c.noun == "user", timers.c.thing_id == user_id, timers.c.name == "pay_out")
    )
    if run is None or hold is None:
        return run
    return max(run, calendar.first_payout_run_from(hold.until)) if hold.until else None


def in_escrow(whose: Any) -> Select[Any]:
    path = figures.escrow_path(contracts.c.id)
    return (
        select(func.sum(accounts.c.balance)).select_from(contracts).join(accounts, accounts.c.path == path).where(whose)
    )


def total(connection: Connection, wanted: Select[Any]) -> int:
    return int(connection.scalar(wanted) or 0)
