"""The composition root: settings in, everything wired. The only file that knows everyone."""

import gc
import importlib
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
import uvicorn
from anyio import to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

import answers
import clock
import logs
import money_kind
import scheduler
import worker
from bots import web as bots_web
from bots.ports import Bot, Received
from conversations import render
from conversations.doorcheck import problem_with
from conversations.router import BY_NAME
from doorbook import DoorBook
from house import Bell, House
from payments import web as payments_web
from payments.memory import Memory
from payments.ports import Notification, Provider
from payments.pretend import Pretend
from settings import Settings, WrongSettings
from storage import beats, database, inbox, modes

log = structlog.get_logger()

ROLES = ("web", "worker", "clock")
# What stands in the menus of LINE and Telegram, in reading order.
MENU = ("post_job", "find_work", "mine", "money", "language", "help")
BEAT_LATE = timedelta(seconds=15)


def bot_for(platform: str, settings: Settings) -> Bot:
    """The platform's adapter. Its SDK is imported here and not before: aiogram alone takes five seconds."""
    package = importlib.import_module(f"bots.{platform}")
    made: Bot
    match platform:
        case "line":
            made = package.LineBot(
                settings.line_channel_secret,
                settings.line_channel_token,
                settings.line_api_base,
                menu_words=[(named, named) for named in menu_words("ja")],
                chat_bar=render.line("ja", "home.menu", {}),
            )
        case "slack":
            secret, token, team = settings.slack_signing_secret, settings.slack_bot_token, settings.slack_team
            base, app_token, app = settings.slack_api_base, settings.slack_app_token, settings.slack_app
            made = package.SlackBot(secret, token, base, app_token, check=problem_with, team_id=team, app_id=app)
        case _:
            token, secret = settings.telegram_bot_token, settings.telegram_webhook_secret
            commands = {
                language: [
                    (BY_NAME[flow].command, named) for flow, named in zip(MENU, menu_words(language), strict=True)
                ]
                for language in render.LANGUAGES
            }
            made = package.TelegramBot(token, secret, settings.telegram_api_base, commands=commands)
    return made


def provider_for(settings: Settings) -> Provider:
    """One and no other: whoever knows pretend's secret makes money out of nothing. Stripe's SDK takes a second."""
    if settings.payments == "pretend":
        return Pretend(settings.url, settings.pretend_secret, memory=Memory(settings.pretend_file))
    made: Provider = importlib.import_module("payments.stripe").Stripe(
        settings.url,
        settings.stripe_secret_key,
        settings.stripe_webhook_secret,
        settings.stripe_api_base,
        settings.stripe_account_of,
    )
    return made


def bare(settings: Settings) -> House:
    """Without any bot: for what is done on the command line, and told by whoever serves. Raises WrongSettings."""
    engine = database.open_database(settings.database_url)
    with engine.connect() as connection:
        money_kind.insist(connection, settings, clock.now())
    return House(engine, settings, {}, {settings.payments: provider_for(settings)}, clock.now, Bell(), security)


def menu_words(language: str) -> list[str]:
    return [render.line(language, f"{flow}.menu", {}) for flow in MENU]


def security(reason: str, where: str) -> None:
    """One security event for each refused request, and for each thing said that an honest phone would not send."""
    log.warning("refused", where=where, reason=reason)


def build(
    settings: Settings, now: Callable[[], datetime] = clock.now, security: Callable[[str, str], None] = security
) -> House:
    """Everything wired, nothing running. `security` hears of each refusal. Raises WrongSettings."""
    if not settings.platforms:
        raise WrongSettings(
            [
                "No platform is set up. Set ARIGATO_LINE_CHANNEL_SECRET and ARIGATO_LINE_CHANNEL_TOKEN, or the "
                "variables of slack or telegram (see .env.example). To try without any account: arigato demo."
            ]
        )
    logs.set_up()
    engine = database.open_database(settings.database_url)
    database.migrate(engine, now(), audit_key=settings.audit_key)
    with engine.connect() as connection:
        # Soon, before what takes seconds; nothing is at work yet.
        money_kind.insist(connection, settings, now())
    providers = {settings.payments: provider_for(settings)}
    bots = {platform: bot_for(platform, settings) for platform in settings.platforms}
    return House(engine, settings, bots, providers, now, Bell(), security)


# -- what comes in


def keep(house: House, rows: Sequence[tuple[str, Received]]) -> None:
    """One transaction for all events that wait; then the worker is woken."""
    with database.begin(house.database) as connection:
        inbox.store(
            connection,
            [inbox.NewRow(platform, r.tenant, r.event_id, r.conversation, r.body, house.now()) for platform, r in rows],
        )
    house.bell.ring()


def keep_notification(house: House, provider: str, notification: Notification) -> None:
    keep(house, [(inbox.PAYMENTS, received(provider, notification))])


def received(provider: str, notification: Notification) -> Received:
    about = inbox.told_about(provider, notification.about)
    return Received(provider, notification.event_id, about, notification.body)


def web_routes(house: House, grouped: bots_web.Grouped, book: DoorBook) -> list[BaseRoute]:
    async def store_notification(provider: str, notification: Notification) -> None:
        await grouped.store(inbox.PAYMENTS, [received(provider, notification)])

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("alive")

    async def readyz(_: Request) -> Response:
        problems = await to_thread.run_sync(unready, house)
        return JSONResponse({"ready": not problems, "problems": problems}, 503 if problems else 200)

    async def file(request: Request) -> Response:
        return await to_thread.run_sync(answers.handed_out, house, request.path_params["token"])

    return [
        *bots_web.routes(
            house.bots,
            grouped.store,
            book.turned_away,
            lambda: house.now().timestamp(),
        ),
        *payments_web.routes(house.providers, store_notification, book.refused),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/files/{token}", file),
    ]


def unready(house: House) -> list[str]:
    """What keeps us from being ready: database, migrations, money, recovery mode, worker and clock."""
    try:
        if not database.is_current(house.database):
            return ["the database is not migrated: run arigato migrate"]
        with house.database.connect() as connection:
            heard = beats.last(connection)
            recovery = modes.recovery(connection)
            left_behind = money_kind.left_behind(connection, house.settings)
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is: not ready
        return [f"the database does not answer: {type(error).__name__}"]
    late = house.now() - BEAT_LATE
    still = [name for name in ("worker", "clock") if name not in heard or heard[name] < late]
    told = [left_behind, modes.told(recovery) if recovery else "", *(f"the {name} does not beat" for name in still)]
    return [each for each in told if each]


# -- what runs


@dataclass
class Running:
    """The threads behind a web server, started and stopped with it."""

    house: House
    roles: tuple[str, ...]
    book: DoorBook
    stopping: threading.Event = field(default_factory=threading.Event)
    # Of its own: a worker that ends by itself takes nobody at the doors with it, who write down what they refuse.
    worker_stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, grouped: bots_web.Grouped) -> None:
        """Raises WrongSettings if others are at work in another money: they may have begun since we were built."""
        # The doors alone move no money and mark nothing: the database may be away at this moment.
        if self.roles != ("web",):
            money_kind.keep(self.house.database, self.house.settings, self.house.now())
        if "worker" in self.roles:
            self.threads += worker.start(self.house, self.worker_stopping)
        if "clock" in self.roles:
            self.clock = scheduler.start(self.house)
        if "web" in self.roles:
            self.threads += listeners(self.house, grouped, self.book, self.stopping)

    def stop(self) -> None:
        self.stopping.set()
        self.worker_stopping.set()
        self.house.bell.ring()
        if "clock" in self.roles:
            self.clock.shutdown()
        for thread in self.threads:
            thread.join()
        for bot in self.house.bots.values():
            bot.close()


def listeners(
    house: House, grouped: bots_web.Grouped, book: DoorBook, stopping: threading.Event
) -> list[threading.Thread]:
    """The door book, and doors that need no public address: Slack's Socket Mode and Telegram's long polling."""
    threads = [threading.Thread(target=book.keep, args=(stopping,), name="door-book")]
    if "slack" in house.bots and house.settings.slack_app_token:
        socket = importlib.import_module("bots.slack.socket")
        threads.append(
            threading.Thread(
                target=socket.listen, args=(house.bots["slack"], grouped.store_now, book.turned_away, stopping)
            )
        )
    if "telegram" in house.bots and house.settings.telegram_polling:
        polling = importlib.import_module("bots.telegram.polling")
        threads.append(
            threading.Thread(target=polling.listen, args=(house.bots["telegram"], grouped.store_now, stopping))
        )
    for thread in threads:
        thread.start()
    return threads


def web(house: House, roles: tuple[str, ...] = ROLES, more: Sequence[BaseRoute] = ()) -> Starlette:
    """The ASGI application. Its lifespan starts and stops what the roles name; `more` are the playground's routes."""
    grouped = bots_web.Grouped(lambda rows: keep(house, rows))
    book = DoorBook(house)
    running = Running(house, roles, book)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        running.start(grouped)
        try:
            yield
        finally:
            await to_thread.run_sync(running.stop)
            grouped.close()

    made = Starlette(
        routes=[*web_routes(house, grouped, book), *more],
        lifespan=lifespan,
        exception_handlers={404: book.no_such_door, 405: book.no_such_door, 500: broken},
        middleware=[Middleware(answers.Guarded)],
    )
    # Each door has one address; a signed request is not sent on to another.
    made.router.redirect_slashes = False
    return made


def broken(request: Request, error: Exception) -> Response:
    """Outside of all middleware, so with the headers of its own. What went wrong stands in the log, never here."""
    return PlainTextResponse("Something went wrong here. Please try again later.", 500, answers.HEADERS)


def serve(settings: Settings, role: str) -> None:
    """Run until told to stop. The worker and the clock alone listen too, for /healthz and /readyz."""
    house = build(settings)
    for platform, bot in house.bots.items():
        for done in bot.set_up(settings.url) if settings.public_url else []:
            log.info("set up", platform=platform, done=done)
    roles = ROLES if role == "all" else (role,)
    # What is loaded now stays: each look of the collector at the SDKs' modules held every webhook up for 150 ms.
    gc.freeze()
    uvicorn.run(web(house, roles), host=settings.host, port=settings.port, log_level="warning", log_config=None)
