"""A backup is one sound moment of a database that goes on; what is not a whole backup restores nothing."""

import json
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import clock
from engine.users import User
from storage import modes, tables
from storage.backup import CannotBackUp, back_up, manifest_of, restore, sha256
from storage.chain import DEMO_KEY
from storage.check import check
from storage.database import migrate
from tests import builders
from tests.builders import Market
from tests.storage.copies import NOON, backed_up, opened, silent


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but the mark of the copy."""
    with opened(url) as engine, engine.connect() as connection:
        kept = (table for table in tables.metadata.sorted_tables if table is not tables.modes)
        return {t.name: sorted(map(tuple, connection.execute(select(t))), key=repr) for t in kept}


def test_backup_under_load_is_one_sound_moment(url: str, tmp_path: Path) -> None:
    stopping = threading.Event()
    written: list[User] = []
    with opened(url) as engine:
        market = Market(engine)

        def write() -> None:
            while not stopping.is_set():
                written.append(builders.join(market, f"person {len(written)}"))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            while len(written) < 5:
                stopping.wait(0.01)
            before = len(written)
            manifest = back_up(url, tmp_path / "backup", NOON, DEMO_KEY, silent)
            after = len(written) + 1
        finally:
            stopping.set()
            writer.join()

    restore(tmp_path / "backup", url, NOON, DEMO_KEY, silent, overwrite=True)
    with opened(url) as engine, engine.connect() as connection:
        people = connection.scalar(select(func.count()).select_from(tables.users))
        violations = check(connection)
    assert manifest.violations == ()
    assert violations == []
    assert people is not None
    assert before <= people <= after


def test_restored_copy_is_what_was_backed_up(url: str, tmp_path: Path) -> None:
    with opened(url) as engine:
        builders.accepted(Market(engine))
    was = contents(url)
    file = backed_up(url, tmp_path)
    with opened(url) as engine:
        builders.join(Market(engine), "somebody later")

    restore(file, url, NOON, DEMO_KEY, silent, overwrite=True)

    assert contents(url) == was
    with opened(url) as engine:
        newcomer = builders.join(Market(engine), "somebody later")
        with engine.connect() as connection:
            found = modes.recovery(connection)
    assert found
    assert found == modes.Recovery(NOON, "restored", 0)
    # An id that the lost time gave away would be another thing's at the provider.
    assert newcomer.id > 1_000_000


def test_p7_a_backup_is_nobody_elses_to_read(url: str, tmp_path: Path) -> None:
    """From its first byte on, also where one that others may read was there before."""
    backup, part = tmp_path / "backup", tmp_path / "backup.part"
    for file in (backup, part):
        file.touch(mode=0o644)
    seen: list[int] = []

    back_up(url, backup, NOON, DEMO_KEY, lambda _: seen.append(stat.S_IMODE(part.stat().st_mode)))

    assert (set(seen), stat.S_IMODE(backup.stat().st_mode)) == ({0o600}, 0o600)


def test_backup_of_a_restored_copy_is_a_backup(url: str, tmp_path: Path) -> None:
    restore(backed_up(url, tmp_path), url, NOON, DEMO_KEY, silent, overwrite=True)

    restore(backed_up(url, tmp_path), url, NOON, DEMO_KEY, silent, overwrite=True)

    with opened(url) as engine, engine.connect() as connection:
        assert check(connection) == []


def test_what_is_there_is_not_overwritten_unasked(url: str, tmp_path: Path) -> None:
    file = backed_up(url, tmp_path)

    with pytest.raises(CannotBackUp, match="not empty"):
        restore(file, url, NOON, DEMO_KEY, silent, overwrite=False)


def test_what_is_in_use_is_not_overwritten(url: str, tmp_path: Path) -> None:
    file = backed_up(url, tmp_path)

    with opened(url) as engine, engine.connect() as connection:
        connection.execute(select(tables.users))
        with pytest.raises(CannotBackUp, match="stop the service"):
            restore(file, url, NOON, DEMO_KEY, silent, overwrite=True)


@pytest.mark.postgres
def test_who_is_just_hanging_up_is_waited_for(postgres_url: str, tmp_path: Path) -> None:
    file = backed_up(postgres_url, tmp_path)

    with opened(postgres_url) as engine:
        with engine.connect():
            leaving = threading.Timer(1, engine.dispose)  # the pool keeps it until then
        leaving.start()
        restore(file, postgres_url, NOON, DEMO_KEY, silent, overwrite=True)
        leaving.join()
        with engine.connect() as connection:
            assert modes.recovery(connection)


@pytest.mark.parametrize("damage", ["cut", "changed", "no manifest", "no file"])
def test_damaged_backup_is_refused_and_nothing_is_touched(url: str, tmp_path: Path, damage: str) -> None:
    file = backed_up(url, tmp_path)
    whole = file.read_bytes()
    match damage:
        case "cut":
            file.write_bytes(whole[:-100])
        case "changed":
            file.write_bytes(whole[:2000] + b"x" + whole[2001:])
        case "no manifest":
            manifest_of(file).unlink()
        case _:
            file.unlink()
    was = contents(url)

    with pytest.raises(CannotBackUp):
        restore(file, url, NOON, DEMO_KEY, silent, overwrite=True)

    assert contents(url) == was


def test_dump_that_breaks_off_leaves_what_was_there(postgres_url: str, tmp_path: Path) -> None:
    """Its manifest may have been made for the damaged file: the transaction is the second guard."""
    with opened(postgres_url) as engine:
        builders.join(Market(engine), "a")
    file = backed_up(postgres_url, tmp_path)
    file.write_bytes(file.read_bytes()[:-500])
    manifest = json.loads(manifest_of(file).read_text("utf-8"))
    manifest["sha256"] = sha256(file)
    manifest_of(file).write_text(json.dumps(manifest), "utf-8")
    was = contents(postgres_url)

    with pytest.raises(CannotBackUp):
        restore(file, postgres_url, NOON, DEMO_KEY, silent, overwrite=True)

    assert contents(postgres_url) == was


def test_missing_tool_is_named(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CannotBackUp, match="pg_dump is missing: install"):
        backed_up(postgres_url, tmp_path)


def test_copy_of_the_file_alone_lacks_what_was_committed(tmp_path: Path) -> None:
    """Why docs/operating.md says never to use cp: what was last committed stands in the -wal beside the file."""
    with opened(f"sqlite:///{tmp_path}/market.db") as engine:
        migrate(engine, clock.now())
        builders.join(Market(engine), "a")
        shutil.copy(tmp_path / "market.db", tmp_path / "copy.db")
        file = backed_up(f"sqlite:///{tmp_path}/market.db", tmp_path)

        with closing(sqlite3.connect(file)) as good:
            assert good.execute("SELECT count(*) FROM users").fetchone() == (1,)
        with closing(sqlite3.connect(tmp_path / "copy.db")) as naive, pytest.raises(sqlite3.OperationalError):
            naive.execute("SELECT count(*) FROM users")


def test_journal_of_a_killed_service_is_not_played_into_the_copy(tmp_path: Path) -> None:
    """The -wal that is left holds all that was committed after the backup: the copy would be as it was before, and not
    know that it is one."""
    url, left = f"sqlite:///{tmp_path}/market.db", tmp_path / "left.db"
    with opened(url) as engine:
        migrate(engine, NOON)
        file = backed_up(url, tmp_path)
        market = Market(engine)
        for number in range(40):
            builders.join(market, f"person {number}")
        # As after kill -9, and its file is lost.
        shutil.copy(f"{tmp_path}/market.db-wal", f"{left}-wal")

    restore(file, f"sqlite:///{left}", NOON, DEMO_KEY, silent, overwrite=False)

    with opened(f"sqlite:///{left}") as engine, engine.connect() as connection:
        recovery, found = modes.recovery(connection), connection.scalar(select(func.count()).select_from(tables.users))
        assert (bool(recovery), found, check(connection)) == (True, 0, [])


def test_damaged_file_is_overwritten_when_it_is_asked_for(tmp_path: Path) -> None:
    url, left = f"sqlite:///{tmp_path}/market.db", tmp_path / "left.db"
    with opened(url) as engine:
        migrate(engine, NOON)
    file = backed_up(url, tmp_path)
    left.write_bytes(b"no database any more" * 1000)

    with pytest.raises(CannotBackUp, match="not empty"):
        restore(file, f"sqlite:///{left}", NOON, DEMO_KEY, silent, overwrite=False)
    restore(file, f"sqlite:///{left}", NOON, DEMO_KEY, silent, overwrite=True)

    with opened(f"sqlite:///{left}") as engine, engine.connect() as connection:
        assert modes.recovery(connection)
