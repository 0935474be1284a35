"""Rows: the database as one transaction sees it, with what it has decided and not yet written, and what it has read
before it was asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from conversations.queries import ById
from engine.ports import Thing, Timer
from engine.users import Address
from storage import ahead, books, ids, speakers, things
from storage.effects import Effects

T = TypeVar("T", bound=Thing)


class Rows:
    def __init__(self, connection: Connection, now: datetime) -> None:
        self.unsettled = connection
        self.now = now
        self.effects = Effects()
        self.ahead = ahead.Ahead()

    def settled(self) -> Connection:
        """For whoever reads or writes anything: what was decided so far is written first."""
        if self.effects:
            effects, self.effects = self.effects, Effects()
            effects.write(self.unsettled, self.now)
            self.ahead.answers.clear()
        return self.unsettled

    def foresee(self, wanted: Sequence[Timer]) -> list[Thing]:
        self.ahead = ahead.read(self.settled(), wanted)
        return self.ahead.things

    def change(self, before: T | None, thing: T, kept: T) -> None:
        """What is gathered changes a thing once."""
        key = (type(thing), thing.id)
        if key in self.effects.changes:
            self.settled()
        self.effects.changes[key] = things.Change(before, kept, thing.version)

    # -- reading: only what is concerned has to be written before

    def by_id(self, kind: type[T], thing_id: int) -> T | None:
        """Of a thing that was neither read nor written yet."""
        return things.by_id(self.unsettled, kind, thing_id, locked=True)

    def find(self, kind: type[T], **equal: object) -> tuple[T, ...]:
        if self.effects.concern(kind, equal):
            self.settled()
        found: tuple[T, ...] | None = self.ahead.answers.get(ahead.search(kind, equal))
        return things.find(self.unsettled, kind, locked=True, **equal) if found is None else found

    def balance(self, account: str) -> int:
        if self.effects.touch(account):
            self.settled()
        found: int | None = self.ahead.answers.get(account)
        return books.balance(self.unsettled, account) if found is None else found

    def reachable(self, user_id: int) -> Address | None:
        if self.effects.concern(Address, {"user_id": user_id}):
            self.settled()
        key = ("reachable", user_id)
        found: Address | None = self.ahead.answers.get(key)
        return found if key in self.ahead.answers else speakers.reachable(self.unsettled, user_id)

    def looked_at(self, query: object) -> Any:
        """What was read ahead of a thing that nobody changed here; None if nothing was."""
        return self.ahead.answers.get(query)

    def for_query(self, query: object) -> Connection:
        """A thing by its id that was neither read nor written yet stands there as it is."""
        return self.unsettled if isinstance(query, ById) else self.settled()

    def new_id(self) -> int:
        return self.ahead.ids.pop(0) if self.ahead.ids else ids.take(self.unsettled)
