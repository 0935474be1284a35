"""Backup and restore: one consistent, verified file of the whole database, and a copy of it that knows it is one."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, make_url

from storage import audit, modes, pg_backup
from storage.beats import RELEASE
from storage.check import check
from storage.database import migrate, open_database

Progress = Callable[[float], None]  # how much is done, 0 to 1

PAGES_AT_ONCE = 2_000
BUSY_SECONDS = 30


class CannotBackUp(Exception):
    """Why there is no backup, or no restored database, and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What stands beside a backup. `audit`: the head of the audit log at that moment, an anchor. `violations`: what was
    wrong with the database itself."""

    file: str
    sha256: str
    bytes: int
    database: str
    version: str
    taken_at: str
    audit: str
    violations: tuple[str, ...]


def manifest_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")


def back_up(url: str, file: Path, now: datetime, audit_key: str, progress: Progress) -> Manifest:
    """Write `file` and its manifest while others go on writing. Nothing is left behind of one that fails."""
    part = file.with_name(f"{file.name}.part")
    try:
        fresh(part)
        if is_sqlite(url):
            copy_sqlite(path_of(url), part, progress)
            anchor, violations = looked_at(part, audit_key)
        else:
            with pg_backup.dumped(url, part, progress) as connection:
                anchor, violations = str(audit.head(connection)), list(map(str, check(connection, audit_key)))
            pg_backup.verify(part)
        digest = sha256(part)
        part.replace(file)
    except (sqlite3.Error, pg_backup.ToolFailed) as error:
        raise CannotBackUp(str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    kind = "sqlite" if is_sqlite(url) else "postgresql"
    taken = now.astimezone(UTC).isoformat(timespec="seconds")
    size = file.stat().st_size
    made = Manifest(file.name, digest, size, kind, RELEASE, taken, anchor, tuple(violations))
    manifest_of(file).write_text(json.dumps(asdict(made), indent=1, ensure_ascii=False) + "\n", "utf-8")
    return made


def restore(file: Path, url: str, now: datetime, audit_key: str, progress: Progress, *, overwrite: bool) -> None:
    """Fill the database at `url` from a backup. It is in recovery mode from its first moment on."""
    taken_at = verify_file(file)
    try:
        if is_sqlite(url):
            restore_sqlite(file, path_of(url), now, taken_at, audit_key, progress, overwrite=overwrite)
            return
        if not overwrite and not pg_backup.is_empty(url):
            raise CannotBackUp("The database is not empty. Name an empty one, or overwrite it with --force.")
        pg_backup.restore(file, url, modes.restored("postgresql", now, taken_at), progress, overwrite=overwrite)
    except (sqlite3.Error, pg_backup.ToolFailed) as error:
        raise CannotBackUp(str(error)) from error
    engine = open_database(url)
    migrate(engine, now, audit_key=audit_key)
    engine.dispose()


def verify_file(file: Path) -> datetime:
    """Against its manifest, which has to be there: half a backup looks like a whole one. When it was taken."""
    if not file.exists() or not manifest_of(file).exists():
        raise CannotBackUp(f"{file} and {manifest_of(file)} belong together; both have to be there.")
    manifest = json.loads(manifest_of(file).read_text("utf-8"))
    if sha256(file) != manifest["sha256"]:
        raise CannotBackUp(f"{file} is not what was backed up: its SHA-256 is not the one in {manifest_of(file)}.")
    return datetime.fromisoformat(manifest["taken_at"])


def fresh(part: Path) -> None:
    """Empty, and nobody else's to read: people's names and words will stand in it."""
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)


def sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def path_of(url: str) -> Path:
    return Path(make_url(url).database or "")


# -- SQLite


def copy_sqlite(source: Path, target: Path, progress: Progress) -> None:
    """By the online backup API: what others write meanwhile is not in it, what they had committed is."""
    if not source.is_file():
        raise CannotBackUp(f"There is no database {source}.")
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        # One reader's moment for the whole of it: else each write of another begins the copy anew.
        reading.execute("BEGIN")
        reading.execute("SELECT 1 FROM sqlite_master").fetchone()
        reading.backup(
            writing, pages=PAGES_AT_ONCE, progress=lambda _, left, total: progress(1 - left / max(total, 1)), sleep=0
        )
        # One file, without a -wal beside it.
        writing.execute("PRAGMA journal_mode = DELETE")
        found = writing.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise CannotBackUp(f"The copy is damaged: {found}")


def looked_at(copy: Path, audit_key: str) -> tuple[str, list[str]]:
    """The head of its audit log, and what is wrong with it."""
    engine = open_database(f"sqlite:///{copy}")
    try:
        with engine.connect() as connection:
            return str(audit.head(connection)), list(map(str, check(connection, audit_key)))
    finally:
        close(engine, copy)


def close(engine: Engine, copy: Path) -> None:
    """What was opened has a journal of its own beside it; put it back into the one file."""
    engine.dispose()
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def restore_sqlite(
    file: Path, target: Path, now: datetime, taken_at: datetime, audit_key: str, progress: Progress, *, overwrite: bool
) -> None:
    if holds_tables(target):
        if not overwrite:
            raise CannotBackUp(f"{target} is not empty. Name another database, or overwrite it with --force.")
        put_aside(target)
    part = target.with_name(f"{target.name}.part")
    try:
        fresh(part)
        copy_sqlite(file, part, progress)
        with closing(sqlite3.connect(part)) as connection:
            connection.executescript(";\n".join(("BEGIN", *modes.restored("sqlite", now, taken_at), "COMMIT")))
        engine = open_database(f"sqlite:///{part}")
        migrate(engine, now, audit_key=audit_key)
        close(engine, part)
        # Left by whoever was killed here, of a file that is gone or damaged: it would be played into the copy.
        for journal in ("-wal", "-shm", "-journal"):
            target.with_name(target.name + journal).unlink(missing_ok=True)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def holds_tables(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path)) as connection:
            return bool(connection.execute("SELECT 1 FROM sqlite_master").fetchone())
    except sqlite3.DatabaseError:
        return True  # damaged, or in use: something is there


def put_aside(target: Path) -> None:
    """Its journal goes into it, which is refused while anybody else has it open: a -wal left behind would be played
    into the copy."""
    try:
        with closing(sqlite3.connect(target, timeout=1)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise CannotBackUp(f"{target} is in use ({error}): stop the service first.") from error
    except sqlite3.DatabaseError:
        return  # damaged: it is what the backup is for
