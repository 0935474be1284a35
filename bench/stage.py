"""A stage without messengers: prepared messages go through the real inbox, worker, talk and store. Only the product's
own work is timed; reading what was shown, to find the next button, is not."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

import app
import clock
import errands
import scheduler
import worker
from batches import Hands
from bench.server import settings_for
from bots.ports import Received
from clock import MovableClock
from conversations import render
from conversations.messages import Button, Content, Incoming, Outgoing, Press, Sender, Text
from engine import calendar
from engine.payments import Payment
from house import Bell, House
from payments.ports import Notification
from payments.pretend import Pretend
from simulator.inline import INLINE
from storage import database, outbox, tables, things

TENANT = "tenant"
OPERATOR_ID = "operator"
NEVER_MINUTES = 10**8  # its clock is moved by hand: that is no outage


class Prepared:
    """A bot that reads what was prepared and sends nothing."""

    def __init__(self, platform: str) -> None:
        self.platform = platform
        self.said: dict[bytes, Incoming] = {}

    def read(self, event: bytes) -> Incoming | None:
        return self.said[event]


@dataclass
class Bank(Pretend):
    """Pretend, but what it would say by webhook is kept until the stage hears it."""

    told: list[dict[str, object]] = field(default_factory=list)

    def notify(self, event: object) -> bool:
        assert isinstance(event, dict), "an event is an object"
        self.told.append(event)
        return True


@dataclass
class Person:
    """Who speaks, and the buttons of each message they were shown, oldest first."""

    sender: Sender
    shown: list[tuple[Button, ...]] = field(default_factory=list)

    def word(self, words: str) -> str:
        return render.line(self.sender.language, words, {})

    def button(self, fits: Callable[[str], bool]) -> Press:
        found = next((b for buttons in reversed(self.shown) for b in buttons if b.handle and fits(b.label)), None)
        assert found, f"{self.sender.name} has no such button: {[b.label for b in self.shown[-1]]}"
        return Press(found.handle)


class Stage:
    """`spent` seconds for `events` (messages, timers, errands, what the bank said) in `statements` statements; `worked`
    is the part of it that comes after an event is kept."""

    def __init__(self, url: str) -> None:
        settings = settings_for((), url, "http://127.0.0.1:9").model_copy(
            update={"operators": f"telegram:{OPERATOR_ID}", "outage_minutes": NEVER_MINUTES}
        )
        self.clock = MovableClock()
        self.bank = Bank(settings.url, "secret")
        self.bots = {platform: Prepared(platform) for platform in ("line", "slack", "telegram")}
        self.engine = database.open_database(url)
        database.migrate(self.engine, clock.now())
        self.house = House(
            self.engine,
            settings,
            self.bots,  # type: ignore[arg-type] # nothing is sent, fetched or set up here
            {"pretend": self.bank},
            self.clock.now,
            Bell(),
            lambda _reason, _where: None,
        )
        self.people: dict[str, Person] = {}
        self.spent, self.worked, self.events, self.statements, self.number, self.read_to = 0.0, 0.0, 0, 0, 0, 0
        self.counting = False
        self.count_statements()

    def count_statements(self) -> None:
        dialect: Any = self.engine.dialect
        for name in ("do_execute", "do_executemany"):
            setattr(dialect, name, self.counted(getattr(dialect, name)))

    def counted(self, run: Callable[..., None]) -> Callable[..., None]:
        def do(*arguments: Any, **more: Any) -> None:
            self.statements += self.counting
            run(*arguments, **more)

        return do

    @contextmanager
    def timed(self, *, work: bool) -> Iterator[None]:
        self.counting = True
        begun = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - begun
            self.spent += took
            self.worked += took if work else 0.0
            self.counting = False

    def person(self, platform: str, outside_id: str, name: str) -> Person:
        return self.people.setdefault(outside_id, Person(Sender(platform, TENANT, outside_id, name, "ja")))

    # -- what comes in

    def hear(self, person: Person, content: Content) -> None:
        self.number += 1
        sender, event = person.sender, f"event-{self.number}"
        body = event.encode()
        self.bots[sender.platform].said[body] = Incoming(event, sender, content, self.clock.now())
        received = Received(TENANT, event, f"{sender.platform}:{TENANT}:{sender.outside_id}", body)
        with self.timed(work=False):
            app.keep(self.house, [(sender.platform, received)])
        self.work_one()

    def work_one(self) -> None:
        """Just what has come in: a busy worker does not look whether there is nothing."""
        with self.timed(work=True):
            assert worker.work_inbox(self.house), "it has come in"
        self.events += 1
        self.see()

    def see(self) -> None:
        wanted = select(tables.outbox).where(tables.outbox.c.id > self.read_to).order_by(tables.outbox.c.id)
        with self.engine.connect() as connection:
            rows = connection.execute(wanted).all()
        for row in rows:
            self.read_to = row.id
            outgoing: Outgoing = outbox.adapter().validate_json(row.payload)
            shown = outgoing.message
            items = (button for item in shown.items for button in item.buttons)
            self.people[outgoing.to.outside_id].shown.append((*shown.buttons, *items, *shown.quick))

    def says(self, person: Person, words: str) -> None:
        self.hear(person, Text(words))

    def taps(self, person: Person, words: str) -> None:
        label = person.word(words)
        self.hear(person, person.button(lambda shown: shown == label))

    def taps_amount(self, person: Person, amount: str) -> None:
        self.hear(person, person.button(lambda shown: amount in shown))

    # -- what happens by itself

    def errands(self) -> None:
        """The provider's answers, and what it says by webhook."""
        with self.timed(work=True):
            while done := errands.work_operations(self.house, Hands(INLINE, errands.SENDERS)):
                self.events += done
        self.see()
        told, self.bank.told = self.bank.told, []
        for event in told:
            self.bank_says(event)

    def bank_says(self, event: dict[str, object]) -> None:
        body, _ = self.bank.signed(event)
        about = str(event.get("payment") or event.get("payout"))
        with self.timed(work=False):
            app.keep_notification(self.house, "pretend", Notification(str(event["id"]), about, body))
        self.work_one()

    def pay(self) -> None:
        """The newest payment arrives in full."""
        self.errands()
        with self.engine.connect() as connection:
            payment = things.find(connection, Payment, locked=False)[-1]
        self.bank_says(
            {"id": f"paid-{payment.id}", "type": "payment.paid", "payment": payment.id, "amount": payment.amount}
        )

    def to_payout(self) -> None:
        now = self.clock.now()
        self.clock.move((calendar.next_payout_run(now) - now).total_seconds() + 1)
        with self.timed(work=True):
            while fired := scheduler.ring(self.house):
                self.events += fired
        self.see()
        self.errands()


@contextmanager
def staged(url: str) -> Iterator[Stage]:
    stage = Stage(url)
    try:
        yield stage
    finally:
        stage.engine.dispose()
