"""A stage: the real talk on the real store, with SQLite in memory, a clock that is moved by hand, and money on call."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Row, func, select

from conversations import talk
from conversations.messages import Content, File, Incoming, Outgoing, Sender
from engine import limits
from engine.alarms import RaiseAlarm
from engine.contracts import Contract
from engine.deadlines import LoseTime
from engine.handle import TimeIsUp
from engine.payments import ConfirmPayment, FailPage, OpenPayment, Payment
from engine.payouts import ConfirmPayout, FailPayout, Payout
from engine.ports import NOBODY, Command, Thing
from engine.refunds import ConfirmRefund, FailRefund
from storage import database, files, outages, outbox, tables, things, timers
from storage.store import Store, work
from tests import empty
from tests.conversations import given

T = TypeVar("T", bound=Thing)


@dataclass(frozen=True)
class Person:
    name: str
    platform: str
    outside_id: str
    language: str

    @property
    def sender(self) -> Sender:
        return Sender(self.platform, "tenant", self.outside_id, self.name, self.language)


class Stage:
    """Each line is one transaction on a store of its own: nothing but the database outlives it."""

    def __init__(self, now: datetime, operators: Collection[Person] = ()) -> None:
        self.now = now
        self.operators = frozenset((person.platform, "tenant", person.outside_id) for person in operators)
        self.engine = empty.in_memory()
        self.count = 0
        self.seen = 0

    def close(self) -> None:
        self.engine.dispose()

    def work(self) -> AbstractContextManager[Store]:
        self.count += 1
        public = "https://arigato.example"
        return work(self.engine, self.now, f"line-{self.count}", operators=self.operators, public_url=public)

    def hear(self, person: Person, content: Content) -> None:
        # A minute for each line, so that no two things happen at the same time.
        self.now += timedelta(minutes=1)
        with self.work() as world:
            reply_to = "trigger" if person.platform == "slack" else ""
            talk.hear(Incoming(f"event-{self.count}", person.sender, content, self.now, reply_to), world)

    def execute(self, wanted: Command) -> None:
        with self.work() as world:
            refused = talk.execute(wanted, world)
        assert refused is None, f"{wanted} is refused: {refused!r}"

    def outgoing(self) -> list[Outgoing]:
        """What was said since this was last asked."""
        wanted = select(tables.outbox).where(tables.outbox.c.id > self.seen).order_by(tables.outbox.c.id)
        with database.begin(self.engine) as connection:
            rows = connection.execute(wanted).all()
        self.seen = rows[-1].id if rows else self.seen
        return [outbox.adapter().validate_json(row.payload) for row in rows]

    def keep_file(self, name: str) -> File:
        """As it is once its content has been fetched."""
        with self.work() as world:
            kept = files.keep(world.connection, world.new_id(), name, b"content", self.now)
        return File(name, "reference", size=len(kept.content), file_id=kept.id, sha256=kept.sha256)

    # -- what happens by itself

    def pass_time(self, duration: timedelta) -> None:
        """Whatever comes due on the way happens at its time, the earliest first."""
        end = self.now + duration
        while (due_at := self.next_due()) and due_at <= end:
            self.now = max(self.now, due_at)
            with self.work() as world:
                [(_, timer)] = timers.take(world.connection, timers.due(world.connection, self.now, 1), self.now)
                talk.execute(TimeIsUp(by=NOBODY, noun=timer.noun, thing_id=timer.thing_id, name=timer.name), world)
        self.now = end

    def be_down(self, duration: timedelta) -> None:
        """Nobody is heard and nothing fires; then the newest contract's deadline is moved on."""
        begun, self.now = self.now, self.now + duration
        deal = self.latest(Contract)
        with self.work() as world:
            wanted = LoseTime(by=NOBODY, noun=deal.noun, thing_id=deal.id, begun=begun, ended=self.now)
            assert talk.execute(wanted, world) is None
            outages.reset(world.connection, world.get(Contract, deal.id))

    def next_due(self) -> datetime | None:
        with database.begin(self.engine) as connection:
            found: datetime | None = connection.scalar(select(func.min(tables.timers.c.due_at)))
        return found

    def latest(self, kind: type[T]) -> T:
        with database.begin(self.engine) as connection:
            return things.find(connection, kind, locked=False)[-1]

    def alarm(self, reason: str) -> None:
        self.execute(RaiseAlarm(by=NOBODY, reason=reason, times=limits.alarm(reason) + 1))

    def money(self, words: str) -> None:
        """What a provider says: a pay page is there, so much has arrived, the bank took or refused the payout."""
        act, _, amount = words.partition(" ")
        match act:
            case "opens":
                payment = self.latest(Payment)
                url = "https://pay.example/1"
                self.execute(OpenPayment(by=NOBODY, payment_id=payment.id, reference="reference", url=url))
            case "arrives":
                payment = self.latest(Payment)
                yen = int(amount or payment.amount)
                arrival = f"arrival-{self.count}"
                self.execute(ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=yen, reference=arrival))
            case "makes_no_page":
                self.execute(FailPage(by=NOBODY, payment_id=self.latest(Payment).id, reason="amount_too_large"))
            case "refunds":
                self.execute(ConfirmRefund(by=NOBODY, errand=self.last_refund().key))
            case "refunds_not":
                last = self.last_refund()
                about = {"payment_id": last.thing_id, "amount": last.amount, "errand": last.key}
                self.execute(FailRefund(by=NOBODY, reason="account_closed", **about))
            case "confirms":
                self.execute(ConfirmPayout(by=NOBODY, payout_id=self.latest(Payout).id))
            case "refuses":
                self.execute(FailPayout(by=NOBODY, payout_id=self.latest(Payout).id))
            case _:
                raise AssertionError(f"money never {act}")

    def last_refund(self) -> Row[Any]:
        wanted = select(tables.operations).where(tables.operations.c.kind == "refund")
        with database.begin(self.engine) as connection:
            return connection.execute(wanted.order_by(tables.operations.c.id)).all()[-1]

    def given(self, stage: str, people: Sequence[Person]) -> None:
        given.GIVEN[stage](self, people)
