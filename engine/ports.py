"""What the engine is given and what it gives back: commands, facts, things, events, decisions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, Self, TypeVar

from engine import errors
from engine.ledger import Transfer
from engine.lifecycle import Lifecycle, Role

NOBODY = 0  # the actor of the clock and of payment providers


@dataclass(frozen=True, kw_only=True)
class Command:
    """What somebody wants. `by` is the user id of who wants it, NOBODY for the clock and providers."""

    by: int


@dataclass(frozen=True, kw_only=True)
class Event:
    """What has happened. It carries the things as they now are, so that telling of it needs no second look."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A row that is kept. `version` 0 is not yet kept; each write adds one and is refused if another came first."""

    noun: ClassVar[str]
    id: int
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Staged(Thing):
    """A thing with a lifecycle: where it stands, since when (UTC), and the move and role that brought it there."""

    lifecycle: ClassVar[Lifecycle]
    stage: str = ""
    since: datetime
    moved: str = ""
    moved_by: Role = Role.CLOCK
    lost_seconds: int = 0  # how much of the time in this stage we were down: no deadline counts it

    @property
    def lost(self) -> timedelta:
        return timedelta(seconds=self.lost_seconds)

    def take(self, move: str, *, by: Role, at: datetime, **changes: Any) -> Self:
        """The thing after this move, or Refused. A timer that rings early does nothing: its time was moved."""
        row = self.lifecycle.find(move, self.stage, by)
        if row.due and at < getattr(self, row.due):
            raise errors.NotNow(self.noun, move, self.stage)
        return replace(self, stage=row.target, since=at, moved=move, moved_by=by, lost_seconds=0, **changes)


@dataclass(frozen=True)
class Timer:
    """At `due_at` (UTC) the clock wants `name` of the thing. One live timer per (noun, thing_id, name)."""

    noun: str
    thing_id: int
    name: str
    due_at: datetime


@dataclass(frozen=True)
class Operation:
    """An errand to a payment provider: collect, refund or pay_out. `key` makes it happen once; `amount` in yen."""

    kind: str
    key: str
    provider: str
    amount: int
    thing_id: int  # the payment or payout it is for


@dataclass(frozen=True)
class Decision:
    """What follows from a command: told (events), kept (things), moved (transfers), to come (timers, operations), and
    the users of whom nothing personal is kept any more (erased)."""

    events: tuple[Event, ...] = ()
    things: tuple[Thing, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    timers: tuple[Timer, ...] = ()
    operations: tuple[Operation, ...] = ()
    erased: tuple[int, ...] = ()

    def __add__(self, other: "Decision") -> "Decision":
        return Decision(
            self.events + other.events,
            self.things + other.things,
            self.transfers + other.transfers,
            self.timers + other.timers,
            self.operations + other.operations,
            self.erased + other.erased,
        )


T = TypeVar("T", bound=Thing)


class Facts(Protocol):
    """What is known at this moment, read under lock. The engine asks only through handle.py."""

    @property
    def now(self) -> datetime: ...

    @property
    def provider(self) -> str:
        """The payment provider new money goes through."""

    def new_id(self) -> int: ...

    def get(self, kind: type[T], thing_id: int) -> T:
        """Refused NotFound if there is none."""

    def find(self, kind: type[T], **equal: object) -> tuple[T, ...]:
        """All whose columns equal these values, oldest first."""

    def balance(self, account: str) -> int: ...

    def is_operator(self, user_id: int) -> bool: ...

    def taken(self, user_id: int, noun: str, moves: tuple[str, ...], since: datetime) -> int:
        """How often this person has taken one of these moves after that moment."""

    def said_by(self, digest: str, since: datetime) -> tuple[int, ...]:
        """Who has said these words after that moment, once for each time, in its order. Nobody has said ""."""

    def speaks_from(self, user_id: int) -> int:
        """The id of the address this user speaks from right now, 0 if they are not the one who speaks."""

    def random(self, count: int, /) -> bytes:
        """Bytes that nobody can guess."""

    @property
    def older_serves(self) -> bool:
        """Whether the release before may still be at work beside this one: what it does not know of is held back."""

    def is_banned(self, platform: str, tenant: str, outside_id: str) -> bool:
        """Whether somebody left from here while suspended."""


def timers_of(thing: Staged) -> tuple[Timer, ...]:
    """The timers a thing must have in its stage: its clock moves and its reminders."""
    rows: Iterable[tuple[str, str]] = [
        *((m.name, m.due) for m in thing.lifecycle.moves if m.due and thing.stage in m.sources),
        *((r.name, r.due) for r in thing.lifecycle.reminders if r.stage == thing.stage),
    ]
    return tuple(Timer(thing.noun, thing.id, name, getattr(thing, due)) for name, due in rows)
