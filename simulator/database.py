"""The database of a history: empty and migrated at its beginning; its statements and commits are where it may fail."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, Protocol

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

import clock
from storage import database

PREFIX = "arigato_simulate"
IN_MEMORY = "sqlite://"


class NoDatabase(Exception):
    """One sentence: why no history can be played there."""


class Kept(sqlite3.Connection):
    """Closed, it stays: its database is in memory, and gone with it. What is under way is rolled back."""

    def close(self) -> None:
        self.rollback()


class Place(Protocol):
    """Where histories are played, one after the other. The engine is one for all: what it has compiled is kept."""

    engine: Engine

    def clear(self) -> None:
        """An empty database of this version."""

    def seconds(self) -> float:
        """The clock that shows how much of one core was used."""

    def ask(self, sql: str) -> list[Any]:
        """A look past everything that watches or fails; not inside a transaction."""

    def copy(self) -> object:
        """All that is in it."""

    def put_back(self, kept: Any) -> None:
        """Exactly what was in it at that copy."""

    def close(self) -> None: ...


class Memory:
    """SQLite in memory."""

    def __init__(self) -> None:
        self.kept = sqlite3.connect(
            ":memory:", factory=Kept, check_same_thread=False, cached_statements=database.STATEMENTS_KEPT
        )
        self.engine = database.open_database("sqlite://")
        event.listen(self.engine, "do_connect", lambda *_: self.kept)
        # There is one connection and one thread: who has to wait for it waits for ever.
        pool: Any = self.engine.pool
        pool._timeout = 0.1  # noqa: SLF001 - cannot be set on an engine that is there
        database.migrate(self.engine, clock.now())
        with closing(self.engine.raw_connection()):
            self.migrated = self.kept.serialize()

    def clear(self) -> None:
        self.kept.deserialize(self.migrated)

    def seconds(self) -> float:
        # All of it happens in this process; what others do on the machine meanwhile is not counted.
        return time.process_time()

    def ask(self, sql: str) -> list[Any]:
        return self.kept.execute(sql).fetchall()

    def copy(self) -> bytes:
        return self.kept.serialize()

    def put_back(self, kept: bytes) -> None:
        self.kept.deserialize(kept)

    def close(self) -> None:
        self.engine.dispose()
        sqlite3.Connection.close(self.kept)


class Server:
    """PostgreSQL: a database of its own beside the one that is named, copied anew for each history, gone afterwards."""

    def __init__(self, url: str) -> None:
        address = make_url(url).set(drivername="postgresql+psycopg")
        self.server = create_engine(address, isolation_level="AUTOCOMMIT")
        self.copies = 0
        self.name = f"{PREFIX}_{os.getpid()}"
        self.template = f"{self.name}_template"
        for name in (self.name, self.template):
            self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.run(f'CREATE DATABASE "{self.template}"')
        template = database.open_database(plain(url, self.template))
        database.migrate(template, clock.now())
        template.dispose()
        self.engine = database.open_database(plain(url, self.name))

    def run(self, sql: str) -> None:
        with self.server.connect() as connection:
            connection.exec_driver_sql(sql)

    def clear(self) -> None:
        self.copied(self.template, self.name)

    def seconds(self) -> float:
        # The server's work counts.
        return time.perf_counter()

    def ask(self, sql: str) -> list[Any]:
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(sql)
            return list(cursor.fetchall())
        finally:
            connection.close()

    def copy(self) -> str:
        self.copies += 1
        name = f"{self.name}_copy_{self.copies}"
        self.copied(self.name, name)
        return name

    def put_back(self, kept: str) -> None:
        self.copied(kept, self.name)

    def copied(self, source: str, target: str) -> None:
        self.engine.dispose()
        self.run(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        self.run(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def close(self) -> None:
        self.engine.dispose()
        copies = (f"{self.name}_copy_{number}" for number in range(1, self.copies + 1))
        for name in (self.name, self.template, *copies):
            self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.server.dispose()


def plain(url: str, name: str) -> str:
    return make_url(url).set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def place(url: str) -> Place:
    """Raises NoDatabase."""
    if url == IN_MEMORY:
        return Memory()
    if not is_server(url):
        # Not repeated: a password may stand in it.
        raise NoDatabase("--database is sqlite://, in memory, or postgresql://user:password@host/name, to make one on.")
    try:
        return Server(url)
    except DBAPIError as error:
        first = str(error.orig).splitlines()[0]
        raise NoDatabase(f"No database can be made on that server: {first}") from error


def is_server(url: str) -> bool:
    try:
        return make_url(url).get_backend_name() == "postgresql"
    except ArgumentError:
        return False


Point = Callable[[str], None]


def watch(engine: Engine, point: Point, committed: Callable[[Any], None]) -> Callable[[], None]:
    """`point` is passed at each statement and around each commit; `committed` is given the driver's connection right
    after a commit. What is returned takes both away again."""
    dialect: Any = engine.dialect
    execute, many, commit = dialect.do_execute, dialect.do_executemany, dialect.do_commit

    def do_execute(cursor: Any, sql: str, parameters: Any, context: Any = None) -> None:
        point("statement")
        execute(cursor, sql, parameters, context)

    def do_executemany(cursor: Any, sql: str, parameters: Any, context: Any = None) -> None:
        point("statement")
        many(cursor, sql, parameters, context)

    def do_commit(connection: Any) -> None:
        point("before commit")
        commit(connection)
        committed(connection)
        point("after commit")

    dialect.do_execute, dialect.do_executemany, dialect.do_commit = do_execute, do_executemany, do_commit

    def stop() -> None:
        dialect.do_execute, dialect.do_executemany, dialect.do_commit = execute, many, commit

    return stop
