"""Beats: the worker and the clock say that they are alive."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import beats


@cache
def beating(dialect: str) -> Insert:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(beats)
    result: Insert = made.on_conflict_do_update(index_elements=["name"], set_={"at": made.excluded.at})
    return result


def beat(connection: Connection, name: str, now: datetime) -> None:
    connection.execute(beating(connection.dialect.name), {"name": name, "at": now})


def last(connection: Connection) -> Mapping[str, datetime]:
    """When each was last heard of."""
    return {row.name: row.at for row in connection.execute(select(beats.c.name, beats.c.at))}
