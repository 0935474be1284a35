"""What the talk needs of the world: saved conversations, handles behind buttons, things to look at, a way to send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from conversations.messages import Outgoing, Sender
from engine.ports import Command, Decision, Facts
from engine.users import Address, User

R = TypeVar("R")


@dataclass(frozen=True)
class Query(Generic[R]):
    """Something to look at, without lock and without effect. Each query is answered by storage/queries.py."""


@dataclass(frozen=True)
class Answer:
    """A reply that was understood: a JSON value, and when it was said (UTC)."""

    value: Any
    at: datetime


@dataclass(frozen=True)
class Saved:
    """A person's conversation between two messages. `flow` "" is none. `turn` counts questions put, so that a button
    belongs to one question only; `missed` counts misunderstood replies to the present question."""

    flow: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    begun_at: datetime | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    turn: int = 0
    missed: int = 0
    asked_at: datetime | None = None


@dataclass(frozen=True)
class Action:
    """What a handle stands for. `kind` "start": begin `flow` with `args`, as often as pressed. `kind` "reply": give
    `value` as the answer to question `key` of turn `turn`, once. `kind` "word": one of the words that work anywhere
    (`flow` holds it), as often as pressed."""

    kind: str
    flow: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    value: Any = None
    turn: int = 0


def is_at(address: Address, sender: Sender) -> bool:
    """Who speaks is told by the ids, never by a name."""
    here = (sender.platform, sender.tenant, sender.outside_id)
    return (address.platform, address.tenant, address.outside_id) == here


class World(Protocol):
    """One transaction's view of everything. Nothing leaves the process before it is committed."""

    @property
    def facts(self) -> Facts: ...

    def look(self, query: Query[R]) -> R: ...

    def user_at(self, sender: Sender) -> User | None:
        """Whose address this is: by platform, tenant and id, never by name."""

    def address_of(self, user_id: int) -> Address | None:
        """Where notices to this user go: the address they last spoke from that has not blocked us."""

    def set_blocked(self, sender: Sender, *, blocked: bool) -> None: ...

    def saved(self, user_id: int) -> Saved: ...

    def save(self, user_id: int, talk: Saved) -> None: ...

    def new_handle(self, user_id: int, action: Action, chat: str) -> str:
        """22 characters, 128 random bits, bound to the user and the chat it is sent to; good for HANDLE_DAYS."""

    def action_of(self, user_id: int, handle: str, chat: str) -> Action | None:
        """None for a handle that is unknown, another's, of another chat, or expired: they cannot be told apart."""

    def was_used(self, user_id: int, handle: str) -> bool:
        """Whether this is a button of theirs that has been answered already."""

    def carry_out(self, decision: Decision, wanted: Command) -> None:
        """Keep things, move money, set timers, queue operations; an operator's command goes into the audit log."""

    def looked_up(self, operator_id: int, about: str) -> None:
        """An operator was shown somebody's data: into the audit log."""

    def send(self, outgoing: Outgoing) -> None:
        """Into the outbox, to leave after the commit."""

    def suspect(self, reason: str) -> None:
        """A security event: something an honest person hardly sends. They are answered as always."""
