"""Z1: both sides of a contract decide against each other at the same moment. One is first, and the other is told so:
one legal way through the lifecycle, one settlement, on both databases."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from conversations import talk
from engine import calendar
from engine.contracts import CancelContract, Contract, Hire
from engine.deliveries import AcceptWork, Deliver, ExtendReview, RequestChanges
from engine.endings import AgreeEnding, EndOverdue, ProposeEnding, RefuseEnding
from engine.handle import TimeIsUp
from engine.jobs import Job, PostJob
from engine.payments import ConfirmPayment
from engine.ports import NOBODY, Command
from storage import tables
from storage.check import check
from storage.database import open_database
from storage.store import Conflict, work
from tests import builders, empty
from tests.attacks.server import at_once
from tests.builders import PRICE, Market

ROUNDS = 20
TRIES = 50
CAUSES = itertools.count(1)
Acts = Callable[[Market, Contract], tuple[Command, ...]]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Market]:
    """Several connections at once; in the end every invariant holds, M8 among them."""
    at = str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else empty.at(tmp_path / "m.db")
    engine = open_database(at)
    yield Market(engine)
    with engine.connect() as connection:
        violations = [f"{found.rule}: {found.what}" for found in check(connection)]
    engine.dispose()
    assert violations == []


# -- what they do at once


def awaiting(market: Market, deal: Contract) -> tuple[Command, ...]:
    payment = builders.agree(market, deal)
    paid = ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=payment.amount, reference=f"arrived-{payment.id}")
    client, worker = (CancelContract(by=by, contract_id=deal.id) for by in (deal.client_id, deal.worker_id))
    return (client, worker, paid)


def under_way(market: Market, deal: Contract) -> tuple[Command, ...]:
    fund(market, deal)
    client, worker = (
        ProposeEnding(by=by, contract_id=deal.id, percent=percent)
        for by, percent in ((deal.client_id, 0), (deal.worker_id, 100))
    )
    return (client, worker, delivery(deal))


def ending(market: Market, deal: Contract) -> tuple[Command, ...]:
    fund(market, deal)
    market.do(ProposeEnding(by=deal.client_id, contract_id=deal.id, percent=50))
    market.now += timedelta(days=7)
    silence = TimeIsUp(by=NOBODY, noun="contract", thing_id=deal.id, name="end_in_silence")
    agree = AgreeEnding(by=deal.worker_id, contract_id=deal.id)
    return (agree, RefuseEnding(by=deal.worker_id, contract_id=deal.id), silence)


def overdue(market: Market, deal: Contract) -> tuple[Command, ...]:
    fund(market, deal)
    market.now = max(market.now, market.kept(Contract, deal.id).overdue_from) + timedelta(minutes=1)
    market.do(TimeIsUp(by=NOBODY, noun="contract", thing_id=deal.id, name="fall_overdue"))
    return (EndOverdue(by=deal.client_id, contract_id=deal.id), delivery(deal))


def delivered(market: Market, deal: Contract) -> tuple[Command, ...]:
    fund(market, deal)
    market.do(delivery(deal))
    market.now += timedelta(days=7)
    accept = AcceptWork(by=deal.client_id, contract_id=deal.id, price=deal.price)
    changes = RequestChanges(by=deal.client_id, contract_id=deal.id, reason="In blue, please.")
    silence = TimeIsUp(by=NOBODY, noun="contract", thing_id=deal.id, name="accept")
    return (accept, changes, ExtendReview(by=deal.client_id, contract_id=deal.id, reason="Ill."), silence)


def hired(market: Market, number: int) -> Contract:
    """Two new people a round: nobody comes to a limit."""
    client, worker = builders.join(market, f"client{number}"), builders.join(market, f"worker{number}", "slack")
    due = calendar.local_day(market.now) + timedelta(days=10)
    market.do(PostJob(by=client.id, title="A logo", description="", price=PRICE, due=due))
    application = builders.apply(market, worker, market.kept(Job))
    market.do(Hire(by=client.id, application_id=application.id))
    return market.kept(Contract)


def fund(market: Market, deal: Contract) -> None:
    payment = builders.agree(market, deal)
    market.do(
        ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=payment.amount, reference=f"arrived-{payment.id}")
    )


def delivery(deal: Contract) -> Deliver:
    return Deliver(by=deal.worker_id, contract_id=deal.id, kind="text", body="Done.", file_id=0, sha256="")


# Which moves may follow at once; whatever else was wanted is refused.
ROWS: Mapping[str, tuple[Acts, tuple[tuple[str, ...], ...]]] = {
    "money or no contract": (awaiting, (("cancel",), ("fund",))),
    "an ending or the work": (under_way, (("propose_ending",), ("deliver",))),
    "yes, no, or silence": (ending, (("agree_ending",), ("refuse_ending",), ("end_in_silence",))),
    "too late or just in time": (overdue, (("end_overdue",), ("deliver",))),
    "accepted, changed, extended, or silence": (
        delivered,
        (("accept",), ("request_changes",), ("extend_review", "accept"), ("extend_review", "request_changes")),
    ),
}


def attempt(market: Market, wanted: Command) -> Callable[[], None]:
    def act() -> None:
        for _ in range(TRIES):
            try:
                with work(market.engine, market.now, f"race:{next(CAUSES)}") as store:
                    talk.execute(wanted, store)
            except Conflict:
                continue
            return
        raise AssertionError("the race was never decided")

    return act


def moves_of(engine: Engine, deal: Contract, after: int) -> tuple[str, ...]:
    table = tables.transitions
    wanted = select(table.c.move).where(table.c.noun == "contract", table.c.thing_id == deal.id, table.c.id > after)
    with engine.connect() as connection:
        return tuple(connection.scalars(wanted.order_by(table.c.id)))


def last_move(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.max(tables.transitions.c.id))) or 0


@pytest.mark.parametrize("name", ROWS)
def test_z1_contradictory_acts_have_one_legal_winner(market: Market, name: str) -> None:
    prepare, legal = ROWS[name]
    for number in range(ROUNDS):
        deal = hired(market, number)
        wanted = prepare(market, deal)
        after = last_move(market.engine)

        at_once([attempt(market, each) for each in wanted])

        assert moves_of(market.engine, deal, after) in legal
