"""A deal brought to a stage by the rules themselves, between people made for it."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

import house
from conversations import talk
from conversations.messages import Sender
from engine import calendar, codes, limits
from engine.applications import Application, Apply
from engine.contracts import AgreeTerms, CancelContract, Contract, Hire
from engine.deliveries import Deliver
from engine.handle import handle
from engine.jobs import Job, PostJob
from engine.links import CODE_MINUTES, ConfirmLink, LinkOffered, OfferLink, UseCode
from engine.payments import ConfirmPayment, Payment
from engine.ports import NOBODY, Command, Thing
from engine.refunds import FailRefund, Refund
from engine.users import Address, Join
from payments.pretend import Ticket, seal
from playground.phone import Person
from storage import things
from storage.store import Store
from tests.attacks.server import Server

T = TypeVar("T", bound=Thing)
NUMBER = itertools.count(1)
PRICE = 30_000
TITLE = "Logo for my cafe"
DOUBTFUL = "Easy work, add me on Telegram"
WORDS = "I have made 12 logos."
SPAM = "Dear client, I can do any work you may have at any time of the day and for any price you like to name."
LETTERS = str.maketrans("0123456789", "abcdefghij")
PLATFORMS = {"client": "line", "worker": "slack", "rival": "slack", "stranger": "telegram"}
SHAPES = {"line": "Ua{:031x}", "slack": "U0ATTACK{:04d}", "telegram": "77{:07d}"}
OPERATORS = {
    "operator": Person("telegram", "990001", "高橋葵", "en"),
    "slack_operator": Person("slack", "U0OPERATOR1", "高橋葵", "en"),
}


@dataclass
class Deal:
    """Everybody of one attack. People come into being, and join, when they are first named."""

    server: Server
    tenants: Mapping[str, str]
    platforms: Mapping[str, str]
    names: Mapping[str, str]
    people: dict[str, Person] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    words: str = WORDS
    ago: timedelta = timedelta(0)  # how long ago all this happens

    def person(self, role: str) -> Person:
        if role not in self.people:
            self.people[role] = OPERATORS.get(role) or self.invented(role)
            self.ids[role] = self.joined(self.people[role])
            self.facts[role] = codes.code("user", self.ids[role])
        return self.people[role]

    def invented(self, role: str) -> Person:
        platform = self.platforms.get(role, PLATFORMS.get(role, "telegram"))
        return Person(platform, SHAPES[platform].format(next(NUMBER)), self.names.get(role, role.title()), "en")

    def joined(self, person: Person) -> int:
        phone: Any = self.server.demo.emulators[person.platform].phone(person)
        if person.platform == "line":
            phone.chat.friend = True
        elif person.platform == "telegram":
            phone.chat.started = True
        where = {"platform": person.platform, "tenant": self.tenants[person.platform], "outside_id": person.id}
        with self.server.house.database.connect() as connection:
            known = things.find(connection, Address, locked=False, **where)
        if not known:
            self.does(Join(by=NOBODY, name=person.name, language=person.language, **where))
            return self.joined(person)
        return known[0].user_id

    # -- by the rules

    def does(self, wanted: Command) -> None:
        with self.world(self.ago) as store:
            refused = talk.execute(wanted, store)
        assert refused is None, f"{wanted} is refused: {refused!r}"

    @contextmanager
    def speaking(self, role: str, ago: timedelta = timedelta(0)) -> Iterator[Store]:
        """A transaction in which this person is the one who speaks, where they are; now, or so long ago."""
        person = self.person(role)
        with self.world(ago) as store:
            store.user_at(Sender(person.platform, self.tenants[person.platform], person.id))
            yield store

    @contextmanager
    def world(self, ago: timedelta) -> Iterator[Store]:
        """A transaction of so long ago."""
        at_home = self.server.house
        with house.world(replace(at_home, now=lambda: at_home.now() - ago), f"deal:{next(NUMBER)}") as store:
            yield store

    def latest(self, kind: type[T], **equal: object) -> T:
        with self.server.house.database.connect() as connection:
            return max(things.find(connection, kind, locked=False, **equal), key=lambda thing: thing.id)

    def named(self, thing: T) -> T:
        """Its number can stand in what is said: {job}, {contract} and so on."""
        noun = type(thing).noun
        code = codes.code(noun, thing.id)
        self.facts |= {
            noun: code,
            f"{noun}_id": str(thing.id),
            f"{noun}_small": code.lower(),
            f"{noun}_cut": code[:-1],
            f"{noun}_swapped": code[:-2] + code[-1] + code[-2],
        }
        self.ids[noun] = thing.id
        return thing

    def by(self, role: str) -> int:
        self.person(role)
        return self.ids[role]

    def at(self, stage: str) -> None:
        if stage:
            STAGES[stage](self)


def open_(deal: Deal, title: str = TITLE) -> None:
    due = calendar.local_day(deal.server.house.now() + timedelta(days=10))
    deal.does(PostJob(by=deal.by("client"), title=title, description="", price=PRICE, due=due))
    deal.named(deal.latest(Job, client_id=deal.by("client")))


def held(deal: Deal) -> None:
    open_(deal, DOUBTFUL)


def applied(deal: Deal) -> None:
    open_(deal)
    for role in ("rival", "worker"):
        deal.does(Apply(by=deal.by(role), job_id=deal.ids["job"], price=PRICE, words=deal.words))
        deal.named(deal.latest(Application, worker_id=deal.by(role)))


def agreeing(deal: Deal) -> None:
    applied(deal)
    deal.does(Hire(by=deal.by("client"), application_id=deal.ids["application"]))
    deal.named(deal.latest(Contract, client_id=deal.by("client")))


def awaiting_escrow(deal: Deal) -> None:
    agreeing(deal)
    terms_hash = deal.latest(Contract, client_id=deal.by("client")).terms_hash
    for role in ("client", "worker"):
        deal.does(AgreeTerms(by=deal.by(role), contract_id=deal.ids["contract"], terms_hash=terms_hash))
    payment = deal.named(deal.latest(Payment, contract_id=deal.ids["contract"]))
    ticket = Ticket(payment.id, payment.amount, TITLE)
    deal.facts["pay_page"] = f"/pretend/pay/{seal(deal.server.house.settings.pretend_secret, ticket)}"
    # The provider has made its pay page before anything goes on.
    deal.server.house.bell.ring()
    deal.server.settle()


def in_progress(deal: Deal) -> None:
    awaiting_escrow(deal)
    payment = deal.ids["payment"]
    deal.does(ConfirmPayment(by=NOBODY, payment_id=payment, amount=PRICE, reference=f"arrival-{payment}"))


def delivered(deal: Deal) -> None:
    in_progress(deal)
    work = {"kind": "text", "body": "Here it is.", "file_id": 0, "sha256": ""}
    deal.does(Deliver(by=deal.by("worker"), contract_id=deal.ids["contract"], **work))  # type: ignore[arg-type]


def refund_owed(deal: Deal) -> None:
    """More was paid than was wanted, and the provider does not give it back."""
    in_progress(deal)
    payment = deal.ids["payment"]
    errand = f"refund-{payment}-surplus"
    deal.does(FailRefund(by=NOBODY, payment_id=payment, amount=PRICE, errand=errand, reason="account_closed"))
    deal.named(deal.latest(Refund, payment_id=payment))


def offered(deal: Deal, ago: timedelta = timedelta(0)) -> None:
    """The client has got a code, on the messenger they are at; `second` may be their other one."""
    deal.by("second")
    with deal.speaking("client", ago) as store:
        wanted = OfferLink(by=deal.by("client"))
        decision = handle(wanted, store)
        store.carry_out(decision, wanted)
    told = next(event for event in decision.events if isinstance(event, LinkOffered))
    deal.facts["code"] = told.code
    deal.ids["link"] = told.link.id


def offered_long_ago(deal: Deal) -> None:
    offered(deal, timedelta(minutes=CODE_MINUTES))


def asked(deal: Deal) -> None:
    offered(deal)
    deal.does(UseCode(by=deal.by("second"), code=deal.facts["code"].replace("-", "")))
    deal.does(ConfirmLink(by=deal.by("second"), link_id=deal.ids["link"]))


def linked(deal: Deal) -> None:
    asked(deal)
    with deal.speaking("client") as store:
        assert talk.execute(ConfirmLink(by=deal.by("client"), link_id=deal.ids["link"]), store) is None
    deal.ids["second"] = deal.by("client")


def linked_open(deal: Deal) -> None:
    open_(deal)
    linked(deal)


# -- what somebody has done too often


def spamming(deal: Deal) -> None:
    """The same words to as many jobs as they may go to, and one more job."""
    deal.facts["spam"] = f"{SPAM} {deal.by('worker')}".translate(LETTERS)
    for _ in range(limits.LIMITS["same_words"].most):
        open_(deal)
        deal.does(Apply(by=deal.by("worker"), job_id=deal.ids["job"], price=PRICE, words=deal.facts["spam"]))
    open_(deal)


def spammed(deal: Deal) -> None:
    """The same words from as many accounts as may say them."""
    open_(deal)
    deal.facts["spam"] = f"{SPAM} {deal.ids['job']}".translate(LETTERS)
    for number in range(limits.LIMITS["same_words_by_others"].most):
        deal.does(Apply(by=deal.by(f"rival{number}"), job_id=deal.ids["job"], price=PRICE, words=deal.facts["spam"]))


def hiring_again(deal: Deal) -> None:
    agreeing(deal)
    applied(deal)


def never_paid(deal: Deal) -> None:
    for _ in range(limits.LIMITS["unpaid"].most):
        awaiting_escrow(deal)
        deal.does(CancelContract(by=deal.by("client"), contract_id=deal.ids["contract"]))
    applied(deal)


STAGES: Mapping[str, Callable[[Deal], None]] = {
    "open": open_,
    "held": held,
    "applied": applied,
    "agreeing": agreeing,
    "awaiting_escrow": awaiting_escrow,
    "in_progress": in_progress,
    "delivered": delivered,
    "refund_owed": refund_owed,
    "code": offered,
    "late_code": offered_long_ago,
    "asked": asked,
    "linked": linked,
    "linked_open": linked_open,
    "spamming": spamming,
    "spammed": spammed,
    "hiring_again": hiring_again,
    "never_paid": never_paid,
}
