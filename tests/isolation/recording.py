"""A market whose transactions write down what they read and wrote; and the same with its guards taken out."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine, bindparam, select, update

from engine.errors import Refused
from engine.handle import handle
from engine.ports import Command, Thing
from storage import books, database, talks, things
from storage.prepared import Prepared
from storage.store import Conflict, Store
from storage.tables import THINGS, accounts, conversations, entries, transfers
from tests.isolation.history import Search, Transaction

T = TypeVar("T", bound=Thing)
TRIES = 50
# Long enough that another transaction gets in between a read and a write.
PAUSE_SECONDS = 0.002


class Recording(Store):
    """The store, with a pen. What it reads first of a thing is what its rules decide on."""

    def __init__(self, connection: Connection, *, now: datetime, cause: str) -> None:
        super().__init__(connection, now=now, cause=cause)
        self.seen = Transaction(cause)
        self.dice = random.Random(cause)

    def get(self, kind: type[T], thing_id: int) -> T:
        return self.noted(super().get(kind, thing_id))

    def find(self, kind: type[T], **equal: object) -> tuple[T, ...]:
        found = super().find(kind, **equal)
        self.seen.searches.append(Search(kind.noun, equal, frozenset(one.id for one in found)))
        return tuple(self.noted(one) for one in found)

    def noted(self, thing: T) -> T:
        if (thing.noun, thing.id) not in self.seen.writes:
            self.seen.reads.setdefault((thing.noun, thing.id), thing.version)
        time.sleep(self.dice.random() * PAUSE_SECONDS)
        return thing

    def balance(self, account: str) -> int:
        found = super().balance(account)
        kept = self.connection.execute(select(accounts.c.version).where(accounts.c.path == account)).scalar()
        self.seen.reads.setdefault(("account", account), kept or 0)
        time.sleep(self.dice.random() * PAUSE_SECONDS)
        return found

    def _write(self, thing: T, steps: int) -> T:
        kept = super()._write(thing, steps)
        for number in range(thing.version + 1, kept.version + 1):
            self.seen.writes[kept.noun, kept.id][number] = vars(kept)
        return kept


@dataclass
class Recorded:
    """Commands as a worker carries them out, each a transaction of its own that holds the talk of whoever wants it:
    nobody does two things at once, on however many messengers. `history` holds those that were committed."""

    engine: Engine
    now: datetime
    history: list[Transaction] = field(default_factory=list)
    lost: int = 0

    def do(self, wanted: Command, cause: str) -> None:
        """A lost race is tried again; a refusal is an answer."""
        for number in range(TRIES):
            try:
                with self.work(f"{cause}.{number}", wanted.by) as store:
                    store.carry_out(handle(wanted, store), wanted)
            except Refused:
                return
            except Conflict:
                self.lost += 1
            else:
                return
        raise AssertionError("the race was never decided")

    @contextmanager
    def work(self, cause: str, user_id: int) -> Iterator[Recording]:
        with database.begin(self.engine) as connection:
            talks.read(connection, user_id)
            store = Recording(connection, now=self.now, cause=cause)
            yield store
            store.flush()
            for path, number in connection.execute(
                select(entries.c.account, entries.c.account_version)
                .join(transfers, transfers.c.id == entries.c.transfer_id)
                .where(transfers.c.cause == cause, entries.c.account_version.is_not(None))
            ):
                store.seen.writes["account", path][number] = {}
        self.history.append(store.seen)


def at_once(works: list[Callable[[], None]]) -> None:
    """All of them beside each other; the first error is raised."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            start.wait()
            work()
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is read without a lock, as a careless `select` would."""
    locked = things.selection
    monkeypatch.setattr(things, "selection", lambda noun, keys, **_: locked(noun, keys, locked=False))
    monkeypatch.setattr(books, "LOCK", books.READ)
    monkeypatch.setattr(
        talks, "READ", Prepared(select(conversations).where(conversations.c.user_id == bindparam("user")))
    )


def without_locks_and_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes last wins."""
    without_locks(monkeypatch)

    def change(noun: str) -> Prepared:
        table = THINGS[noun]
        any_version = update(table).where(table.c.id == bindparam("kept_id"), bindparam("kept_version") > 0)
        return Prepared(any_version, [name for name in things.names(noun) if name != "id"])

    monkeypatch.setattr(things, "change", change)
