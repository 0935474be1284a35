"""A PostgreSQL of its own: made for one run, on loopback, with the durability it has out of the box; killed at will."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from chaos.dying import die_with_parent
from demo import free_port

HOST = "127.0.0.1"
USER = "chaos"
DATABASE = "arigato"
ROOT = 0
# Who may not be root runs as the one that the packages make for it.
OWNER = "postgres"
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/pgsql/bin")
START_SECONDS = 30
STOP_SECONDS = 10
POLL_SECONDS = 0.02
CONNECTIONS_MAX = 300  # the killed leave theirs behind for a moment


class NoCluster(Exception):
    """One sentence: what is missing and how to mend it, or why it does not start."""


def programs() -> Path:
    """The folder of PostgreSQL's server programs."""
    told = shutil.which("pg_config")
    found = [Path(run([told, "--bindir"]).stdout.strip())] if told else []
    for place in PLACES:
        found += sorted(Path("/").glob(place.removeprefix("/")), reverse=True)
    for folder in found:
        if all((folder / name).exists() for name in ("initdb", "postgres")):
            return folder
    raise NoCluster(
        "PostgreSQL's server programs (initdb, postgres) are missing: chaos makes a database of its own to kill. "
        "Install them (Debian: apt-get install postgresql) and try again."
    )


def run(command: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=True, capture_output=True, text=True, **how)


def owner() -> str | None:
    """Who else, where we are root: PostgreSQL refuses to be."""
    return OWNER if os.geteuid() == ROOT else None


class Cluster:
    """`folder` is its own; nobody else's data is ever there."""

    def __init__(self, folder: Path) -> None:
        self.programs = programs()
        self.folder = folder / "postgres"
        self.port = free_port()
        self.log = folder / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://{USER}@{HOST}:{self.port}/{DATABASE}"

    def make(self) -> None:
        self.folder.mkdir()
        who = owner()
        if who:
            shutil.chown(self.folder, who, who)
        made = [str(self.programs / "initdb"), "-D", str(self.folder), "-U", USER, "--auth=trust", "-E", "UTF8"]
        try:
            run([*made, "--no-locale"], cwd="/", user=who, group=who)
        except (subprocess.CalledProcessError, LookupError, PermissionError) as error:
            said = getattr(error, "stderr", "") or str(error)
            raise NoCluster(f"initdb could not make a database of its own: {said.strip().splitlines()[-1]}") from error

    def start(self) -> None:
        """Begun, not yet waited for."""
        told = {
            "listen_addresses": HOST,
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": CONNECTIONS_MAX,
        }
        options = [word for name, value in told.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.programs / "postgres"), "-D", str(self.folder), *options],
                cwd="/",
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we stop it in our own time
                preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has no threads
                user=owner(),
                group=owner(),
            )

    def answers(self, database: str = DATABASE) -> bool:
        try:
            psycopg.connect(self.address(database), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def address(self, database: str) -> str:
        return f"host={HOST} port={self.port} user={USER} dbname={database}"

    def wait(self, database: str = DATABASE) -> None:
        """Until it answers."""
        give_up_at = time.monotonic() + START_SECONDS
        while not self.answers(database):
            self.keep_up(give_up_at)
            time.sleep(POLL_SECONDS)

    def keep_up(self, give_up_at: float) -> None:
        """Begin it if it does not run: what a killed one left behind may make the first attempts fail."""
        if time.monotonic() > give_up_at:
            raise NoCluster(f"PostgreSQL did not start: {self.log.read_text(errors='replace')[-500:]}")
        if self.process is None or self.process.poll() is not None:
            self.start()

    def create(self) -> None:
        self.wait("postgres")
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}".encode())

    def kill(self) -> None:
        """kill -9 of the postmaster: what was not on disk is gone, and the next start recovers."""
        assert self.process, "it runs"
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)  # fast shutdown
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    made = Cluster(folder)
    try:
        made.make()
        made.create()
        yield made
    finally:
        made.stop()
