"""The real server on loopback, its three messengers emulated, and all that tells whether an attack changed anything."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import uvicorn

import app
import demo
from bots.ports import Bot, Sent
from conversations.messages import Outgoing
from engine.limits import GIVEN_UP
from house import House, Patience
from playground.phone import Person
from storage import security, trail
from storage.tables import metadata

# They beat by themselves, whatever happens.
RESTLESS = ("beats",)
# What it is for: told apart, by `noted`.
SECURITY_LOG = ("security_events",)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
# A moment, so that no two attacks are told of as one.
DOOR_BOOK_SECONDS = 0.01
QUIET_SECONDS = 15
ANSWER_SECONDS = 20

Rows = dict[str, Counter[tuple[object, ...]]]


@dataclass
class Events:
    """Every security event since the last `taken`."""

    heard: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, reason: str, where: str) -> None:
        with self.lock:
            self.heard.append((reason, where))

    def taken(self) -> list[str]:
        with self.lock:
            reasons, self.heard = [reason for reason, _ in self.heard], []
        return reasons


class Ear:
    """A bot that is listened to: what was said is not kept by the product."""

    def __init__(self, bot: Bot, said: list[Outgoing]) -> None:
        self.bot = bot
        self.said = said
        self.fetched: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bot, name)

    def send(self, outgoing: Outgoing, retry_key: str) -> Sent:
        self.said.append(outgoing)
        return self.bot.send(outgoing, retry_key)

    def fetch(self, reference: str, most_bytes: int) -> bytes:
        self.fetched.append(reference)
        return self.bot.fetch(reference, most_bytes)


@dataclass(frozen=True)
class Reply:
    status: int
    head: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        pairs = (line.partition(": ") for line in self.head.split("\r\n")[1:])
        return {name.lower(): value for name, _, value in pairs}


@dataclass(frozen=True)
class Server:
    """`demo` is the playground around it; `house` what it really runs on."""

    demo: demo.Playground
    house: House
    port: int
    events: Events
    said: list[Outgoing]

    def send(self, raw: bytes, then: Sequence[bytes] = (), pause_seconds: float = 0) -> Reply:
        """Bytes as they are: what an HTTP library would mend must arrive broken."""
        with socket.create_connection((demo.HOST, self.port), timeout=ANSWER_SECONDS) as line:
            line.sendall(raw)
            answer = b""
            try:
                for more in then:
                    time.sleep(pause_seconds)
                    line.sendall(more)
            except OSError:
                pass  # The server has said what it thinks and hung up.
            try:
                while chunk := line.recv(65_536):
                    answer += chunk
            except ConnectionResetError:
                pass  # It hung up while we were still talking; what it said is here.
        assert answer, "the server hung up without a word"
        head, _, body = answer.partition(b"\r\n\r\n")
        return Reply(int(head.split(b" ", 2)[1]), head.decode("latin-1"), body)

    def rows(self) -> Rows:
        """As the driver has them: the tables of some hundred attacks are read twice for each."""
        read = [table.name for table in metadata.sorted_tables if table.name not in RESTLESS + SECURITY_LOG]
        with self.house.database.connect() as connection:
            cursor = connection.connection.cursor()
            return {name: Counter(cursor.execute(f"SELECT * FROM {name}").fetchall()) for name in read}  # noqa: S608 - our own names

    def noted(self) -> Counter[str]:
        """How often each reason stands in the table of security events. The phones' triggers are made up: no form of
        theirs can be opened, and that is none of the attack's."""
        with self.house.database.connect() as connection:
            found = security.by_reason(connection, LONG_AGO)
        return Counter({reason: times for reason, times in found.items() if reason != GIVEN_UP})

    def noted_after(self, before: Counter[str], expected: Counter[str]) -> Counter[str]:
        """What the doors refuse is written beside the requests, so a moment may pass."""
        give_up_at = time.monotonic() + 2
        while self.noted() - before != expected and time.monotonic() < give_up_at:
            time.sleep(0.01)
        return self.noted() - before

    def settle(self) -> None:
        """Until nothing waits to be worked through or sent."""
        give_up_at = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < give_up_at:
            with self.house.database.connect() as connection:
                if not trail.waiting(connection):
                    return
            time.sleep(0.01)
        raise TimeoutError("the server does not come to rest")

    def events_after(self, least: int) -> list[str]:
        """A message's events are told right after its commit, so a moment may pass."""
        give_up_at = time.monotonic() + 2
        while len(self.events.heard) < least and time.monotonic() < give_up_at:
            time.sleep(0.01)
        return self.events.taken()


def changed(before: Rows, after: Rows) -> dict[str, int]:
    """How many rows of each table are new or different; a row that is gone counts, too."""
    found = {name: max((after[name] - rows).total(), (rows - after[name]).total()) for name, rows in before.items()}
    return {name: count for name, count in found.items() if count}


@contextmanager
def running(database_url: str, operators: Sequence[Person], *, port: int = 0) -> Iterator[Server]:
    """Product and emulated platforms in a thread of their own, with an ear on the security events."""
    port = port or demo.free_port()
    playground, more = demo.build(port, database_url, operators, demo.nothing)
    events = Events()
    said: list[Outgoing] = []
    bots: Any = {platform: Ear(bot, said) for platform, bot in playground.house.bots.items()}
    house = replace(
        playground.house, security=events, bots=bots, patience=Patience(door_book_seconds=DOOR_BOOK_SECONDS)
    )
    config = uvicorn.Config(app.web(house, more=more), demo.HOST, port, log_level="critical", access_log=False)
    with threaded(uvicorn.Server(config)):
        try:
            yield Server(playground, house, port, events, said)
        finally:
            for emulator in playground.emulators.values():
                emulator.close()
    house.database.dispose()


@contextmanager
def threaded(server: uvicorn.Server) -> Iterator[None]:
    thread = threading.Thread(target=server.run, name="attacked")
    thread.start()
    try:
        demo.wait_until(server)
        yield
    finally:
        server.should_exit = True
        thread.join()


def at_once(acts: Sequence[Callable[[], object]]) -> None:
    """Everybody at the same moment; what one of them raises is raised here."""
    barrier = threading.Barrier(len(acts))
    troubles: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
        except BaseException as trouble:  # noqa: BLE001 - told to the test below
            troubles.append(trouble)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
