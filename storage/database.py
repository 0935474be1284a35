"""The database: SQLite or PostgreSQL behind one address, and how a transaction begins and ends."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, PoolProxiedConnection, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from storage import modes, releases
from storage.beats import RELEASE
from storage.chain import DEMO_KEY
from storage.conflict import Conflict

BUSY_SECONDS = 30
# More than there are in the product: the driver parses each of them once.
STATEMENTS_KEPT = 500
WRITES = "writes"
# Every sender, web thread and worker of a process has one for the length of a short transaction.
CONNECTIONS = {"pool_size": 10, "max_overflow": 30}
# PostgreSQL ends a transaction whose process has stopped in the middle: its row locks are the inbox's lease (ADR 0003).
IDLE_IN_TRANSACTION_SECONDS = 60
# Longer than others need for a commit, and shorter than it takes PostgreSQL to look for rings of those who wait.
LOCK_MILLISECONDS = 500
# A server that is there and says nothing: how long a connection is tried, and a request left unacknowledged.
CONNECT_SECONDS = 3
SILENT_SECONDS = 10
# A line that was cut while nobody spoke on it is noticed about then, too: asked after 4 s, and three times more.
LINE = {
    "connect_timeout": CONNECT_SECONDS,
    "tcp_user_timeout": SILENT_SECONDS * 1000,
    "keepalives": 1,
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
# PostgreSQL: serialization failure, deadlock, lock not available, unique violation. All of them: another was first.
LOST_RACES = ("40001", "40P01", "55P03", "23505")
# PostgreSQL: what a step of a migration meets when it does not get its tables soon: nothing is broken.
NOT_YET = ("40P01", "55P03", "57014")
# What waited behind it goes first each time, so the pauses soon get longer: a quarter of an hour in all.
STEP_TRIES_MAX = 100
STEP_AGAIN_SECONDS = (0.5, 1, 2, 4, 8)
UNIQUE_SQLITE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


def open_database(url: str) -> Engine:
    """`sqlite:///path`, `sqlite://` (in memory) or `postgresql://…`. Nothing is connected yet."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        options = f"-c timezone=UTC -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_SECONDS * 1000}"
        return create_engine(
            address.set(drivername="postgresql+psycopg"),
            connect_args={"options": options, **LINE},
            hide_parameters=True,
            pool_timeout=SILENT_SECONDS,
            # As many as a process has threads that need one: what is beyond them is connected anew each time.
            pool_size=10,
            max_overflow=5,
        )
    return open_sqlite(url, in_memory=address.database in (None, "", ":memory:"))


def open_sqlite(url: str, *, in_memory: bool) -> Engine:
    # In memory there is one connection, and who wants it waits: two threads on it would share one transaction.
    pool: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0} if in_memory else CONNECTIONS
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False, "cached_statements": STATEMENTS_KEPT}
    # No error says what was to be written: it would stand in the log.
    engine = create_engine(url, connect_args=arguments, hide_parameters=True, **pool)

    @event.listens_for(engine, "connect")
    def prepare(dbapi_connection: Any, _record: object) -> None:
        # The driver's own idea of when a transaction begins is switched off: see `begin`.
        dbapi_connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {BUSY_SECONDS * 1000}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}")

    def start(fairy: PoolProxiedConnection) -> None:
        cursor = fairy.cursor()
        engine.dialect.do_execute(cursor, "BEGIN IMMEDIATE" if fairy.info.get(WRITES) else "BEGIN", ())
        cursor.close()

    # Not as an event: with one, SQLAlchemy asks at each statement and commit whether somebody listens.
    engine.dialect.do_begin = start  # type: ignore[assignment,method-assign] # made for this engine alone
    return engine


@contextmanager
def begin(engine: Engine) -> Iterator[Connection]:
    """A write transaction: all of it or, after any exception, nothing. Raises Conflict where another was first."""
    try:
        with engine.connect() as connection:
            connection.info[WRITES] = True
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.info.pop(WRITES, None)
    except DBAPIError as error:
        if lost_race(error.orig):
            raise Conflict(str(error.orig)) from error
        raise


def wait_briefly(connection: Connection) -> None:
    """In this transaction nobody is waited for long: who does many things at once holds up many."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")


def lost_race(error: BaseException | None) -> bool:
    return getattr(error, "sqlstate", None) in LOST_RACES or getattr(error, "sqlite_errorname", None) in UNIQUE_SQLITE


def is_away(error: BaseException) -> bool:
    """The database is down, full or busy, or has hung up: as it does on a transaction that stood still for too long.
    Or all our connections to it are in use."""
    hung_up = isinstance(error, DBAPIError) and error.connection_invalidated
    return hung_up or isinstance(error, OperationalError | NoneFree)


class NewerDatabase(Exception):
    """The tables are of a newer release, and it does not expect this one beside it."""


def migrate(
    engine: Engine, now: datetime, report: Callable[[str], None] | None = None, *, audit_key: str = DEMO_KEY
) -> None:
    """Bring the tables to this version, while the release before goes on working on them. Two at once wait for one
    another; the second finds nothing to do. An audit log from before the chain is chained with `audit_key`."""
    with begin(engine) as alone:
        if engine.dialect.name != "postgresql":
            bring(alone, report, audit_key)
        else:
            alone.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            alone.exec_driver_sql("SELECT pg_advisory_xact_lock(7246002)")
            patiently(engine, report, audit_key)
        if releases.may_serve_beside(alone):
            return
        releases.settle(alone, audit_key, now, secrets.token_bytes)


def patiently(engine: Engine, report: Callable[[str], None] | None, audit_key: str) -> None:
    """Each step in a transaction of its own; one that cannot have its tables at once lets everybody else go first."""
    for tried in range(1, STEP_TRIES_MAX + 1):
        try:
            with engine.connect() as connection:
                bring(connection, report, audit_key)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in NOT_YET or tried == STEP_TRIES_MAX:
                raise
            time.sleep(STEP_AGAIN_SECONDS[min(tried, len(STEP_AGAIN_SECONDS)) - 1])
        else:
            return


def bring(connection: Connection, report: Callable[[str], None] | None, audit_key: str) -> None:
    releases.adopt(connection)
    newer = steps_of(connection) - known_steps()
    if newer and releases.may_serve_beside(connection):
        return
    if newer:
        raise NewerDatabase(
            f"The database is of release {modes.named(connection, releases.TABLES_OF)}, and this is "
            f"{RELEASE}: start that one. There is no way back but a backup."
        )
    if connection.dialect.name == "postgresql":
        connection.commit()  # each step begins its own
    settings = migrations()
    settings.attributes["connection"] = connection
    settings.attributes["report"] = report
    settings.attributes["audit_key"] = audit_key
    settings.attributes["version_table"] = releases.VERSIONS
    command.upgrade(settings, "head")


def is_current(engine: Engine) -> bool:
    """Of this release; or of the next, while that leaves us the time to end."""
    with engine.connect() as connection:
        found = steps_of(connection)
        return found == set(ScriptDirectory.from_config(migrations()).get_heads()) or (
            bool(found - known_steps()) and releases.may_serve_beside(connection)
        )


def steps_of(connection: Connection) -> set[str]:
    """The last steps that these tables have taken."""
    told = MigrationContext.configure(connection, opts={"version_table": releases.VERSIONS})
    return set(told.get_current_heads())


def known_steps() -> set[str]:
    return {step.revision for step in ScriptDirectory.from_config(migrations()).walk_revisions()}


def migrations() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return settings
