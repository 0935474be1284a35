"""Beats: the worker and the clock say that they are alive."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from storage.prepared import Prepared
from storage.tables import beats


@cache
def beating(dialect: str) -> Prepared:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(beats)
    return Prepared(made.on_conflict_do_update(index_elements=["name"], set_={"at": made.excluded.at}), ("name", "at"))


@cache
def beating_on(dialect: str) -> ReturningInsert[tuple[str]]:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(beats)
    result: ReturningInsert[tuple[str]] = made.on_conflict_do_update(
        index_elements=["name"], set_={"at": made.excluded.at}, where=beats.c.at >= bindparam("after")
    ).returning(beats.c.name)
    return result


def beat_on(connection: Connection, name: str, now: datetime, pause: timedelta) -> bool:
    """Beat if the last was no longer ago than `pause`, else False: then there was an outage, and it stays to be seen
    until a plain `beat`."""
    found = connection.execute(beating_on(connection.dialect.name), {"name": name, "at": now, "after": now - pause})
    return found.one_or_none() is not None


def beat(connection: Connection, name: str, now: datetime) -> None:
    beating(connection.dialect.name).change(connection, {"name": name, "at": now})


def last(connection: Connection) -> Mapping[str, datetime]:
    """When each was last heard of."""
    return {row.name: row.at for row in connection.execute(select(beats.c.name, beats.c.at))}
