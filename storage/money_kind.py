"""The kind of money the books are in: pretend, a provider's test money or real money; and what is open in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, select

from engine.payments import Payment
from engine.payouts import Payout
from storage import beats, modes, tables
from storage.tables import accounts, operations, payments, payouts

# Longer than a worker or a clock mostly keeps silent. One that waits for somebody's file for longer than that, and is
# overlooked so, finds the database in another money at its next beat, and no errand of it before.
QUIET = timedelta(seconds=5)


@dataclass(frozen=True)
class Kept:
    """`since`: when somebody last began to work in it. None where nobody has written it down yet, and the last errand
    tells."""

    money: str
    since: datetime | None


def kept(connection: Connection) -> Kept | None:
    """None if no money was ever asked for here. Of what is older than the row only the provider is known."""
    mark = select(tables.modes.c.reason, tables.modes.c.since).where(tables.modes.c.name == modes.MONEY)
    row = connection.execute(mark).one_or_none()
    if row:
        return Kept(*row)
    last = select(operations.c.provider).order_by(operations.c.id.desc()).limit(1)
    provider = connection.scalars(last).one_or_none()
    return Kept(provider, None) if provider else None


def still_open(connection: Connection) -> Mapping[str, int]:
    """What is to be settled in the money it was begun with; what is none is left out. The fees and what else is the
    house's own leave through nobody."""
    held = and_(accounts.c.balance != 0, accounts.c.path.not_like("outside:%"), accounts.c.path.not_like("platform:%"))
    # A page of another sum was never shown to anybody. Any other errand of another sum waits for a person.
    over = operations.c.state.in_(("done", "failed"))
    no_page = and_(operations.c.state == "differs", operations.c.kind == "collect")
    wanted = {
        "yen held": select(func.coalesce(func.sum(accounts.c.balance), 0)).where(held),
        "errands under way": select(func.count()).select_from(operations).where(~over, ~no_page),
        "payments asked for": select(func.count())
        .select_from(payments)
        .where(payments.c.stage.not_in(Payment.lifecycle.ends)),
        "payouts under way": select(func.count())
        .select_from(payouts)
        .where(payouts.c.stage.not_in(Payout.lifecycle.ends)),
    }
    found = connection.execute(select(*(each.scalar_subquery() for each in wanted.values()))).one()
    return {name: int(count) for name, count in zip(wanted, found, strict=True) if count}


def at_work(connection: Connection, now: datetime) -> bool:
    """Whether a worker or a clock, of whichever release, was heard of just now. However the clock was set meanwhile."""
    return any(abs(now - at) < QUIET for at in beats.last(connection).values())
