"""One history: everything that happens, step after step, decided by the seed and by nothing else."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

import app
from bots.ports import Received
from conversations.messages import Content, Incoming, Press
from house import Bell, House
from payments.ports import Notification
from settings import Settings
from simulator import database, judge, words
from simulator.bank import Bank
from simulator.database import Place
from simulator.faults import Broken, Crash, Faults, described, drawn, is_injected
from simulator.logs import Heard
from simulator.people import TENANT, Person
from simulator.platforms import Messenger, Sending, written
from storage import outbox

if TYPE_CHECKING:  # restoring moves a play
    from simulator.restoring import Backup

PLATFORMS = ("line", "slack", "telegram")
# Wednesday, 15 July 2026, 10:00 in Tokyo.
START = datetime(2026, 7, 15, 1, 0, tzinfo=UTC)
START_WITHIN_DAYS = 365
STEP_SECONDS = 30
URL = "https://arigato.example"
QUIET_EVERY = 250


@dataclass(frozen=True)
class Parcel:
    """Something on its way to our doors: an event of a platform, or a provider's notification."""

    platform: str
    what: bytes | Notification


class Play:
    """`met` counts the points that must be reached sometimes."""

    def __init__(self, place: Place, seed: int, heard: Heard) -> None:
        self.place, self.seed, self.heard = place, seed, heard
        self.dice = Random(f"arigato {seed}")
        error: type[Exception] = place.engine.dialect.loaded_dbapi.OperationalError
        self.faults = Faults(drawn(self.dice), self.dice, error)
        self.now = START + timedelta(days=self.dice.randrange(START_WITHIN_DAYS), minutes=self.dice.randrange(1440))
        self.people = words.people(self.dice)
        self.operations = 0
        self.step = 0
        self.told = 0
        self.sometimes: Counter[str] = Counter()
        self.digest = hashlib.sha256()
        self.judge = judge.Judge(self.met)
        self.parcels: list[Parcel] = []
        self.unwritten: list[Sending] = []
        self.paused: list[outbox.Row] = []
        self.backup: Backup | None = None
        self.in_recovery = False
        self.rung_at = self.compared_at = self.now
        self.silent_since: datetime | None = None
        self.messengers = {platform: Messenger(platform, self) for platform in PLATFORMS}
        self.bank = Bank(URL, "pretend", play=self)
        self.house = self.wired()
        place.clear()

    def wired(self) -> House:
        operators = ",".join(f"{person.platform}:{person.outside_id}" for person in self.people if person.operator)
        settings = Settings(_env_file=None, public_url=URL, operators=operators, slack_team=TENANT)  # type: ignore[call-arg] # pydantic's
        return House(
            database=self.place.engine,
            settings=settings,
            bots=self.messengers,
            providers={self.bank.name: self.bank},
            now=lambda: self.now,
            bell=Bell(),
            security=self.refused,
            random=self.dice.randbytes,
        )

    # -- what others ask

    def met(self, point: str) -> None:
        self.sometimes[point] += 1

    def refused(self, reason: str, _where: str) -> None:
        self.met(f"refused: {reason}")
        self.judge.refused[reason] += 1

    def note(self, *what: object) -> None:
        """Part of the history, and of its hash."""
        self.digest.update(repr(what).encode())

    def transactions_open(self) -> bool:
        pool: Any = self.place.engine.pool
        return bool(pool.checkedout())

    def person_at(self, platform: str, outside_id: str) -> Person:
        return next(p for p in self.people if (p.platform, p.outside_id) == (platform, outside_id))

    @contextmanager
    def look(self) -> Iterator[Connection]:
        with self.faults.unseen(), self.place.engine.connect() as connection:
            yield connection

    # -- on the way to our doors

    def say(
        self, person: Person, content: Content, *, direct: bool = True, quoting: bool = False, takes_back: str = ""
    ) -> None:
        """A person does something on their phone; it is on its way to us."""
        self.told += 1
        reply_to = f'{{"trigger": {self.step}}}' if person.platform == "slack" and isinstance(content, Press) else ""
        person.said = f"{self.step}-{self.told}"
        more = {"direct": direct, "quoting": quoting, "message": person.said, "takes_back": takes_back}
        incoming = Incoming(person.said, person.sender, content, self.now, reply_to, **more)  # type: ignore[arg-type] # named
        self.post(Parcel(person.platform, written(incoming)))

    def post_notification(self, notification: Notification) -> None:
        self.parcels.append(Parcel("payments", notification))

    def post(self, parcel: Parcel) -> None:
        if self.faults.strikes("delivered twice"):
            self.parcels.append(parcel)
        if self.faults.strikes("delivered late"):
            self.parcels.append(parcel)
            return
        self.bring(parcel)

    def bring(self, parcel: Parcel) -> None:
        """To our door. What is not answered with 200 is brought again."""
        self.operations += 1
        self.parcels.append(parcel)
        if isinstance(parcel.what, Notification):
            app.keep_notification(self.house, self.bank.name, parcel.what)
        else:
            _, rows = self.messengers[parcel.platform].receive({}, parcel.what, self.now.timestamp())
            kept: list[tuple[str, Received]] = [(parcel.platform, row) for row in rows]
            app.keep(self.house, kept)
        self.parcels.pop()

    # -- one step

    def take(self, number: int, act: Callable[["Play"], object]) -> None:
        """A step has dice of its own: left out, it changes no other step's luck."""
        self.step = number
        self.dice.seed(f"arigato {self.seed} {number}")
        self.faults.passed = 0
        self.unwritten.clear()
        self.now += timedelta(seconds=self.dice.randrange(STEP_SECONDS))
        try:
            act(self)
        except Crash as crash:
            self.interrupted(crash)
        except Exception as error:
            if not is_injected(error):
                raise Broken("error", described(error)) from error
            self.interrupted(error)
        for trouble in self.heard.unexpected():
            raise Broken("error", trouble)
        self.note(number, self.operations, self.now)

    def interrupted(self, error: BaseException) -> None:
        """A new process begins with what is in the database. What was just sent may not be written down."""
        self.note(type(error).__name__)
        for sending in self.unwritten:
            sending.unsure += 1
            sending.not_before = None

    def be_quiet(self, found: Callable[["Play", Connection], Iterator[tuple[str, str]]]) -> None:
        if self.transactions_open():
            raise Broken("LV4", "a connection was not given back")
        with self.look() as connection:
            for rule, what in found(self, connection):
                raise Broken(rule, what)

    @property
    def hash(self) -> str:
        self.digest.update(self.judge.digest.digest())
        return self.digest.hexdigest()


@contextmanager
def played(place: Place, seed: int) -> Iterator[Play]:
    """A history about to begin; its judge watches every commit."""
    with Heard() as heard:
        play = Play(place, seed, heard)
        stop = database.watch(place.engine, play.faults.point, play.judge.committed)
        try:
            yield play
        except SQLAlchemyError as error:
            raise Broken("error", described(error)) from error
        finally:
            stop()
