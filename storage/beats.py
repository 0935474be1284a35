"""Beats: the worker and the clock say that they are alive, each release under its own name."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.prepared import Prepared
from storage.tables import beats

RELEASE = "0.2.0"
ROLES = ("worker", "clock")


def ours(role: str) -> str:
    """0.1.0 beats under the role's name alone."""
    return f"{role} {RELEASE}"


@cache
def beating(dialect: str) -> Prepared:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(beats)
    return Prepared(made.on_conflict_do_update(index_elements=["name"], set_={"at": made.excluded.at}), ("name", "at"))


@cache
def beating_on(dialect: str, role: str) -> Prepared:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(beats)
    heard = beats.alias()
    of_role = or_(heard.c.name == role, heard.c.name.startswith(f"{role} "))
    alive = exists().where(of_role, heard.c.at >= bindparam("after"))
    kept = made.on_conflict_do_update(index_elements=["name"], set_={"at": made.excluded.at}, where=alive)
    return Prepared(kept.returning(beats.c.name), ("name", "at"))


mine = beats.alias()
OUR_OWN = select(mine.c.name).where(mine.c.name == bindparam("mine"))
THERE = Prepared(OUR_OWN)
NOT_HELD = OUR_OWN.with_for_update(skip_locked=True).scalar_subquery()
FREE = Prepared(update(beats).where(beats.c.name == NOT_HELD).values(at=bindparam("now")))


def beat_on(connection: Connection, role: str, now: datetime, pause: timedelta) -> bool:
    """Beat if the last, of whichever release, was no longer ago than `pause`, else False: then there was an outage, and
    it stays to be seen until a plain `beat`."""
    beaten = {"name": ours(role), "at": now, "after": now - pause}
    return beating_on(connection.dialect.name, role).row(connection, beaten) is not None


def beat(connection: Connection, role: str, now: datetime) -> None:
    beating(connection.dialect.name).change(connection, {"name": ours(role), "at": now})


def beat_if_free(connection: Connection, role: str, now: datetime) -> None:
    """Where another of this role is just beating, that is enough: one that stands still holds up nobody."""
    about = {"mine": ours(role), "now": now}
    if not FREE.change(connection, about) and not THERE.rows(connection, about):
        beat(connection, role, now)


def inherit(connection: Connection) -> None:
    """We go on from where the release before has stopped, so that a pause between the two is seen."""
    heard = last(connection)
    there = set(connection.scalars(select(beats.c.name)))
    rows = [{"name": ours(role), "at": at} for role, at in heard.items() if ours(role) not in there]
    if rows:
        connection.execute(insert(beats), rows)


def last(connection: Connection) -> Mapping[str, datetime]:
    """When each role was last heard of, of whichever release."""
    found: dict[str, datetime] = {}
    for name, at in connection.execute(select(beats.c.name, beats.c.at)):
        role = name.partition(" ")[0]
        found[role] = max(at, found.get(role, at))
    return found


def last_of_others(connection: Connection) -> datetime | None:
    """When any process of another release was last heard of."""
    mine = [ours(role) for role in ROLES]
    found = connection.scalars(select(beats.c.at).where(beats.c.name.not_in(mine)).order_by(beats.c.at.desc()).limit(1))
    return found.one_or_none()
