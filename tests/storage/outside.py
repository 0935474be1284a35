"""The world around a database, which goes on whatever is restored: phones, a provider, and who resumes a copy."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Engine

import clock
import errands
import recovery
import scheduler
from batches import Hands
from bots.ports import Bot, Sent
from conversations.messages import Message, Outgoing, Recipient
from engine.payments import Payment
from house import Bell, House, world
from payments.ports import CURRENCY, Books, Done, Entry, Errand
from payments.pretend import Pretend
from settings import Settings
from tests.builders import MONDAY, Market
from tests.storage.copies import opened


@dataclass
class Phones:
    """All that is sent on LINE and Slack."""

    said: list[str] = field(default_factory=list)

    def send(self, outgoing: Outgoing, retry_key: str) -> Sent:
        self.said.append(outgoing.message.text)
        return Sent("sent")


@dataclass
class Bank(Pretend):
    """The pretend provider with a log of what it did: amounts by key. What it would call in is not called in."""

    log: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    away: bool = False
    more: tuple[Entry, ...] = ()  # what else stands in its books

    def pay_out(self, errand: Errand) -> Done:
        self.asked.append(errand.key)
        assert self.log.setdefault(errand.key, errand.amount) == errand.amount
        return Done(self.log[errand.key], CURRENCY, errand.key)

    def notify(self, event: Mapping[str, Any]) -> bool:
        return True

    def look_up(self, since: datetime) -> Books:
        if self.away:
            raise TimeoutError
        numbers = {key: int(key.removeprefix("pay_out-")) for key in self.log}
        paid = (Entry("pay_out", key, key, n, self.log[key], CURRENCY, "done") for key, n in numbers.items())
        return Books(since, (*paid, *self.more))


@dataclass
class Outside:
    """The world, which goes on whatever is restored."""

    phones: Phones = field(default_factory=Phones)
    bank: Bank = field(default_factory=lambda: Bank("http://127.0.0.1:9", "secret"))

    def house(self, engine: Engine, now: datetime) -> House:
        settings = Settings(_env_file=None, database_url=str(engine.url))  # type: ignore[call-arg] # pydantic's
        bots = dict.fromkeys(("line", "slack"), cast("Bot", self.phones))
        return House(engine, settings, bots, {"pretend": self.bank}, lambda: now, Bell(), lambda *_: None)

    def pays_out(self, engine: Engine) -> None:
        """Past the next run of payouts, a few times: after an outage and a resumption other things come first."""
        for minutes in range(4):
            self.turn(engine, MONDAY + timedelta(days=3, minutes=minutes))

    def turn(self, engine: Engine, now: datetime) -> None:
        """Everything that goes out by itself, until nothing does."""
        house = self.house(engine, now)
        with ThreadPoolExecutor(1) as pool:
            scheduler.ring(house)
            for _ in range(10):
                errands.work_operations(house, Hands(pool, 1))
                for platform in house.bots:
                    errands.send_all(house, platform, Hands(pool, 1))


def say(house: House, words: str) -> None:
    with world(house, words) as store:
        store.send(Outgoing(Recipient("line", "tenant", "client"), Message(words)))


def resumed(outside: Outside, url: str, *paid: str, **said: bool) -> recovery.Plan:
    """`said`: none_of_ours, refunds_seen."""
    with opened(url) as engine:
        house = outside.house(engine, clock.now())
        plan = recovery.plan(house, paid, **said)
        assert plan
        recovery.carry_out(house, plan)
    return plan


def chargeback(engine: Engine) -> Entry:
    """The payer's bank asks for what was paid for the only contract."""
    payment = Market(engine).kept(Payment)
    return Entry("chargeback", "dp_1", "dp_1", payment.id, payment.amount, CURRENCY, "open", begun=clock.now())
