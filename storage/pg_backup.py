"""PostgreSQL's own tools, pg_dump and pg_restore, run so that a backup is one moment and a restore all or nothing."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, make_url, text

from storage.database import open_database
from storage.tables import metadata

BLOCK_BYTES = 100_000
DUMPED = re.compile(r"dumping contents of table")
OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)
# Who has hung up is still in the list for a moment.
LEAVING_SECONDS = 3
EMPTIED = ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


class ToolFailed(Exception):
    """In one sentence, with what the tool said."""


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ToolFailed(f"{name} is missing: install PostgreSQL's client programs (Debian: postgresql-client).")
    return found


def surroundings(url: str) -> dict[str, str]:
    """Where and who, told by the environment: a command line can be read by everybody on the machine."""
    address = make_url(url)
    given = {
        "PGHOST": address.host or address.query.get("host"),
        "PGPORT": str(address.port) if address.port else None,
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
    }
    return {**os.environ, **{name: str(value) for name, value in given.items() if value}}


@contextmanager
def dumped(url: str, target: Path, progress: Callable[[float], None]) -> Iterator[Connection]:
    """The dump is made while the body looks at the very moment it shows, on the connection it is given."""
    program = tool("pg_dump")
    engine = open_database(url)
    try:
        with engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            # The dump may take longer than a transaction of ours may stand still.
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            moment = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
            command = [program, "--format=custom", "--verbose", f"--snapshot={moment}", f"--file={target}"]
            with subprocess.Popen(command, env=surroundings(url), stderr=subprocess.PIPE, text=True) as running:
                said = list(followed(running, progress))
            if running.returncode:
                raise ToolFailed(f"pg_dump failed: {said[-1].strip() if said else running.returncode}")
            yield connection
    finally:
        engine.dispose()


def followed(running: subprocess.Popen[str], progress: Callable[[float], None]) -> Iterator[str]:
    assert running.stderr, "it is piped"
    tables = 0
    for line in running.stderr:
        tables += DUMPED.search(line) is not None
        progress(min(1.0, tables / len(metadata.tables)))
        yield line


def verify(file: Path) -> None:
    """Read from end to end: what is cut off or damaged cannot be."""
    run = subprocess.run(
        [tool("pg_restore"), f"--file={os.devnull}", str(file)], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise ToolFailed(f"the dump cannot be read: {run.stderr.strip()}")


def is_empty(url: str) -> bool:
    engine = open_database(url)
    try:
        return not inspect(engine).get_table_names()
    finally:
        engine.dispose()


def restore(file: Path, url: str, mark: tuple[str, ...], progress: Callable[[float], None], *, overwrite: bool) -> None:
    """One transaction: what was there is gone, the copy is there and has its `mark` (modes.restored); or nothing has
    happened."""
    if overwrite:
        refuse_company(url)
    script = [tool("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(file)]
    playing = [tool("psql"), "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-"]
    # Several times smaller than what is made of it; about how far it has come is all that is told.
    size = max(1, file.stat().st_size)
    with (
        subprocess.Popen(script, stdout=subprocess.PIPE) as reading,
        subprocess.Popen(
            playing, env=surroundings(url), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as writing,
    ):
        assert reading.stdout, "it is piped"
        assert writing.stdin, "it is piped"
        assert writing.stderr, "it is piped"
        done = 0
        try:
            writing.stdin.write(statements(EMPTIED if overwrite else ()))
            while block := reading.stdout.read(BLOCK_BYTES):
                writing.stdin.write(block)
                done += len(block)
                progress(min(0.99, done / (8 * size)))
            # Half a dump is none: without the end of the script psql rolls back.
            whole = reading.wait() == 0
            end = ("SET search_path = public", *mark)
            writing.stdin.write(statements(end if whole else ("SELECT 1 / 0",)))
            writing.stdin.close()
        except BrokenPipeError:
            # psql has said why and ended; what it said follows.
            reading.kill()
            with suppress(BrokenPipeError):
                writing.stdin.close()
        said = writing.stderr.read().decode()
    if writing.returncode:
        raise ToolFailed(f"psql refused: {said.strip()}")
    progress(1.0)


def statements(wanted: tuple[str, ...]) -> bytes:
    return "".join(f"\n{statement};" for statement in wanted).encode() + b"\n"


def company(engine: Engine) -> int:
    """A transaction of its own: within one the list stays as it was first seen."""
    with engine.connect() as connection:
        return int(connection.scalar(OTHERS) or 0)


def refuse_company(url: str) -> None:
    """Whoever is connected would work on in a database that changes under it."""
    engine = open_database(url)
    try:
        others = company(engine)
        give_up_at = time.monotonic() + LEAVING_SECONDS
        while others and time.monotonic() < give_up_at:
            time.sleep(0.05)
            others = company(engine)
    finally:
        engine.dispose()
    if others:
        raise ToolFailed(f"{others} others are connected to the database: stop the service first.")
