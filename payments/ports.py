"""What a payment provider can do for us. Every errand carries a key of ours and happens once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.ports import Command


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
    """The provider did it; `reference` and `url` where it gave them."""

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
class Notification:
    """One webhook: the provider's own event id, which payment or payout it is about, and its bytes."""

    event_id: str
    about: str
    body: bytes


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

    def receive(self, headers: Mapping[str, str], body: bytes, now: float) -> Notification:
        """Verify a webhook on its raw bytes. Raises Forged."""

    def read(self, body: bytes) -> Command | None:
        """What a verified webhook means, None if nothing to us."""
