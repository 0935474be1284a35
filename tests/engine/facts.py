"""A small market in memory: what the engine decides is kept in a dict of things, so that a rule can be tried on what
earlier rules have left. It keeps the rules storage keeps: nothing is lost, only outside accounts go below zero."""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from engine.applications import Application, Apply
from engine.contracts import AgreeTerms, Contract, Hire
from engine.deliveries import AcceptWork, Deliver
from engine.errors import NotFound
from engine.handle import TimeIsUp, handle
from engine.jobs import Job, PostJob
from engine.payments import ConfirmPayment, Payment
from engine.ports import NOBODY, Command, Decision, Staged, Thing, Timer, timers_of
from engine.sayings import Saying
from engine.users import Join, User
from tests.engine import lawful

T = TypeVar("T", bound=Thing)

# Monday, 2 December 2030, 10:00 in Tokyo.
MONDAY = datetime(2030, 12, 2, 1, 0, tzinfo=UTC)
DUE = date(2030, 12, 13)
PRICE = 30_000


@dataclass
class Market:
    """Facts of the engine, and the hand that carries its decisions out."""

    now: datetime = MONDAY
    provider: str = "pretend"
    things: dict[tuple[str, int], Thing] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    timers: dict[tuple[str, int, str], Timer] = field(default_factory=dict)
    operators: set[int] = field(default_factory=set)
    speaking: dict[int, int] = field(default_factory=dict)
    banned: set[tuple[str, str, str]] = field(default_factory=set)
    older_serves: bool = False
    last_id: int = 100
    moved: list[tuple[int, str, str, datetime]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)  # of every operation so far
    heard: list[Callable[[Decision], object]] = field(default_factory=list)

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def get(self, kind: type[T], thing_id: int) -> T:
        found = self.things.get((kind.noun, thing_id))
        if found is None:
            raise NotFound
        assert isinstance(found, kind)
        return found

    def find(self, kind: type[T], **equal: object) -> tuple[T, ...]:
        mine = [t for t in self.things.values() if isinstance(t, kind)]
        return tuple(t for t in mine if all(getattr(t, name) == value for name, value in equal.items()))

    def balance(self, account: str) -> int:
        return self.balances.get(account, 0)

    def taken(self, user_id: int, noun: str, moves: tuple[str, ...], since: datetime) -> int:
        return sum((by, of) == (user_id, noun) and move in moves and at > since for by, of, move, at in self.moved)

    def said_by(self, digest: str, since: datetime) -> tuple[int, ...]:
        said = [each for each in self.find(Saying, digest=digest) if each.said_at > since]
        return tuple(each.user_id for each in said) if digest else ()

    def is_operator(self, user_id: int) -> bool:
        return user_id in self.operators

    def speaks_from(self, user_id: int) -> int:
        return self.speaking.get(user_id, 0)

    def random(self, count: int, /) -> bytes:
        self.last_id += 1
        return hashlib.shake_256(str(self.last_id).encode()).digest(count)

    def is_banned(self, platform: str, tenant: str, outside_id: str) -> bool:
        return (platform, tenant, outside_id) in self.banned

    # -- the hand

    def do(self, wanted: Command) -> Decision:
        decision = handle(wanted, self)
        lawful.check(wanted, decision, self.things, self.now, self.keys)
        self.keys |= {operation.key for operation in decision.operations}
        for listener in self.heard:
            listener(decision)
        for thing in decision.things:
            self.keep(thing)
            if isinstance(thing, Staged):
                self.moved.append((wanted.by, thing.noun, thing.moved, self.now))
        for transfer in decision.transfers:
            self.balances[transfer.source] -= transfer.amount
            self.balances[transfer.target] += transfer.amount
        assert all(amount >= 0 for account, amount in self.balances.items() if not account.startswith("outside:"))
        for timer in decision.timers:
            self.timers[timer.noun, timer.thing_id, timer.name] = timer
        return decision

    def keep(self, thing: Thing) -> None:
        self.things[thing.noun, thing.id] = replace(thing, version=thing.version + 1)
        if isinstance(thing, Staged):
            own = {(t.noun, t.thing_id, t.name): t for t in timers_of(thing)}
            others = {k: t for k, t in self.timers.items() if k[:2] != (thing.noun, thing.id) or k[2] == "pay_out"}
            self.timers = {**others, **own}

    def ring(self, thing: Thing, name: str) -> Decision:
        """The clock moves to this timer of the thing, and rings it."""
        timer = self.timers.pop((thing.noun, thing.id, name))
        self.now = max(self.now, timer.due_at)
        return self.do(TimeIsUp(by=NOBODY, noun=thing.noun, thing_id=thing.id, name=name))

    def pass_time(self, **length: int) -> None:
        self.now += timedelta(**length)

    # -- people and deals

    def user(self, name: str = "山田", **more: Any) -> User:
        decision = self.do(
            Join(by=NOBODY, platform="line", tenant="t", outside_id=f"u{self.last_id}", name=name, language="ja")
        )
        user = decision.things[0]
        assert isinstance(user, User)
        self.keep(replace(user, **more))
        return self.get(User, user.id)

    def operator(self) -> User:
        user = self.user("運営")
        self.operators.add(user.id)
        return user

    def job(self, client: User, price: int = PRICE, title: str = "恵比寿の店のロゴ") -> Job:
        decision = self.do(PostJob(by=client.id, title=title, description="", price=price, due=DUE))
        return self.get(Job, decision.things[0].id)

    def application(self, worker: User, job: Job, price: int = PRICE) -> Application:
        decision = self.do(Apply(by=worker.id, job_id=job.id, price=price, words="やります"))
        return self.get(Application, decision.things[0].id)

    def hired(self, price: int = PRICE, **client: Any) -> Contract:
        job = self.job(self.user("山田", **client), price)
        chosen = self.application(self.user("佐藤"), job, price)
        decision = self.do(Hire(by=job.client_id, application_id=chosen.id))
        return next(self.again(t) for t in decision.things if isinstance(t, Contract))

    def awaiting(self, price: int = PRICE, **client: Any) -> Contract:
        contract = self.hired(price, **client)
        for party in (contract.client_id, contract.worker_id):
            self.do(AgreeTerms(by=party, contract_id=contract.id, terms_hash=contract.terms_hash))
        return self.again(contract)

    def payment_of(self, contract: Contract, purpose: str = "escrow") -> Payment:
        return self.find(Payment, contract_id=contract.id, purpose=purpose)[0]

    def pay(self, payment: Payment, amount: int, reference: str = "arrival-1") -> Decision:
        return self.do(ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=amount, reference=reference))

    def funded(self, price: int = PRICE, **client: Any) -> Contract:
        contract = self.awaiting(price, **client)
        self.pay(self.payment_of(contract), price)
        return self.again(contract)

    def deliver(self, contract: Contract, body: str = "できました") -> Contract:
        self.do(Deliver(by=contract.worker_id, contract_id=contract.id, kind="text", body=body, file_id=0, sha256=""))
        return self.again(contract)

    def delivered(self, price: int = PRICE) -> Contract:
        return self.deliver(self.funded(price))

    def accepted(self, price: int = PRICE) -> Contract:
        contract = self.delivered(price)
        self.do(AcceptWork(by=contract.client_id, contract_id=contract.id, price=price))
        return self.again(contract)

    def again(self, thing: T) -> T:
        return self.get(type(thing), thing.id)
