"""Beats: the worker and the clock say that they are alive."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.prepared import Prepared
from storage.tables import beats


@cache
def beating(dialect: str) -> Prepared:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(beats)
    return Prepared(made.on_conflict_do_update(index_elements=["name"], set_={"at": made.excluded.at}), ("name", "at"))


def beat(connection: Connection, name: str, now: datetime) -> None:
    beating(connection.dialect.name).change(connection, {"name": name, "at": now})


def last(connection: Connection) -> Mapping[str, datetime]:
    """When each was last heard of."""
    return {row.name: row.at for row in connection.execute(select(beats.c.name, beats.c.at))}
