"""What is wired together, handed to the worker, the clock and the doors; and how a transaction of it begins."""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from bots.ports import Bot
from payments.ports import Provider
from settings import Settings
from storage import database
from storage.store import Store


@dataclass(frozen=True)
class Patience:
    """How long what is claimed is its holder's alone, and how long to wait after the first, the second … unclear
    attempt, in seconds."""

    # Longer than a send may take, and short enough that after a crash LINE's reply token can still be asked about.
    lease_seconds: float = 25
    # The last of the lease, in which nothing is sent any more: whoever takes over is not to send while an answer may be
    # on its way, or before a short Retry-After that nobody lived to write down.
    answer_seconds: float = 10
    # How long refusals are gathered before they are written down together.
    door_book_seconds: float = 1
    back_off_seconds: tuple[float, ...] = (1, 2, 5, 15, 60, 300, 900)

    def back_off(self, attempts: int) -> float:
        return self.back_off_seconds[min(attempts, len(self.back_off_seconds) - 1)]


class Bell:
    """Rings for everyone who waits, also for those who were busy when it rang."""

    def __init__(self) -> None:
        self.rung = 0
        self.changed = threading.Condition()

    def ring(self) -> None:
        with self.changed:
            self.rung += 1
            self.changed.notify_all()

    def wait(self, heard: int, seconds: float) -> int:
        """Until it has rung more often than `heard`, or the time is over. How often it has rung."""
        with self.changed:
            self.changed.wait_for(lambda: self.rung > heard, seconds)
            return self.rung


@dataclass(frozen=True)
class House:
    """Everything wired. `now` is the product's time; `bell` rings when there is work in this process; `security` hears
    (reason, where) of what was refused; `random` makes what nobody may guess."""

    database: Engine
    settings: Settings
    bots: Mapping[str, Bot]
    providers: Mapping[str, Provider]
    now: Callable[[], datetime]
    bell: Bell
    security: Callable[[str, str], None]
    random: Callable[[int], bytes] = secrets.token_bytes
    patience: Patience = Patience()


@contextmanager
def world(house: House, cause: str) -> Iterator[Store]:
    """One transaction: all of it or nothing."""
    with database.begin(house.database) as connection:
        store = Store(
            connection,
            now=house.now(),
            cause=cause,
            operators=house.settings.operator_addresses,
            provider=house.settings.payments,
            public_url=house.settings.url,
            random=house.random,
            audit_key=house.settings.audit_key,
        )
        yield store
        store.flush()
