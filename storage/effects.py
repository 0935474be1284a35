"""Effects: what commands have decided and no statement has said yet. They are written together, one statement a table,
right before the commit or before somebody reads what they concern."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from engine.ports import Command, Decision, Operation, Thing, Timer
from storage import books, moves, operations, things, timers


@dataclass
class Effects:
    """`changes`: each thing with what it was before, by its kind and id."""

    changes: dict[tuple[type[Thing], int], things.Change] = field(default_factory=dict)
    moved: list[tuple[moves.Moved, int, str]] = field(default_factory=list)  # whose move it was, and for which cause
    timers: list[Timer] = field(default_factory=list)
    postings: list[books.Posting] = field(default_factory=list)
    operations: list[tuple[Operation, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changes or self.timers or self.postings or self.operations)

    def add(self, decision: Decision, moved: list[moves.Moved], wanted: Command, cause: str, first: int) -> list[str]:
        """The keys under which its money moves. `first` is the number of the first of its transfers in their cause."""
        postings = books.postings(decision.transfers, first, cause)
        self.moved += [(each, wanted.by, cause) for each in moved]
        self.timers += decision.timers
        self.postings += postings
        self.operations += [(operation, cause) for operation in decision.operations]
        return [posting.key for posting in postings]

    def concern(self, kind: type[Thing], equal: Mapping[str, object]) -> bool:
        """Whether a search for these would find something else once this is written."""
        return any(
            of is kind and any(all(getattr(thing, name) == equal[name] for name in equal) for thing in change.sides)
            for (of, _), change in self.changes.items()
        )

    def touch(self, account: str) -> bool:
        return any(account in (posting.transfer.source, posting.transfer.target) for posting in self.postings)

    def write(self, connection: Connection, now: datetime) -> None:
        """Raises Conflict if another was first with any of it."""
        if self.changes:
            things.write(connection, list(self.changes.values()))
        if self.moved:
            moves.record(connection, self.moved, now)
        timers.follow(connection, [moved for moved, _, _ in self.moved], self.timers, now)
        books.post(connection, self.postings, now)
        operations.plan(connection, self.operations, now)
