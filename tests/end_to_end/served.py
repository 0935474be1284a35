"""`arigato serve` as a process of its own, and the other commands of the installed program."""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from demo import free_port
from storage import trail
from storage.database import open_database
from tests.end_to_end import warm

PROGRAM = Path(sys.executable).with_name("arigato")
START_SECONDS = 60
STOP_SECONDS = 20
COMMAND_SECONDS = 120
POLL_SECONDS = 0.05
SECRETS = {
    "ARIGATO_LINE_CHANNEL_SECRET": "line-secret",
    "ARIGATO_LINE_CHANNEL_TOKEN": "line-token",
    "ARIGATO_SLACK_SIGNING_SECRET": "slack-secret",
    "ARIGATO_SLACK_BOT_TOKEN": "xoxb-1",
    "ARIGATO_TELEGRAM_BOT_TOKEN": "123456:AAconf",
    "ARIGATO_TELEGRAM_WEBHOOK_SECRET": "telegram-secret",
    "ARIGATO_AUDIT_KEY": "0123456789abcdef0123456789abcdef",
}


@dataclass(frozen=True)
class Served:
    """One process; its log is the file it writes."""

    url: str
    process: ForkServerProcess
    log: Path

    def get(self, path: str) -> httpx2.Response:
        return httpx2.get(self.url + path, timeout=10, trust_env=False)

    def killed(self) -> None:
        """kill -9: nothing is said good-bye to."""
        self.process.kill()
        self.process.join(STOP_SECONDS)

    def stopped(self) -> None:
        self.process.terminate()
        self.process.join(STOP_SECONDS)
        assert self.process.exitcode is not None, f"does not stop: {self.log.read_text()}"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    returncode: int | None
    stdout: str
    stderr: str


@cache
def nursery() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([warm.__name__])
    return context


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Ours, without a setting of the person who runs the tests."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ARIGATO_")}
    return {**kept, "PYTHONUNBUFFERED": "1", **settings}


def forked(
    folder: Path, settings: Mapping[str, str], words: Sequence[str], out: Path, error: Path
) -> ForkServerProcess:
    process = nursery().Process(
        target=warm.run, args=(words, str(folder), environment(settings), str(out), str(error)), daemon=True
    )
    process.start()
    return process


def command(folder: Path, settings: Mapping[str, str], *words: str) -> Ended:
    """A command run to its end, in a folder without an .env."""
    with TemporaryDirectory() as said:
        out, error = Path(said, "out"), Path(said, "error")
        process = forked(folder, {"COLUMNS": "200", **settings}, words, out, error)
        process.join(COMMAND_SECONDS)
        assert process.exitcode is not None, f"arigato {' '.join(words)} does not end"
        return Ended(process.exitcode, out.read_text(encoding="utf-8"), error.read_text(encoding="utf-8"))


def start(folder: Path, settings: Mapping[str, str], role: str = "all") -> Served:
    """Begun, not yet waited for: several can start side by side. On a port of its own unless the settings name one."""
    port = int(settings.get("ARIGATO_PORT") or free_port())
    log = folder / f"{role}-{port}.log"
    own = {**settings, "ARIGATO_PORT": str(port)}
    return Served(f"http://127.0.0.1:{port}", forked(folder, own, ("serve", "--role", role), log, log), log)


@contextmanager
def serving(folder: Path, settings: Mapping[str, str], *roles: str) -> Iterator[list[Served]]:
    """Until all of them are alive; stopped at the end, whatever happened."""
    started = [start(folder, settings, role) for role in roles or ("all",)]
    try:
        for each in started:
            until(partial(alive, each), each.log.read_text)
        yield started
    finally:
        for each in started:
            each.stopped()


def alive(served: Served) -> bool:
    assert served.process.is_alive(), f"ended by itself: {served.log.read_text()}"
    try:
        return served.get("/healthz").text == "alive"
    except httpx2.HTTPError:
        return False


def ready(served: Served) -> bool:
    return served.get("/readyz").status_code == httpx2.codes.OK


def until(done: Callable[[], bool], trouble: Callable[[], str], seconds: float = START_SECONDS) -> None:
    give_up_at = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < give_up_at, trouble()
        time.sleep(POLL_SECONDS)


def settled(database_url: str, seconds: float = START_SECONDS) -> None:
    """Until nothing waits to be worked through or sent."""
    engine = open_database(database_url)

    def waiting() -> int:
        with engine.connect() as connection:
            return trail.waiting(connection)

    try:
        until(lambda: not waiting(), lambda: f"{waiting()} still wait", seconds)
    finally:
        engine.dispose()
