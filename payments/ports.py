"""What a payment provider can do for us. Every errand carries a key of ours and happens once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.ports import Command

CURRENCY = "jpy"  # zero-decimal: an amount is whole yen
# What a webhook is about that only says that the books have changed: they are looked at soon.
THE_BOOKS = "books"


def each_of(secrets: str) -> tuple[str, ...]:
    """Comma separated: while one takes another's place, both are good. The first is the one to be used by us."""
    return tuple(secret.strip() for secret in secrets.split(",") if secret.strip())


@dataclass(frozen=True)
class Errand:
    """`amount` in yen. `reference` is the provider's own name for the payment, "" before it has one. `payee` is the
    user a payout is for."""

    key: str
    amount: int
    thing_id: int
    title: str = ""
    reference: str = ""
    payee: int = 0


@dataclass(frozen=True)
class Done:
    """The provider did it: `amount` and `currency` as it says itself; `reference` and `url` where it gave them."""

    amount: int
    currency: str
    reference: str = ""
    url: str = ""


@dataclass(frozen=True)
class Failed:
    """The provider definitely did not do it and never will under this key."""

    reason: str


@dataclass(frozen=True)
class Unsure:
    """No definite answer (timeout, reset, 5xx): it may have happened. Ask again with the same key."""

    reason: str


@dataclass(frozen=True)
class Differs:
    """Another sum than was asked for: about to be sent, or already done. Nobody asks again; a person looks."""

    amount: int
    currency: str
    reference: str = ""

    @property
    def reason(self) -> str:
        return f"{self.amount} {self.currency}"


Answer = Done | Failed | Unsure
Outcome = Answer | Differs


def as_asked(amount: int, answer: Answer) -> Outcome:
    """Done is only what was asked for, to the yen."""
    if isinstance(answer, Done) and (answer.amount, answer.currency) != (amount, CURRENCY):
        return Differs(answer.amount, answer.currency, answer.reference)
    return answer


@dataclass(frozen=True)
class Notification:
    """One webhook: the provider's own event id, which payment or payout it is about, and its bytes."""

    event_id: str
    about: str
    body: bytes


@dataclass(frozen=True)
class Entry:
    """A line of the provider's own books: money that was "paid", a "refund" or "pay_out" of ours, or a "chargeback",
    which the payer's bank takes back. `reference` is their name for it, `key` our errand's ("" for money that came,
    their name for a chargeback), `thing_id` the payment or payout it says it is for, 0 if none. `outcome`: "done",
    "failed", or "open" if it is not decided. `notification`: what its webhook says; told again, it counts once.
    `begun`: of a chargeback, which is told of however old it is."""

    kind: str
    reference: str
    key: str
    thing_id: int
    amount: int
    currency: str
    outcome: str
    notification: Notification | None = None
    begun: datetime | None = None


@dataclass(frozen=True)
class Books:
    """Complete from `since` on: what is older, and not here, may have been."""

    since: datetime
    entries: tuple[Entry, ...]


class Forged(Exception):
    """The signature is not the provider's (401), or what is signed cannot be read (400)."""

    def __init__(self, reason: str, status: int = 401) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class Provider(Protocol):
    name: str

    def collect(self, errand: Errand) -> Done | Failed | Unsure:
        """Make a pay page for exactly this amount."""

    def refund(self, errand: Errand) -> Done | Failed | Unsure: ...

    def pay_out(self, errand: Errand) -> Done | Failed | Unsure: ...

    def look_up(self, since: datetime) -> Books:
        """Everything the provider knows since then, under our keys and without. Raises whatever keeps it from all."""

    def receive(self, headers: Mapping[str, str], body: bytes, now: float) -> Notification:
        """Verify a webhook on its raw bytes. Raises Forged."""

    def read(self, body: bytes) -> Command | None:
        """What a verified webhook means, None if nothing to us."""
