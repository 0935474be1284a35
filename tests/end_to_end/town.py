"""A town served by the release before: where contracts of each kind and open conversations come from."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from headless import invented
from playground.hands import says, taps, wants
from playground.phone import Person, Phone
from playground.story import Cast, lines, scenes
from storage import releases
from storage.check import check
from storage.database import open_database
from tests.end_to_end import front, platforms, released, served
from tests.end_to_end.front import Front
from tests.end_to_end.platforms import Platforms

OPERATOR = Person("telegram", "990066", "Aoi", "ja")
# Who is on which messenger, and how far each has come when the upgrade begins.
CASTS = (
    ("line", "telegram", ("meet", "post", "apply", "hire")),
    ("slack", "line", ("meet", "post", "apply", "hire", "agree")),
    ("telegram", "slack", ("meet", "post", "apply", "hire", "agree", "fund")),
    ("line", "slack", ("meet", "post", "apply", "hire", "agree", "fund", "deliver")),
    ("slack", "telegram", ("meet", "post", "apply", "hire", "agree", "fund", "deliver", "accept")),
)
QUESTIONS = Path(__file__).with_name("questions.py")


@dataclass(frozen=True)
class Town:
    """Everybody, and the addresses of the database and of the old release's tree. `program` starts this one."""

    folder: Path
    url: str
    old_tree: Path
    stand: Platforms
    front: Front
    casts: tuple[Cast, ...]
    talkers: tuple[Phone, ...]
    program: tuple[str, ...]

    @property
    def settings(self) -> dict[str, str]:
        """Each process has a port of its own."""
        return {name: value for name, value in self.stand.settings.items() if name != "ARIGATO_PORT"}

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(statement.encode(), values)
            return found.fetchall() if found.description else []

    def violations(self) -> list[str]:
        engine = open_database(self.url)
        with engine.connect() as connection:
            found = [str(violation) for violation in check(connection)]
        engine.dispose()
        return found

    def questions(self, tree: Path) -> dict[str, Any]:
        """What everybody who is in the middle of something is being asked, as that release reads it."""
        told: dict[str, Any] = json.loads(released.python(tree, str(QUESTIONS), self.url))
        return told


def person(platform: str, number: int) -> Person:
    return Person(platform, invented(platform, number), f"住人{number}", "ja")


def fall_due(url: str) -> None:
    """The next payout run is now."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE timers SET due_at = now() WHERE name = 'pay_out'")


@contextmanager
def standing(folder: Path, url: str) -> Iterator[Town]:
    """Nobody is served yet."""
    old_tree = released.tree(releases.BEFORE, folder / "old")
    with ExitStack() as stack:
        stand = stack.enter_context(platforms.standing(url, (OPERATOR,)))
        before = stack.enter_context(front.standing(int(stand.settings["ARIGATO_PORT"])))
        casts = tuple(
            Cast(
                stand.phone(person(client, number)),
                stand.phone(person(worker, number + 1)),
                stand.phone(person(worker, number + 2)),
                stand.phone(OPERATOR),
                lambda: fall_due(url),
            )
            for number, (client, worker, _) in zip(range(10, 100, 10), CASTS, strict=False)
        )
        talkers = tuple(stand.phone(person(platform, 500)) for platform in ("line", "slack", "telegram"))
        yield Town(folder, url, old_tree, stand, before, casts, talkers, (str(served.PROGRAM),))


def play(cast: Cast, *names: str) -> None:
    acts = {scene.id: scene.act for scene in scenes(cast)}
    for name in names:
        acts[name]()


@contextmanager
def old_serves(town: Town) -> Iterator[None]:
    with released.serving(town.old_tree, town.folder, town.settings, "all") as elder, behind(town.front, elder.url):
        yield


@contextmanager
def new_serves(town: Town) -> Iterator[None]:
    with served.serving(town.folder, town.settings) as [one]:
        served.until(lambda: served.ready(one), lambda: one.get("/readyz").text)
        with behind(town.front, one.url):
            yield


@contextmanager
def behind(front: Front, url: str) -> Iterator[None]:
    front.behind = [*front.behind, url]
    try:
        yield
    finally:
        front.behind = [each for each in front.behind if each != url]


def settle_in(town: Town) -> None:
    """Contracts at many stages, and people in the middle of conversations; all of it by the old release."""
    for phone in town.talkers:
        phone.follows()
        phone.sees("", 20)
    for cast, (_, _, played) in zip(town.casts, CASTS, strict=True):
        play(cast, *played)
    line, slack, telegram = town.talkers
    says(line, lines(line)["sentence"])
    wants(telegram, "human")
    wants(slack, "language")
    taps(town.casts[0].worker, "agree_terms.menu")
    taps(town.casts[2].worker, "deliver.menu")
    taps(town.casts[3].client, "accept_work.menu")
    served.settled(town.url)
