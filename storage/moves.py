"""Transitions: which moves brought a thing from the stage it was kept in to the one it has now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from engine.lifecycle import Lifecycle
from engine.ports import Staged
from storage.prepared import Prepared
from storage.tables import sayings, transitions


@dataclass(frozen=True)
class Moved:
    """A thing that took moves, as it was (None: it is new) and as it is kept now."""

    before: Staged | None
    now: Staged
    path: tuple[tuple[str, str, str], ...]  # move, source, target


ROW = ("noun", "thing_id", "version", "move", "source", "target", "role", "actor_id", "cause", "at")
RECORD = Prepared(insert(transitions), ROW)


def path_of(before: Staged | None, thing: Staged) -> tuple[tuple[str, str, str], ...]:
    """The moves in their order; empty if it took none."""
    if before and (before.stage, before.since, before.moved) == (thing.stage, thing.since, thing.moved):
        return ()
    source = before.stage if before else ""
    if edge(thing.lifecycle, thing.moved, source, thing.stage):
        return ((thing.moved, source, thing.stage),)
    # Two moves in one decision: the second review is left and shown at once.
    for row in thing.lifecycle.moves:
        if starts(row.sources, source) and edge(thing.lifecycle, thing.moved, row.target, thing.stage):
            return ((row.name, source, row.target), (thing.moved, row.target, thing.stage))
    raise AssertionError(f"no move brings {thing.noun} {thing.id} from {source!r} to {thing.stage!r}")


def edge(lifecycle: Lifecycle, move: str, source: str, target: str) -> bool:
    return any(m.name == move and m.target == target and starts(m.sources, source) for m in lifecycle.moves)


def starts(sources: tuple[str, ...], source: str) -> bool:
    return source in sources if sources else not source


def record(connection: Connection, moved: Sequence[tuple[Moved, int, str]], at: datetime) -> None:
    """Each with who did it, and for which cause."""
    rows = [
        {
            "noun": m.now.noun,
            "thing_id": m.now.id,
            "version": m.now.version - len(m.path) + number,
            "move": move,
            "source": source,
            "target": target,
            "role": m.now.moved_by,
            "actor_id": actor_id,
            "cause": cause,
            "at": at,
        }
        for m, actor_id, cause in moved
        for number, (move, source, target) in enumerate(m.path, start=1)
    ]
    RECORD.change_many(connection, rows)


def taken(connection: Connection, actor_id: int, noun: str, names: tuple[str, ...], since: datetime) -> int:
    """How often this person has taken one of these moves since."""
    mine = (transitions.c.actor_id == actor_id, transitions.c.noun == noun, transitions.c.move.in_(names))
    counted = select(func.count()).select_from(transitions).where(*mine, transitions.c.at > since)
    return connection.scalar(counted) or 0


def said_by(connection: Connection, digest: str, since: datetime) -> tuple[int, ...]:
    """Whose sayings these are, the earliest first."""
    said = select(sayings.c.user_id).where(sayings.c.digest == digest, sayings.c.said_at > since)
    return tuple(connection.scalars(said.order_by(sayings.c.said_at, sayings.c.id))) if digest else ()
