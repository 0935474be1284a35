"""A backup is one moment of a database that goes on; a copy made of it says nothing and pays nobody until told to."""

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Engine, func, select

import app
import errands
import recovery
import scheduler
from bots.ports import Bot, Sent
from conversations.messages import Message, Outgoing, Recipient
from engine import codes
from engine.payouts import Payout
from engine.users import User
from house import Bell, House, world
from payments.ports import Done, Errand
from payments.pretend import Pretend
from settings import Settings
from storage import modes, tables
from storage.backup import CannotBackUp, back_up, manifest_of, restore, sha256
from storage.chain import DEMO_KEY
from storage.check import check
from storage.database import begin, migrate, open_database
from storage.resume import CannotResume, waiting
from tests import builders
from tests.builders import Market

NOON = datetime(2030, 12, 2, 3, 0, tzinfo=UTC)


def silent(_: float) -> None:
    """Nobody watches the bar."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that can be copied: a file, or one on a server."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    engine = open_database(f"sqlite:///{tmp_path}/market.db")
    migrate(engine)
    engine.dispose()
    return f"sqlite:///{tmp_path}/market.db"


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


def backed_up(url: str, folder: Path) -> Path:
    back_up(url, folder / "backup", NOON, DEMO_KEY, silent)
    return folder / "backup"


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

    restore(tmp_path / "backup", url, DEMO_KEY, silent, overwrite=True)
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

    restore(file, url, DEMO_KEY, silent, overwrite=True)

    assert contents(url) == was
    with opened(url) as engine:
        newcomer = builders.join(Market(engine), "somebody later")
        with engine.connect() as connection:
            found = modes.recovery(connection)
    assert found
    assert (found.reason, found.outbox_to) == ("restored", 0)
    # An id that the lost time gave away would be another thing's at the provider.
    assert newcomer.id > 1_000_000


def test_backup_of_a_restored_copy_is_a_backup(url: str, tmp_path: Path) -> None:
    restore(backed_up(url, tmp_path), url, DEMO_KEY, silent, overwrite=True)

    restore(backed_up(url, tmp_path), url, DEMO_KEY, silent, overwrite=True)

    with opened(url) as engine, engine.connect() as connection:
        assert check(connection) == []


def test_what_is_there_is_not_overwritten_unasked(url: str, tmp_path: Path) -> None:
    file = backed_up(url, tmp_path)

    with pytest.raises(CannotBackUp, match="not empty"):
        restore(file, url, DEMO_KEY, silent, overwrite=False)


def test_what_is_in_use_is_not_overwritten(url: str, tmp_path: Path) -> None:
    file = backed_up(url, tmp_path)

    with opened(url) as engine, engine.connect() as connection:
        connection.execute(select(tables.users))
        with pytest.raises(CannotBackUp, match="stop the service"):
            restore(file, url, DEMO_KEY, silent, overwrite=True)


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
        restore(file, url, DEMO_KEY, silent, overwrite=True)

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
        restore(file, postgres_url, DEMO_KEY, silent, overwrite=True)

    assert contents(postgres_url) == was


def test_missing_tool_is_named(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CannotBackUp, match="pg_dump is missing: install"):
        backed_up(postgres_url, tmp_path)


def test_copy_of_the_file_alone_lacks_what_was_committed(tmp_path: Path) -> None:
    """Why docs/operating.md says never to use cp: what was last committed stands in the -wal beside the file."""
    with opened(f"sqlite:///{tmp_path}/market.db") as engine:
        migrate(engine)
        builders.join(Market(engine), "a")
        shutil.copy(tmp_path / "market.db", tmp_path / "copy.db")
        file = backed_up(f"sqlite:///{tmp_path}/market.db", tmp_path)

        with closing(sqlite3.connect(file)) as good:
            assert good.execute("SELECT count(*) FROM users").fetchone() == (1,)
        with closing(sqlite3.connect(tmp_path / "copy.db")) as naive, pytest.raises(sqlite3.OperationalError):
            naive.execute("SELECT count(*) FROM users")


# -- a copy and the world


@dataclass
class Phones:
    """All that is sent on LINE and Slack."""

    said: list[str] = field(default_factory=list)

    def send(self, outgoing: Outgoing, retry_key: str) -> Sent:
        self.said.append(outgoing.message.text)
        return Sent("sent")


@dataclass
class Bank(Pretend):
    """The pretend provider with a log of what it did: amounts by key. What it would call in is not called in."""

    log: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def pay_out(self, errand: Errand) -> Done:
        self.asked.append(errand.key)
        assert self.log.setdefault(errand.key, errand.amount) == errand.amount
        return Done(reference=errand.key)

    def notify(self, event: Mapping[str, Any]) -> bool:
        return True


@dataclass
class Outside:
    """The world, which goes on whatever is restored."""

    phones: Phones = field(default_factory=Phones)
    bank: Bank = field(default_factory=lambda: Bank("http://127.0.0.1:9", "secret"))

    def house(self, engine: Engine, now: datetime) -> House:
        settings = Settings(_env_file=None, database_url=str(engine.url))  # type: ignore[call-arg] # pydantic's
        bots = dict.fromkeys(("line", "slack"), cast("Bot", self.phones))
        return House(engine, settings, bots, {"pretend": self.bank}, lambda: now, Bell(), lambda *_: None)

    def turn(self, engine: Engine, now: datetime) -> None:
        """Everything that goes out by itself, until nothing does."""
        house = self.house(engine, now)
        with ThreadPoolExecutor(1) as pool:
            scheduler.ring(house)
            for _ in range(10):
                errands.work_operations(house)
                for platform in house.bots:
                    errands.send_all(house, platform, pool)


def say(house: House, words: str) -> None:
    with world(house, words) as store:
        store.send(Outgoing(Recipient("line", "tenant", "client"), Message(words)))


def resumed(url: str, *paid: str) -> recovery.Plan:
    settings = Settings(_env_file=None, database_url=url)  # type: ignore[call-arg] # pydantic's
    plan = recovery.plan(settings, paid)
    assert plan
    recovery.carry_out(settings, plan)
    return plan


def test_restored_copy_repeats_no_payout_and_no_message(url: str, tmp_path: Path) -> None:
    """The backup knows of an errand and a message under way; both are done in the time that is lost."""
    outside = Outside()
    with opened(url) as engine:
        market = Market(engine)
        builders.pay_out(market, builders.accepted(market))
        say(outside.house(engine, market.now), "said once")
        file = backed_up(url, tmp_path)
        outside.turn(engine, market.now)
        done, said = dict(outside.bank.log), list(outside.phones.said)
    assert len(done) == 1
    assert said == ["said once"]

    restore(file, url, DEMO_KEY, silent, overwrite=True)
    with opened(url) as engine:
        say(outside.house(engine, market.now), "said in the copy")
        for days in range(3):
            outside.turn(engine, market.now + timedelta(days=days))
        with engine.connect() as connection:
            freed = waiting(connection)
        assert (outside.bank.log, outside.phones.said, len(outside.bank.asked)) == (done, said, 1)
        assert (freed.stale, freed.messages, freed.errands) == (1, 1, 2)
        assert any("recovery mode" in problem for problem in app.unready(outside.house(engine, market.now)))

    resumed(url)
    with opened(url) as engine:
        outside.turn(engine, market.now)
        with engine.connect() as connection:
            violations = check(connection)
    # The errand is asked again by its key, which the provider knows: nothing is paid a second time.
    assert (outside.bank.log, len(outside.bank.asked)) == (done, 2)
    assert outside.phones.said == [*said, "said in the copy"]
    assert violations == []


def test_payout_of_the_lost_time_is_booked_and_not_repeated(url: str, tmp_path: Path) -> None:
    """The backup knows only of earnings; their payout was made later, under a key the copy cannot know."""
    outside = Outside()
    with opened(url) as engine:
        market = Market(engine)
        contract = builders.accepted(market)
        file = backed_up(url, tmp_path)
        builders.pay_out(market, contract)
        payout = market.kept(Payout)
        outside.turn(engine, market.now)
        done = dict(outside.bank.log)
    assert list(done.values()) == [payout.amount]
    restore(file, url, DEMO_KEY, silent, overwrite=True)
    worker = codes.code("user", payout.worker_id)
    with pytest.raises(CannotResume, match=worker):
        resumed(url, f"{worker}:{payout.amount + 1}")

    resumed(url, f"{worker}:{payout.amount}")

    with opened(url) as engine:
        outside.turn(engine, market.now + timedelta(days=3))
        with engine.connect() as connection:
            assert check(connection) == []
            assert modes.recovery(connection) is None
        assert Market(engine).kept(Payout).stage == "confirmed"
    assert outside.bank.log == done


def test_broken_books_stop_everything_until_they_are_sound(tmp_path: Path) -> None:
    url, outside = f"sqlite:///{tmp_path}/market.db", Outside()
    with opened(url) as engine:
        migrate(engine)
        market = Market(engine)
        builders.pay_out(market, builders.accepted(market))
        house = outside.house(engine, market.now)
        scheduler.watch(house)
        with begin(engine) as connection:
            sound = modes.recovery(connection)
            connection.exec_driver_sql("UPDATE accounts SET balance = balance + 1 WHERE path LIKE 'earnings:%'")

        scheduler.watch(house)
        outside.turn(engine, market.now)

        assert sound is None
        assert outside.bank.log == {}
        with pytest.raises(CannotResume, match="M3"):
            resumed(url)
        with begin(engine) as connection:
            connection.exec_driver_sql("UPDATE accounts SET balance = balance - 1 WHERE path LIKE 'earnings:%'")
        resumed(url)
        outside.turn(engine, market.now)
        assert len(outside.bank.log) == 1
