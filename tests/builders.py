"""A market on a real database, brought by real commands to where a test begins."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine, select

from conversations.messages import Sender
from engine import calendar
from engine.applications import Application, Apply
from engine.contracts import AgreeTerms, Contract, Hire
from engine.deliveries import AcceptWork, Deliver
from engine.handle import TimeIsUp, handle
from engine.jobs import Job, PostJob
from engine.payments import ConfirmPayment, OpenPayment, Payment
from engine.ports import NOBODY, Command, Decision, Thing
from engine.refunds import FailRefund, Refund
from engine.reviews import LeaveReview
from engine.users import Join, User
from payments.ports import Failed
from storage import operations, tables, things, timers
from storage.store import Store, work

T = TypeVar("T", bound=Thing)

# Monday, 2 December 2030, 10:00 in Tokyo.
MONDAY = datetime(2030, 12, 2, 1, 0, tzinfo=UTC)
DUE = date(2030, 12, 13)
PRICE = 11_000


@dataclass
class Market:
    """Each command is a transaction of its own, with a cause of its own."""

    engine: Engine
    now: datetime = MONDAY
    operators: frozenset[tuple[str, str, str]] = frozenset()
    causes: int = field(default=0)

    @contextmanager
    def work(self, cause: str = "") -> Iterator[Store]:
        self.causes += 1
        url = "https://market.example"
        with work(
            self.engine, self.now, cause or f"test:{self.causes}", operators=self.operators, public_url=url
        ) as store:
            yield store

    def do(self, wanted: Command) -> Decision:
        with self.work() as store:
            decision = handle(wanted, store)
            store.carry_out(decision, wanted)
        return decision

    def kept(self, kind: type[T], thing_id: int = 0) -> T:
        """As it stands in the database; the newest of its kind unless an id is said."""
        with self.engine.connect() as connection:
            if not thing_id:
                table = tables.THINGS[kind.noun]
                thing_id = connection.scalars(select(table.c.id).order_by(table.c.id.desc()).limit(1)).one()
            return things.known(connection, kind, thing_id)

    def ring(self) -> int:
        """Fire what is due, as the clock does; how many."""
        with self.engine.connect() as connection:
            due = timers.due(connection, self.now, 1_000)
        for timer_id in due:
            with self.work(f"timer:{timer_id}") as store:
                [(_, timer)] = timers.take(store.connection, [timer_id], self.now)
                wanted = TimeIsUp(by=NOBODY, noun=timer.noun, thing_id=timer.thing_id, name=timer.name)
                store.carry_out(handle(wanted, store), wanted)
        return len(due)


def sender(outside_id: str, platform: str = "line") -> Sender:
    return Sender(platform, "tenant", outside_id)


def join(market: Market, outside_id: str, platform: str = "line") -> User:
    market.do(
        Join(by=NOBODY, platform=platform, tenant="tenant", outside_id=outside_id, name=outside_id, language="en")
    )
    return market.kept(User)


def post(market: Market, client: User, title: str = "A logo for my cafe") -> Job:
    market.do(PostJob(by=client.id, title=title, description="Two colours, vector.", price=PRICE, due=DUE))
    return market.kept(Job)


def apply(market: Market, worker: User, job: Job, price: int = PRICE) -> Application:
    market.do(Apply(by=worker.id, job_id=job.id, price=price, words="Ten logos so far."))
    return market.kept(Application)


def hire(market: Market, price: int = PRICE) -> Contract:
    """A client, a worker, a job, an application, and a contract nobody has agreed to yet."""
    client, worker = join(market, "client"), join(market, "worker", "slack")
    application = apply(market, worker, post(market, client), price)
    market.do(Hire(by=client.id, application_id=application.id))
    return market.kept(Contract)


def agree(market: Market, contract: Contract) -> Payment:
    """Both have agreed, and the pay page is there."""
    for user_id in (contract.client_id, contract.worker_id):
        market.do(AgreeTerms(by=user_id, contract_id=contract.id, terms_hash=contract.terms_hash))
    payment = market.kept(Payment)
    market.do(OpenPayment(by=NOBODY, payment_id=payment.id, reference="p-1", url="https://pay.example/1"))
    return market.kept(Payment)


def fund(market: Market, contract: Contract) -> Contract:
    payment = agree(market, contract)
    market.do(ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=payment.amount, reference="arrived-1"))
    return market.kept(Contract, contract.id)


def deliver(market: Market, contract: Contract) -> Contract:
    market.do(Deliver(by=contract.worker_id, contract_id=contract.id, kind="text", body="Done.", file_id=0, sha256=""))
    return market.kept(Contract, contract.id)


def accept(market: Market, contract: Contract) -> Contract:
    market.do(AcceptWork(by=contract.client_id, contract_id=contract.id, price=contract.price))
    return market.kept(Contract, contract.id)


def accepted(market: Market) -> Contract:
    """From nothing to 検収."""
    return accept(market, deliver(market, fund(market, hire(market))))


def pay_out(market: Market, contract: Contract) -> Contract:
    """On to the next payout run."""
    market.now = calendar.next_payout_run(market.now) + timedelta(seconds=1)
    market.ring()
    return market.kept(Contract, contract.id)


def refuse_refund(market: Market, contract: Contract) -> Refund:
    """More was paid than was wanted, and the provider does not give it back."""
    with market.engine.connect() as connection:
        [payment] = things.find(connection, Payment, locked=False, contract_id=contract.id)
    key = f"refund-{payment.id}-more"
    market.do(ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=100, reference="more"))
    with market.work(f"operation:{key}") as store:
        row = next(
            row for row in operations.claim(store.connection, market.now, 99, 1, money="pretend") if row.key == key
        )
        operations.settle(store.connection, [(row, Failed("account_closed"), market.now)])
        wanted = FailRefund(by=NOBODY, payment_id=payment.id, amount=100, errand=key, reason="account_closed")
        store.carry_out(handle(wanted, store), wanted)
    return market.kept(Refund)


def review(user_id: int, contract_id: int) -> LeaveReview:
    stars = {"skill": 5, "quality": 5, "schedule": 4, "communication": 5, "partnership": 5}
    return LeaveReview(by=user_id, contract_id=contract_id, comment="Thank you.", again=10, **stars)
