"""退会 through the real doors: of two hundred words that stood for three people, none is anywhere afterwards."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

import demo
import headless
from engine import codes
from playground import story
from playground.hands import says, taps, until
from playground.phone import Person, Phone
from storage import audit
from storage.check import check
from storage.tables import accounts, entries, metadata, transfers

CANARIES = 200
A_MESSAGE = 12  # words in each, so that nobody speaks more often than the limit


class Canaries:
    """Words that nobody says by accident."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self) -> str:
        self.made.append(f"Canary{len(self.made):03d}q")
        return self.made[-1]

    def many(self, count: int) -> str:
        return " ".join(self() for _ in range(count))


def people(fresh: Canaries) -> tuple[Person, Person, Person, Person]:
    ids = {"line": f"U{0xCA7A:032x}", "slack": "U0CANARY99", "telegram": "7700424242"}
    fresh.made += ids.values()
    leaving = [Person(platform, ids[platform], fresh(), "en") for platform in ("line", "slack", "telegram")]
    return (leaving[0], leaving[1], leaving[2], Person("telegram", "990077", "Aoi", "en"))


def spoken(fresh: Canaries) -> dict[str, str]:
    """The story's own words, each with one of ours."""
    said = {
        key: f"{fresh()} {words}"
        for key, words in story.SAID["en"].items()
        if key not in ("title", "sentence", "doubtful", "reason")
    }
    title = f"Logo {fresh()} for my cafe"
    said["doubtful"] = story.SAID["en"]["doubtful"].replace("Easy work", f"Easy {fresh()} work")
    # The operator stays, and what they wrote in their own chat goes by the clock.
    said["reason"] = story.SAID["en"]["reason"]
    return {**said, "title": title, "sentence": f"{title}, 30,000 yen, by 30 December"}


def say_the_rest(leaving: tuple[Phone, ...], fresh: Canaries) -> None:
    """To nobody in particular, to the operators, in a draft that is never finished, and as a file."""
    while len(fresh.made) < CANARIES - 10:
        for phone in leaving:
            says(phone, fresh.many(A_MESSAGE))
    for phone in leaving:
        says(phone, "Talk to a person")
        says(phone, fresh())
        phone.sends_file(f"{fresh()}.txt", fresh().encode())
        says(phone, f"Flyer {fresh()} for 8,000 yen by 30 December")


def leave(phone: Phone) -> None:
    says(phone, "delete my account")
    taps(phone, "erase_me.go")
    phone.sees("Your account is deleted")


def kept(database: Engine) -> dict[str, str]:
    """Every value of every row, by table; a row by itself would cut long values short."""
    with database.connect() as connection:
        return {
            name: repr([tuple(row) for row in connection.execute(select(table))])
            for name, table in metadata.tables.items()
        }


def books(database: Engine) -> list[Any]:
    with database.connect() as connection:
        return [connection.execute(select(table).order_by(*table.primary_key)).all() for table in (transfers, entries)]


def found_in(told: str, canaries: list[str]) -> list[str]:
    return [canary for canary in canaries if canary in told]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/market.db"
    return str(request.getfixturevalue("postgres_url"))


def test_nothing_of_who_has_left_is_anywhere(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fresh = Canaries()
    cast_people = people(fresh)
    monkeypatch.setattr(story, "SAID", {"en": spoken(fresh)})
    with demo.running(demo.free_port(), url, operators=(cast_people[3],)) as playground:
        database, cast = playground.house.database, demo.cast_of(playground, cast_people)
        told = headless.act(playground, cast, "en", lambda _: None)
        assert (told.trouble, told.violations) == ("", [])
        leaving = (cast.other_worker, cast.worker, cast.client)
        say_the_rest(leaving, fresh)
        cast.to_payout()
        until(lambda: not on_its_way(database), lambda: AssertionError("a payout was never confirmed"))
        headless.settle(playground)
        there = found_in("".join(kept(database).values()), fresh.made)
        before, money = books(database), balances(database)

        for phone in leaving:
            leave(phone)
        headless.settle(playground)
        shown = {bubble.id for bubble in cast.operator.screen().bubbles}
        for command in ("/queue", "/figures", *(f"/user {code}" for code in numbers(database))):
            says(cast.operator, command)
        headless.settle(playground)
        news = "".join(b.text for b in cast.operator.screen().bubbles if b.id not in shown)
        with database.connect() as connection:
            wrong = list(map(str, check(connection, playground.house.settings.audit_key)))
            wrong += audit.broken(connection, playground.house.settings.audit_key)

    assert len(fresh.made) >= CANARIES
    assert there == fresh.made  # every one of them had been there to be found
    assert {name: found for name, rows in kept(database).items() if (found := found_in(rows, fresh.made))} == {}
    assert kept(database)["audit_words"] == "[]"
    assert (books(database), balances(database), wrong) == (before, money, [])
    assert found_in(news, fresh.made) == []
    assert found_in("".join(capfd.readouterr()), fresh.made) == []
    assert found_in(as_bytes(database, tmp_path), fresh.made) == []


def balances(database: Engine) -> list[Any]:
    with database.connect() as connection:
        return list(connection.execute(select(accounts).order_by(accounts.c.path)))


def on_its_way(database: Engine) -> list[int]:
    """Payouts not yet made, or not yet confirmed."""
    wanted = text(
        "SELECT id FROM payouts WHERE stage = 'sent' UNION "
        "SELECT balance FROM accounts WHERE path LIKE 'earnings:%' AND balance <> 0"
    )
    with database.connect() as connection:
        return list(connection.scalars(wanted))


def numbers(database: Engine) -> list[str]:
    with database.connect() as connection:
        gone = connection.scalars(text("SELECT id FROM users WHERE stage = 'erased' ORDER BY id")).all()
    assert len(gone) == 3
    return [codes.code("user", user_id) for user_id in gone]


def as_bytes(database: Engine, folder: Path) -> str:
    """SQLite: the file itself, and what lies beside it, once it has been vacuumed."""
    if database.dialect.name != "sqlite":
        return ""
    database.dispose()
    with closing(sqlite3.connect(folder / "market.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy
    return "".join(path.read_bytes().decode("latin-1") for path in folder.glob("market.db*"))
