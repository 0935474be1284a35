"""The demo: the product on its embedded database, with the playground's three messengers on the same loopback port."""

import importlib
import socket
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uvicorn
from rich.console import Console
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

import app
import seeds
from clock import MovableClock
from engine import calendar
from house import House
from playground.bell import Bell
from playground.emulator import Emulator, Person, Secrets, emulators, made_up_secrets
from playground.inspector import Step
from playground.page import Stage, page
from playground.people import CAST, ENGLISH_CAST, OPERATORS, PEOPLE
from playground.story import Cast, scenes
from playground.view import PLATFORM_NAMES
from settings import Settings
from storage import timers, trail
from storage.chain import DEMO_KEY
from storage.figures import figures

HOST = "127.0.0.1"
START_SECONDS = 60
SEEDED_PEOPLE = 12
# An open page holds its stream of events for as long as it is allowed to.
STOP_SECONDS = 1
A_LITTLE_LATER = 2  # seconds after a deadline, so that the clock has rung
# The page moves the clock by days at once: that is no outage.
NEVER_MINUTES = 10**8


@dataclass(frozen=True)
class Playground:
    """A running demo, for the page, the story and the tests."""

    url: str
    house: House
    emulators: dict[str, Emulator]
    clock: MovableClock
    bell: Bell


@dataclass(frozen=True)
class StageClock:
    """The clock as the page moves it: the product's time, with a ring right after."""

    house: House
    clock: MovableClock

    def now(self) -> datetime:
        return self.clock.now()

    def move(self, seconds: float) -> None:
        self.clock.move(seconds)
        self.house.bell.ring()

    def to_next_deadline(self) -> None:
        with self.house.database.connect() as connection:
            due = timers.next_due(connection, self.now())
        if due:
            self.move(max(0.0, (due - self.now()).total_seconds()) + A_LITTLE_LATER)

    def to_payout(self) -> None:
        run = calendar.next_payout_run(self.now())
        self.move((run - self.now()).total_seconds() + A_LITTLE_LATER)


def settings_for(url: str, secrets: Secrets, database_url: str, operators: Sequence[Person]) -> Settings:
    """The emulated platforms' addresses and secrets; nothing of the environment is used, so no real token is near."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]  # pydantic-settings' own argument
        database_url=database_url,
        host=HOST,
        port=int(url.rpartition(":")[2]),
        public_url=url,
        operators=",".join(f"{p.platform}:{p.id}" for p in operators),
        line_channel_secret=secrets.line_channel_secret,
        line_channel_token=secrets.line_channel_token,
        line_api_base=f"{url}/line",
        slack_signing_secret=secrets.slack_signing_secret,
        slack_bot_token=secrets.slack_bot_token,
        slack_app_token="",
        slack_team=secrets.slack_team_id,
        slack_app=secrets.slack_app_id,
        slack_api_base=f"{url}/slack/api/",
        telegram_bot_token=secrets.telegram_bot_token,
        telegram_webhook_secret=secrets.telegram_webhook_secret,
        telegram_polling=False,
        telegram_api_base=f"{url}/telegram",
        payments="pretend",
        outage_minutes=NEVER_MINUTES,
        pretend_secret=secrets.telegram_webhook_secret,
        audit_key=DEMO_KEY,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def port_or_free(port: int) -> int:
    """The port wanted if nobody has it, else any free one."""
    if not port:
        return free_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return free_port()
    return port


def nothing(house: House) -> None:
    """The database stays as it is."""


def build(
    port: int, database_url: str, operators: Sequence[Person], prepare: Callable[[House], None]
) -> tuple[Playground, list[BaseRoute]]:
    """Product and emulators wired together, and the routes that only a playground has."""
    url = f"http://{HOST}:{port}"
    secrets = made_up_secrets()
    clock = MovableClock()
    made = emulators(url, secrets)
    for emulator in made.values():
        emulator.set_clock(lambda: clock.now().timestamp())
    house = app.build(settings_for(url, secrets, database_url, operators), clock.now)
    prepare(house)
    playground = Playground(url, house, made, clock, Bell())
    moving = StageClock(house, clock)
    stage = Stage(
        emulators=made,
        people=PEOPLE,
        clock=moving,
        trail=steps_of(trail.Trail(house.database)),
        scenes={"ja": scenes(cast_of(playground)), "en": scenes(cast_of(playground, ENGLISH_CAST))},
        language="ja",
        bell=playground.bell,
    )
    mounts = [Mount(f"/{platform}", emulator.app) for platform, emulator in made.items()]
    return playground, [*mounts, *page(stage)]


def steps_of(traced: trail.Trail) -> Callable[[int], list[Step]]:
    """The product's own trail as the inspector numbers it, from now on: what lay in the database is no news."""
    traced.fresh()
    return lambda since: [
        Step(number, trace.at.isoformat(), trace.kind, trace.summary, trace.raw)
        for number, trace in enumerate(traced.fresh(), start=since + 1)
    ]


def cast_of(playground: Playground, people: tuple[Person, Person, Person, Person] = CAST) -> Cast:
    """Client, worker, second worker and operator, each with their phone."""
    phones = [playground.emulators[p.platform].phone(p) for p in people]
    clock = StageClock(playground.house, playground.clock)
    return Cast(phones[0], phones[1], phones[2], phones[3], clock.to_payout)


@contextmanager
def running(
    port: int,
    database_url: str,
    operators: Sequence[Person] = OPERATORS,
    prepare: Callable[[House], None] = nothing,
) -> Iterator[Playground]:
    """The demo in a thread of its own, ready to be used."""
    playground, more = build(port, database_url, operators, prepare)
    with serving(playground, more):
        yield playground


@contextmanager
def serving(playground: Playground, more: Sequence[BaseRoute]) -> Iterator[None]:
    """What was built, answering; stopped at the end."""
    application = guarded(app.web(playground.house, more=more))
    server = server_for(application, playground.house.settings.port)
    thread = threading.Thread(target=server.run, name="demo")
    thread.start()
    try:
        wait_until(server)
        for bot in playground.house.bots.values():
            bot.set_up(playground.url)
        yield
    finally:
        playground.bell.close()
        server.should_exit = True
        thread.join()


def guarded(application: ASGIApp) -> ASGIApp:
    """A page of another site must not reach us by a name that it has pointed at this machine."""
    return TrustedHostMiddleware(application, allowed_hosts=[HOST, "localhost"])


def server_for(application: ASGIApp, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application,
            HOST,
            port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


def wait_until(server: uvicorn.Server) -> None:
    waiting = threading.Event()
    for _ in range(START_SECONDS * 20):
        if server.started:
            return
        waiting.wait(0.05)
    raise TimeoutError("the demo's web server did not start")


def run(port: int, data: Path | None, *, seed: bool, open_browser: bool) -> None:
    """Start, say where, and stay until Ctrl-C."""
    console = Console()
    folder = data or Path(tempfile.mkdtemp(prefix="arigato-"))
    folder.mkdir(parents=True, exist_ok=True)
    chosen = port_or_free(port)
    with console.status("Starting …") as status:

        def plant(house: House) -> None:
            if seed and not anybody(house):
                status.update("Planting people, jobs and history …")
                seeds.plant(house.database, house.now(), SEEDED_PEOPLE, Console(quiet=True))
            status.update("Starting the product and the messengers …")

        for platform, name in PLATFORM_NAMES.items():
            status.update(f"Loading the SDK of {name}: the three take some seconds …")
            importlib.import_module(f"bots.{platform}")
        status.update("Making the database …")
        with running(chosen, f"sqlite:///{folder / 'arigato.db'}", prepare=plant) as playground:
            status.stop()
            say_where(console, playground.url, folder, taken=port not in (0, chosen))
            if open_browser:
                webbrowser.open(playground.url)
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
            console.print("Good-bye.")


def anybody(house: House) -> bool:
    """A folder that was used before has its people already."""
    with house.database.connect() as connection:
        return figures(connection, calendar.local_day(house.now()))["users"] > 0


def say_where(console: Console, url: str, folder: Path, *, taken: bool) -> None:
    if taken:
        console.print("[yellow]![/] That port is taken by another program, so another one was chosen.")
    console.print(f"[bold green]✓[/] The playground is at [bold]{url}/[/]")
    console.print(f"  A demo: people, jobs and money are made up, nothing is sent outside. Database: {folder}")
    console.print("  Ctrl-C ends it.")
