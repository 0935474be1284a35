"""A lifecycle is a table of moves: who may take what from where to where, and when it happens by itself."""

from dataclasses import dataclass
from enum import StrEnum

from engine import errors


class Role(StrEnum):
    CLIENT = "client"
    WORKER = "worker"
    MEMBER = "member"  # about themselves, whatever their part in a deal
    OPERATOR = "operator"
    CLOCK = "clock"
    PROVIDER = "provider"


@dataclass(frozen=True)
class Move:
    """One row. `sources` is empty for the move that brings a thing into being; `due` names the thing's attribute
    that says when the clock makes the move."""

    name: str
    who: tuple[Role, ...]
    sources: tuple[str, ...]
    target: str
    due: str | None = None


@dataclass(frozen=True)
class Reminder:
    """While a thing stands in `stage`, its parties are told at each of the named times."""

    name: str
    stage: str
    due: str


@dataclass(frozen=True)
class Lifecycle:
    noun: str
    moves: tuple[Move, ...]
    ends: tuple[str, ...]
    reminders: tuple[Reminder, ...] = ()

    def find(self, name: str, stage: str, by: Role) -> Move:
        """The row for this move. Refused NotNow if the table has none, NotYourTurn if it is another's."""
        rows = [m for m in self.moves if m.name == name and (stage in m.sources or not (stage or m.sources))]
        if not rows:
            raise errors.NotNow(self.noun, name, stage)
        for move in rows:
            if by in move.who:
                return move
        raise errors.NotYourTurn(self.noun, name)

    def open_to(self, stage: str, by: Role) -> tuple[str, ...]:
        """The names of the moves this role can make now: what the buttons offer."""
        return tuple(m.name for m in self.moves if stage in m.sources and by in m.who)

    @property
    def stages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(stage for m in self.moves for stage in (*m.sources, m.target)))
