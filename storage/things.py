"""Things as rows: read under lock or for a look, written by compare-and-swap on their version."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Connection, any_, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from engine.ports import Thing
from storage.conflict import Conflict
from storage.prepared import Prepared
from storage.tables import THINGS

T = TypeVar("T", bound=Thing)

SHARED = ("user", "address")


@cache
def names(noun: str) -> tuple[str, ...]:
    return tuple(THINGS[noun].c.keys())


def thing_from(kind: type[T], row: Sequence[Any]) -> T:
    """The thing in a row of exactly its table's columns. Not through its constructor: that sets field after field of
    what is frozen, and takes several times as long."""
    made = object.__new__(kind)
    vars(made).update(zip(names(kind.noun), row, strict=True))
    return made


@cache
def selection(noun: str, keys: tuple[str, ...], *, locked: bool) -> Prepared:
    table = THINGS[noun]
    found = select(table).where(*(table.c[key] == bindparam(key) for key in keys)).order_by(table.c.id)
    if not locked:
        return Prepared(found)
    # The weaker of the two write locks: a new row may still refer to this one meanwhile. Of people nearly everybody
    # only wants to know that they may act: readers share, else two at one contract wait for each other in a ring.
    # All the addresses of one person are only asked for when one of them is to change hands: that waits for whatever
    # they are just doing, and holds up what they do next.
    shared = noun in SHARED and keys != ("user_id",)
    return Prepared(found.with_for_update(read=True) if shared else found.with_for_update(key_share=True))


@cache
def insertion(noun: str) -> Prepared:
    return Prepared(insert(THINGS[noun]), names(noun))


@cache
def change(noun: str) -> Prepared:
    table = THINGS[noun]
    same = update(table).where(table.c.id == bindparam("kept_id"), table.c.version == bindparam("kept_version"))
    return Prepared(same, [name for name in names(noun) if name != "id"])


def find(connection: Connection, kind: type[T], *, locked: bool, **equal: object) -> tuple[T, ...]:
    """All whose columns equal these values, oldest first."""
    rows = selection(kind.noun, tuple(sorted(equal)), locked=locked).rows(connection, equal)
    return tuple(thing_from(kind, row) for row in rows)


@cache
def selection_of_many(noun: str, name: str, keys: tuple[str, ...], *, locked: bool) -> Prepared:
    """In the order of their ids, so that two who want the same ones cannot wait for each other in a ring."""
    table = THINGS[noun]
    any_of_them = table.c[name] == any_(bindparam("many", type_=ARRAY(BigInteger)))
    found = select(table).where(any_of_them, *(table.c[key] == bindparam(key) for key in keys)).order_by(table.c.id)
    return Prepared(found.with_for_update(key_share=True) if locked else found)


def find_many(
    connection: Connection, kind: type[T], name: str, values: Sequence[int], *, locked: bool, **equal: object
) -> list[T]:
    """All whose column `name` has one of these values, and whose others equal these."""
    if connection.dialect.name == "postgresql":
        wanted = selection_of_many(kind.noun, name, tuple(sorted(equal)), locked=locked)
        return [thing_from(kind, row) for row in wanted.rows(connection, {"many": list(values), **equal})]
    return [thing for value in values for thing in find(connection, kind, locked=locked, **{name: value}, **equal)]


def by_id(connection: Connection, kind: type[T], thing_id: int, *, locked: bool) -> T | None:
    row = selection(kind.noun, ("id",), locked=locked).row(connection, {"id": thing_id})
    return None if row is None else thing_from(kind, row)


def known(connection: Connection, kind: type[T], thing_id: int) -> T:
    """A look at one thing that is known to be there."""
    found = by_id(connection, kind, thing_id, locked=False)
    assert found, f"{kind.noun} {thing_id} is kept"
    return found


@dataclass(frozen=True)
class Change:
    """A thing as it is to be kept, in place of its version `of` (0: it is new), which was `before`."""

    before: Thing | None
    kept: Thing
    of: int

    @property
    def sides(self) -> tuple[Thing, ...]:
        return (self.before, self.kept) if self.before else (self.kept,)


def write(connection: Connection, changes: Sequence[Change]) -> None:
    """Things of one noun together. Raises Conflict if another version of one of them came first."""
    groups: dict[tuple[str, bool], list[Change]] = defaultdict(list)
    for each in changes:
        groups[each.kept.noun, each.of == 0].append(each)
    for (noun, new), group in groups.items():
        if new:
            insertion(noun).change_many(connection, [vars(each.kept) for each in group])
            continue
        rows = [{**vars(each.kept), "kept_id": each.kept.id, "kept_version": each.of} for each in group]
        if change(noun).change_many(connection, rows) != len(rows):
            raise Conflict(f"of {noun} {[row['kept_id'] for row in rows]} there is another version")
