"""Empty databases of this version, copied from one that was migrated once: each migration costs a tenth of a second."""

import sqlite3
import uuid
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, text

import clock
from storage import modes, releases, schema
from storage.beats import RELEASE
from storage.database import is_current, migrate, open_database
from storage.tables import metadata


def sqlite_of(connection: PoolProxiedConnection) -> sqlite3.Connection:
    assert isinstance(connection.driver_connection, sqlite3.Connection), "only SQLite's are copied so"
    return connection.driver_connection


@cache
def image() -> bytes:
    engine = open_database("sqlite://")
    migrate(engine, clock.now())
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


class made:  # noqa: N801 - reads as a sentence
    """A PostgreSQL database of its own, a copy of `template` if one is named."""

    def __init__(self, server: Engine, template: str) -> None:
        self.server = server
        self.url = server.url.set(database=f"arigato_test_{uuid.uuid4().hex[:12]}")
        copied = f' TEMPLATE "{template}"' if template else ""
        with server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{self.url.database}"{copied}'))
            # A test asks what is committed, not what would be left after a loss of power.
            connection.execute(text(f'ALTER DATABASE "{self.url.database}" SET synchronous_commit = off'))

    def empty(self) -> bool:
        """As it was made. Who is still connected is sent away. False if its tables are another release's by now."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        with self.server.connect() as connection:
            connection.execute(text(others), {"name": self.url.database})
        engine = open_database(plain(self.url))
        with engine.begin() as connection:
            guard(connection, "DISABLE")
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
            modes.put(connection, releases.TABLES_OF, RELEASE, clock.now())
            for sequence in connection.scalars(text("SELECT sequencename FROM pg_sequences")).all():
                connection.execute(text(f"ALTER SEQUENCE {sequence} RESTART"))
            guard(connection, "ENABLE")
        current = is_current(engine)
        engine.dispose()
        return current

    def drop(self) -> None:
        with self.server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{self.url.database}" WITH (FORCE)'))


def guard(connection: Connection, how: str) -> None:
    for table in schema.APPEND_ONLY:
        connection.execute(text(f"ALTER TABLE {table} {how} TRIGGER USER"))


def plain(address: URL) -> str:
    return address.set(drivername="postgresql").render_as_string(hide_password=False)
