"""Empty databases of this version, copied from one that was migrated once: each migration costs a tenth of a second."""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, PoolProxiedConnection

from storage.database import migrate, open_database


def sqlite_of(connection: PoolProxiedConnection) -> sqlite3.Connection:
    assert isinstance(connection.driver_connection, sqlite3.Connection), "only SQLite's are copied so"
    return connection.driver_connection


@cache
def image() -> bytes:
    engine = open_database("sqlite://")
    migrate(engine)
    with closing(engine.raw_connection()) as connection:
        made = sqlite_of(connection).serialize()
    engine.dispose()
    return made


def in_memory() -> Engine:
    engine = open_database("sqlite://")
    with closing(engine.raw_connection()) as connection:
        sqlite_of(connection).deserialize(image())
    return engine


def at(path: Path) -> str:
    """A file; gives its address."""
    path.write_bytes(image())
    return f"sqlite:///{path}"
