"""F10 to F12, F14, F38: the disk is full, fails, or forgets; and many processes on one file."""

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import select

import logs
from storage import tables
from storage.check import check
from storage.database import open_database
from tests import empty
from tests.attacks import server as servers
from tests.attacks.deals import OPERATORS
from tests.end_to_end.served import nursery
from tests.faults import keeping, posting
from tests.source import HOUSE

DISK_BYTES = 12 << 20
LETTER = "x" * 300_000
WRITERS, EACH = 8, 20
WORDS = re.compile(r"(kept|refused) (\S+)")


def lacking(what: str) -> NoReturn:
    """Skipped by name; but where the checks on a change run, what was not tried has failed."""
    if os.environ.get("ARIGATO_REQUIRE_DISKS") == "1":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A few megabytes of memory that is a disk of its own."""
    at = tmp_path / "disk"
    at.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    wanted = ["-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(at)]
    if not mount or not unmount or subprocess.run([mount, *wanted], check=False, capture_output=True).returncode:
        lacking("no small disk can be made here: mounting one needs root")
    yield at
    subprocess.run([unmount, "--lazy", at], check=True)


def test_f10_a_full_disk_is_told_to_messengers_and_is_over_when_it_is_over(small_disk: Path) -> None:
    with servers.running(f"sqlite:///{small_disk}/arigato.db", tuple(OPERATORS.values())) as server:
        secret = server.house.settings.line_channel_secret
        before = server.send(posting.said(secret)).status
        server.settle()
        filler = small_disk / "filler"
        with pytest.raises(OSError, match="No space"):
            filler.write_bytes(b"x" * DISK_BYTES)

        refused = [server.send(posting.said(secret, LETTER)).status for _ in range(20)]
        alive = server.send(posting.get("/healthz")).status
        filler.unlink()
        again = server.send(posting.said(secret)).status
        server.settle()
        with server.house.database.connect() as connection:
            states = set(connection.scalars(select(tables.inbox.c.state)))
            violations = check(connection)

    assert (before, set(refused) - {200}, refused[-1], alive) == (200, {503}, 503, 200)
    assert (again, states <= {"done", "hushed", "dropped"}, violations) == (200, True, [])


def test_f10_a_log_on_a_full_disk_costs_lines_and_nothing_else() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        sink = logs.Sink(full)
        for _ in range(3):
            sink.write("a line\n")
        sink.drain()
        # There is room again: what the stream still holds can be written, and it can be closed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())

    assert sink.lost == 3


def told(said: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"kept": set(), "refused": set()}
    for how, event in WORDS.findall(said):
        found[how].add(event)
    return found


def traced(folder: Path, *how: str, count: int) -> tuple[str, str, str]:
    """A process that keeps events, watched by strace: the database's address, what it said, and its system calls."""
    strace = shutil.which("strace")
    if not strace:
        lacking("strace is not installed")
    url, log = empty.at(folder / "market.db"), folder / "calls"
    program = [sys.executable, "-m", keeping.__name__, url, "event", str(count)]
    ran = subprocess.run(
        [strace, "-f", "-y", "-o", log, *how, *program],
        cwd=HOUSE,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "kept" not in ran.stdout and "refused" not in ran.stdout:
        lacking(f"strace cannot watch here: {ran.stderr[-200:]}")
    return url, ran.stdout, log.read_text("utf-8")


def begun(url: str, names: Sequence[str], count: int) -> Sequence[ForkServerProcess]:
    """Processes that keep events side by side. None is a fork of this one, whose threads may hold locks just now."""
    writers = [nursery().Process(target=keeping.keep, args=(url, name, count), daemon=True) for name in names]
    for each in writers:
        each.start()
    return writers


def stored(url: str) -> set[str]:
    """What is there, in books that are in order."""
    engine = open_database(url)
    with engine.connect() as connection:
        whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        found = set(connection.scalars(select(tables.inbox.c.event_id)))
        violations = check(connection)
    engine.dispose()
    assert (whole, violations) == ("ok", [])
    return found


def test_f11_what_the_disk_did_not_take_is_not_said_to_be_kept(tmp_path: Path) -> None:
    failing = "inject=fsync,fdatasync:error=EIO:when=6..12"

    url, said, _ = traced(tmp_path, "-e", "trace=fsync,fdatasync", "-e", failing, count=12)

    found = told(said)
    assert (len(found["kept"]) > 0, len(found["refused"]) > 0, len(found["kept"] | found["refused"])) == (
        True,
        True,
        12,
    )
    assert found["kept"] <= stored(url)


def test_f12_what_is_said_to_be_kept_is_on_the_disk(tmp_path: Path) -> None:
    """Between what was written and "kept", the disk was asked to keep it: else a loss of power would take it."""
    _, _, calls = traced(tmp_path, "-e", "trace=write,pwrite64,fsync,fdatasync", count=5)

    unsafe, kept = set(), 0
    for call in calls.splitlines():
        match re.search(
            r"(write|pwrite64|fsync|fdatasync)\((\d+)<([^>]*)>, ?(.*)|(fsync|fdatasync)\((\d+)<([^>]*)>", call
        ):
            case None:
                continue
            case found if found[1] in ("write", "pwrite64") and ".db" in found[3]:
                unsafe.add(found[3])
            case found if (found[1] or found[5]).startswith("f"):
                unsafe.discard(found[3] or found[7])
            case found if found[4].startswith('"kept'):
                kept += 1
                # The index of the journal is made anew from the journal.
                assert {name for name in unsafe if not name.endswith("-shm")} == set()
    assert kept == 5


def test_f12_a_torn_end_costs_the_end_and_no_more(tmp_path: Path) -> None:
    """Whatever part of the journal the disk has kept, what is there is whole, and in its order."""
    path = tmp_path / "market.db"
    url = empty.at(path)
    [writer] = begun(url, ["event"], EACH)
    writer.join(30)
    journal = Path(f"{path}-wal").read_bytes()
    dice, lengths = random.Random(12), []
    for number in range(12):
        torn = tmp_path / f"torn-{number}.db"
        shutil.copy(path, torn)
        Path(f"{torn}-wal").write_bytes(journal[: dice.randrange(len(journal))])

        found = stored(f"sqlite:///{torn}")

        assert found == {f"event-{each}" for each in range(len(found))}
        lengths.append(len(found))

    assert len(stored(url)) == EACH
    assert len(set(lengths)) > 3


def test_f14_eight_processes_on_one_file_lose_nothing(tmp_path: Path) -> None:
    url = empty.at(tmp_path / "market.db")

    writers = begun(url, [f"writer{number}" for number in range(WRITERS)], EACH)
    for each in writers:
        each.join(60)

    assert [each.exitcode for each in writers] == [0] * WRITERS
    assert len(stored(url)) == WRITERS * EACH
