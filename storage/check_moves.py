"""What must be true of the moves (S1, S2): each is a row of its table, and the last one leads to where the thing is."""

from collections.abc import Iterator
from functools import cache

from sqlalchemy import Connection, and_, func, or_, select

from engine.deadlines import EXTENDED
from engine.lifecycle import Lifecycle, Role
from engine.moves import LIFECYCLES
from storage.prepared import Prepared
from storage.tables import THINGS, exceptions, outages, transitions

LIFECYCLE_OF = {lifecycle.noun: lifecycle for lifecycle in LIFECYCLES}
# A user's language and a payment's page change without a move, and so does what an outage has moved the deadline of;
# everything else has a version for each move.
CHANGES_WITHOUT_MOVE = ("user", "payment", *EXTENDED)
OUTAGES = select(func.count()).select_from(outages).scalar_subquery()
EXCEPTIONS = select(func.count()).select_from(exceptions).scalar_subquery()
KINDS_OF_MOVE = select(
    transitions.c.noun, transitions.c.move, transitions.c.source, transitions.c.target, transitions.c.role
).distinct()


def undeclared(connection: Connection) -> Iterator[str]:
    """S1: every move is a row of its lifecycle, by one of those who may."""
    for noun, move, source, target, role in connection.execute(KINDS_OF_MOVE):
        if noun not in LIFECYCLE_OF or not declared(LIFECYCLE_OF[noun], move, source, target, role):
            yield f"{noun}: {role.value} may not {move} from {source!r} to {target!r}"


def declared(lifecycle: Lifecycle, move: str, source: str, target: str, role: Role) -> bool:
    return any(
        m.name == move and m.target == target and role in m.who and (source in m.sources or not (source or m.sources))
        for m in lifecycle.moves
    )


def left_an_end(connection: Connection) -> Iterator[str]:
    """S2: what has ended stays ended, but for the ways back that the table names."""
    for noun, move, source, target, _role in connection.execute(KINDS_OF_MOVE):
        lifecycle = LIFECYCLE_OF.get(noun)
        if (
            lifecycle
            and source in lifecycle.ends
            and not any(m.name == move and source in m.sources for m in lifecycle.moves)
        ):
            yield f"{noun}: left the end {source!r} for {target!r} by {move}"


def out_of_line(connection: Connection) -> Iterator[str]:
    """S1: a thing stands where its moves have brought it, and has as many versions."""
    for noun in LIFECYCLE_OF:
        for thing_id, stage, version, target, moves in misplaced(noun).rows(connection, {}):
            yield f"{noun} {thing_id} is {stage} at version {version}, after {moves or 0} moves to {target}"


@cache
def misplaced(noun: str) -> Prepared:
    """The things of a noun whose last move leads elsewhere, or that have another number of versions than moves."""
    table = THINGS[noun]
    last = (
        select(transitions.c.thing_id, func.count().label("moves"), func.max(transitions.c.version).label("latest"))
        .where(transitions.c.noun == noun)
        .group_by(transitions.c.thing_id)
        .subquery()
    )
    end = and_(transitions.c.noun == noun, transitions.c.thing_id == table.c.id, transitions.c.version == last.c.latest)
    miscounted = table.c.version < last.c.latest
    if noun not in CHANGES_WITHOUT_MOVE:
        miscounted = or_(table.c.version != last.c.moves, table.c.version != last.c.latest)
    elif noun in EXTENDED:
        # Each outage changes a thing once at most; so does each freezing and thawing.
        miscounted = or_(miscounted, table.c.version > last.c.moves + OUTAGES + 2 * EXCEPTIONS)
    elsewhere = or_(transitions.c.target != table.c.stage, transitions.c.move != table.c.moved)
    return Prepared(
        select(table.c.id, table.c.stage, table.c.version, transitions.c.target, last.c.moves)
        .join(last, last.c.thing_id == table.c.id, isouter=True)
        .join(transitions, end, isouter=True)
        .where(or_(last.c.moves.is_(None), elsewhere, miscounted))
    )
