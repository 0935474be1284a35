"""The store: one transaction's view of everything. Implements what talks and rules ask of the world."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine

from conversations.messages import Outgoing, Sender
from conversations.ports import Action, Query, Saved
from conversations.queries import ById
from engine import errors
from engine.ports import Command, Decision, Staged, Thing, Timer
from engine.users import Address, User
from storage import audit, database, erasure, handles, moves, outbox, queries, releases, security, speakers, things
from storage.chain import DEMO_KEY
from storage.conflict import Conflict
from storage.rows import Rows
from storage.talks import Talks

__all__ = ["Conflict", "Store", "work"]

T = TypeVar("T", bound=Thing)
R = TypeVar("R")


class Store:
    """`cause` names what the transaction works on: an event, a timer, an operation. The same cause moves money once."""

    def __init__(
        self,
        connection: Connection,
        *,
        now: datetime,
        cause: str,
        operators: frozenset[tuple[str, str, str]] = frozenset(),
        provider: str = "pretend",
        public_url: str = "",
        random: Callable[[int], bytes] = secrets.token_bytes,
        audit_key: str = DEMO_KEY,
    ) -> None:
        self._rows = Rows(connection, now)
        self.now = now
        self.cause = cause
        self.operators = operators
        self.provider = provider
        self.public_url = public_url
        self.random = random
        self.audit_key = audit_key
        self._things: dict[tuple[type[Thing], int], Thing] = {}
        self._looked: dict[Query[Any], Any] = {}
        self._transfers = 0
        self._talks = Talks()
        self._spoken_from: dict[int, Address] = {}
        self._handles: dict[str, handles.NewHandle] = {}
        self._outgoing: list[tuple[Outgoing, str]] = []
        self._audited: list[audit.Line] = []
        self.leaving: list[erasure.Leaving] = []
        self.suspicions: list[str] = []

    @property
    def connection(self) -> Connection:
        """For whoever reads or writes past the store."""
        return self._rows.settled()

    def turn_to(self, cause: str) -> None:
        """What follows has another cause: several events, timers or operations may share a transaction."""
        self.cause, self._transfers = cause, 0

    def foresee(self, wanted: Sequence[Timer]) -> None:
        for thing in self._rows.foresee(wanted):
            self._remember(thing)

    @property
    def facts(self) -> "Store":
        """Read under lock, for rules."""
        return self

    def new_id(self) -> int:
        return self._rows.new_id()

    def get(self, kind: type[T], thing_id: int) -> T:
        """Refused NotFound if there is none. Asked twice, it is read once."""
        known = self._things.get((kind, thing_id))
        found = cast("T | None", known) or self._rows.by_id(kind, thing_id)
        if found is None:
            raise errors.NotFound
        return self._remember(found)

    def find(self, kind: type[T], **equal: object) -> tuple[T, ...]:
        return tuple(map(self._remember, self._rows.find(kind, **equal)))

    def balance(self, account: str) -> int:
        return self._rows.balance(account)

    def taken(self, user_id: int, noun: str, names: tuple[str, ...], since: datetime) -> int:
        return moves.taken(self.connection, user_id, noun, names, since)

    def said_by(self, digest: str, since: datetime) -> tuple[int, ...]:
        return moves.said_by(self.connection, digest, since)

    def is_operator(self, user_id: int) -> bool:
        """By the ids of their addresses, never by a name. Who speaks is one by the address they speak from only."""
        if not self.operators:
            return False
        here = self._spoken_from.get(user_id)
        mine = (here,) if here else things.find(self.connection, Address, locked=False, user_id=user_id)
        return any(speakers.is_named(address, self.operators) for address in mine)

    def speaks_from(self, user_id: int) -> int:
        here = self._spoken_from.get(user_id)
        return here.id if here else 0

    @cached_property
    def older_serves(self) -> bool:
        return releases.older_serves(self.connection)

    def is_banned(self, platform: str, tenant: str, outside_id: str) -> bool:
        return erasure.is_banned(self.connection, self.audit_key, (platform, tenant, outside_id))

    def _remember(self, thing: T) -> T:
        """What was read first stays: it is the same row, or, after a write of ours, the one we wrote."""
        return cast("T", self._things.setdefault((type(thing), thing.id), thing))

    # -- looking: without lock and without effect

    def look(self, query: Query[R]) -> R:
        if isinstance(query, ById) and (query.kind, query.thing_id) in self._things:
            # Nobody else can have changed it: it was read under lock, or written here.
            return cast("R", self._things[query.kind, query.thing_id])
        if query in self._looked:
            return cast("R", self._looked[query])
        found = self._rows.looked_at(query)
        if found is None:
            connection = self._rows.for_query(query)
            view = queries.View(connection, self.now, self.operators, self.public_url, self.random)
            found = self._looked[query] = queries.ANSWERS[type(query)](view, query)
        return cast("R", found)

    # -- people and where they are

    def user_at(self, sender: Sender) -> User | None:
        address = self._known_at(sender)
        found = None if address else speakers.find(self.connection, sender)
        if found:
            return self._met(found)
        address = address or self._address_at(sender)
        if address is None:
            return None
        self._spoken_from[address.user_id] = address
        return self.get(User, address.user_id)

    def _met(self, found: speakers.Speaker) -> User:
        address, user = self._remember(found.address), self._remember(found.user)
        self._spoken_from[user.id] = address
        self._talks.met(user.id, found.talk)
        return user

    def address_of(self, user_id: int) -> Address | None:
        here = self._spoken_from.get(user_id)
        if here and not here.blocked:
            return here
        return self._rows.reachable(user_id)

    def set_blocked(self, sender: Sender, *, blocked: bool) -> None:
        address = self._address_at(sender)
        if address is None or address.blocked == blocked:
            return
        kept = self._write(replace(address, blocked=blocked), 1)
        if kept.user_id in self._spoken_from:
            self._spoken_from[kept.user_id] = kept

    def _known_at(self, sender: Sender) -> Address | None:
        return next((a for a in self._spoken_from.values() if speakers.is_at(a, sender)), None)

    def _address_at(self, sender: Sender) -> Address | None:
        here = {"platform": sender.platform, "tenant": sender.tenant, "outside_id": sender.outside_id}
        return self._known_at(sender) or next(iter(self.find(Address, **here)), None)

    # -- the talk and its buttons

    def saved(self, user_id: int) -> Saved:
        return self._talks.of(self.connection, user_id).saved

    def save(self, user_id: int, talk: Saved) -> None:
        self._talks.save(self.connection, user_id, talk)

    def new_handle(self, user_id: int, action: Action, chat: str) -> str:
        token = handles.token(self.random)
        self._handles[token] = handles.NewHandle(token, user_id, action, chat)
        return token

    def action_of(self, user_id: int, handle: str, chat: str) -> Action | None:
        return handles.press(self.connection, user_id, handle, chat, self.now)

    def was_used(self, user_id: int, handle: str) -> bool:
        return handles.was_used(self.connection, user_id, handle, self.now)

    # -- effects

    def carry_out(self, decision: Decision, wanted: Command) -> None:
        self._looked.clear()
        for user_id in decision.erased:
            suspended = self.get(User, user_id).stage == "suspended"
            self.leaving.append(erasure.Leaving(user_id, suspended, self.now, self.audit_key))
        moved = [m for thing in decision.things if (m := self._keep(thing))]
        keys = self._rows.effects.add(decision, moved, wanted, self.cause, self._transfers)
        self._transfers += len(decision.transfers)
        self._audited += audit.lines(wanted, moved, decision.transfers, keys)

    def _keep(self, thing: Thing) -> moves.Moved | None:
        """Write one thing. What it was before is what this transaction has read, or reads now."""
        before = self.get(type(thing), thing.id) if thing.version else None
        if not isinstance(thing, Staged):
            self._write(thing, 1)
            return None
        assert before is None or isinstance(before, Staged), "a noun has one class"
        path = moves.path_of(before, thing)
        kept = self._write(thing, len(path) or 1)
        return moves.Moved(before, kept, path) if path else None

    def _write(self, thing: T, steps: int) -> T:
        """Its version grows by its steps."""
        kept = replace(thing, version=thing.version + steps)
        before = cast("T | None", self._things.get((type(thing), thing.id)))
        self._rows.change(before, thing, kept)
        self._looked.clear()
        self._things[type(kept), kept.id] = kept
        return kept

    def note(self, line: audit.Line) -> None:
        """Into the audit log, with what else this transaction does."""
        self._audited.append(line)

    def looked_up(self, operator_id: int, about: str) -> None:
        self.note(audit.Line(operator_id, "LookUp", about))

    def send(self, outgoing: Outgoing) -> None:
        said = {earlier.reply_to for earlier, cause in self._outgoing if cause == self.cause}
        first = outgoing.reply_to not in said
        self._outgoing.append((outgoing if first else replace(outgoing, first=False), self.cause))

    def suspect(self, reason: str) -> None:
        self.suspicions.append(reason)

    def flush(self) -> None:
        """Write what was gathered, one statement each. To be called once, right before the commit."""
        for who in self.leaving:
            self._forget(who)
        self._talks.write(self.connection, self._spoken_from)
        handles.keep(self.connection, list(self._handles.values()), self.now)
        audit.append(self.connection, self.audit_key, self.now, self._audited, self.random)
        security.suspect(self.connection, self.suspicions, self._spoken_from.values(), self.cause, self.now)
        # Last, because it waits for others who write to the same people, and nothing may be waited for after it.
        outbox.put(self.connection, self._outgoing, self.random, self.now)

    def _forget(self, who: erasure.Leaving) -> None:
        """Also what this transaction would have kept of them. What is still said to them is said."""
        self._talks.forget(who.user_id)
        self._spoken_from.pop(who.user_id, None)
        self._handles = {token: new for token, new in self._handles.items() if new.user_id != who.user_id}
        erasure.erase(self.connection, who)


@contextmanager
def work(engine: Engine, now: datetime, cause: str, **settings: Any) -> Iterator[Store]:
    """One transaction: all of it or nothing. Raises Conflict if another was first; `settings` are the Store's own."""
    with database.begin(engine) as connection:
        store = Store(connection, now=now, cause=cause, **settings)
        yield store
        store.flush()
