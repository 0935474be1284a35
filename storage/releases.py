"""Releases: of which one the tables are, and which older one may still serve beside it (ADR 0017).

While an older one may serve, what it would break or trip over is held back. That ends when nothing has been heard of it
for a while. The audit log says when it began and when it ended: of older rows `check` asks no more than their release
could keep."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, column, delete, insert, inspect, select, table, update

from engine.ports import NOBODY
from storage import audit, beats, modes, operations, tables
from storage.beats import RELEASE

# The one whose processes this one holds back for.
BEFORE = "0.1.0"

# Names of rows of `modes`; the release is the row's reason.
TABLES_OF = "release"
BESIDE = "beside"
# 0.1.0 looks for its own last step in Alembic's own table, and starts only if it finds that and no other.
FIRST_VERSIONS = "alembic_version"
VERSIONS = "migrations"
UNKNOWN_TO_FIRST = "0005"
first_versions, versions = (table(name, column("version_num")) for name in (FIRST_VERSIONS, VERSIONS))


def older_serves(connection: Connection) -> bool:
    """Whether the release before may still be at work here."""
    return modes.named(connection, BESIDE) == BEFORE


def may_serve_beside(connection: Connection) -> bool:
    """Whether a newer release leaves us the time to end."""
    return modes.named(connection, BESIDE) == RELEASE


def adopt(connection: Connection) -> None:
    """Our own table of steps, begun with what 0.1.0 has done: it goes on finding its own as it left it."""
    there = inspect(connection).get_table_names()
    if FIRST_VERSIONS in there and VERSIONS not in there:
        key = f"CONSTRAINT {VERSIONS}_pkc PRIMARY KEY"
        connection.exec_driver_sql(f"CREATE TABLE {VERSIONS} (version_num VARCHAR(32) NOT NULL {key})")
        connection.execute(insert(versions).from_select(["version_num"], select(first_versions.c.version_num)))


def settle(connection: Connection, key: str, now: datetime, random: Callable[[int], bytes]) -> None:
    """The tables are of this release now. Whoever they were of may serve until nothing is heard of it any more."""
    from_first = inspect(connection).has_table(FIRST_VERSIONS)
    before = modes.named(connection, TABLES_OF) or (BEFORE if from_first else "")
    if before == RELEASE:
        return
    modes.put(connection, TABLES_OF, RELEASE, now)
    beats.inherit(connection)
    if before:
        modes.put(connection, BESIDE, before, now)
        audit.append(connection, key, now, [audit.Line(NOBODY, "UpgradeBegun", "database", before)], random)


def end(connection: Connection, key: str, now: datetime, random: Callable[[int], bytes]) -> bool:
    """Nobody of the release before is at work any more, and none starts again. False if another process was first."""
    before = modes.named(connection, BESIDE)
    if not before or not connection.execute(delete(tables.modes).where(tables.modes.c.name == BESIDE)).rowcount:
        return False
    audit.append(connection, key, now, [audit.Line(NOBODY, "UpgradeEnded", "database", before)], random)
    operations.ask_again_of_refused(connection, now)
    if inspect(connection).has_table(FIRST_VERSIONS):
        connection.execute(update(first_versions).values(version_num=UNKNOWN_TO_FIRST))
    return True
