"""The operators' morning figures."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Text, case, cast, distinct, func, literal, select

from engine import calendar, ledger
from engine.contracts import Contract
from storage.tables import accounts, contracts, entries, jobs, thanks, transfers, users


def escrow_path(contract_id: ColumnElement[int]) -> ColumnElement[str]:
    return literal("escrow:") + cast(contract_id, Text)


def figures(connection: Connection, today: date) -> Mapping[str, int]:
    """All of them in one statement, by the names conversations/queries.py promises."""
    morning = datetime.combine(today, time(0), calendar.ZONE)
    paid = case(
        (transfers.c.reason == "pay_out", transfers.c.amount),
        (transfers.c.reason == "payout_returned", -transfers.c.amount),
        else_=0,
    )
    wanted: dict[str, Any] = {
        "users": select(func.count()).select_from(users),
        "jobs_open": select(func.count()).where(jobs.c.stage == "open"),
        "jobs_waiting": select(func.count()).where(jobs.c.stage.in_(("held", "appealed"))),
        "contracts_live": select(func.count()).where(contracts.c.stage.not_in(Contract.lifecycle.ends)),
        "escrow_yen": select(func.sum(accounts.c.balance)).where(accounts.c.path.like("escrow:%")),
        "earnings_yen": select(func.sum(accounts.c.balance)).where(accounts.c.path.like("earnings:%")),
        "owed_yen": select(func.sum(accounts.c.balance)).where(accounts.c.path.like("owed:%")),
        "fees_yen": select(func.sum(entries.c.amount)).where(entries.c.account == ledger.FEES),
        "paid_out_yen": select(func.sum(paid)),
        "thanks_today": select(func.count()).where(thanks.c.day == today),
        "people_thanked_today": select(func.count(distinct(thanks.c.receiver_id))).where(thanks.c.day == today),
        "accepted_today": select(func.count()).where(
            contracts.c.accepted_at >= morning, contracts.c.accepted_at < calendar.end_of(today)
        ),
    }
    columns = [cast(func.coalesce(one.scalar_subquery(), 0), BigInteger).label(name) for name, one in wanted.items()]
    return {name: int(value) for name, value in connection.execute(select(*columns)).one()._asdict().items()}
