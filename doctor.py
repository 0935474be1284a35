"""What is wrong with this installation, and how to mend it: one finding a line, the worst decides the exit status."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

import clock
import money_kind
from bots.ports import NO_FORM
from engine import limits
from settings import NEEDS, PLATFORMS, Settings, WrongSettings, is_loopback, read, variable
from storage import exceptions, given_up, modes, outages, releases, security
from storage.database import is_current, open_database

REASONS_SHOWN = 5


@dataclass(frozen=True)
class Finding:
    level: str  # "ok", "warn" or "bad"
    what: str
    found: str
    mend: str = ""


def examine(*, live: bool) -> list[Finding]:
    """All findings; with `live` the platforms are asked too."""
    try:
        settings = read()
    except WrongSettings as wrong:
        return [Finding("bad", "settings", problem, "see .env.example") for problem in wrong.problems]
    found = [*platforms(settings), *address(settings), *operators(settings), *database(settings)]
    return found + list(ask(settings)) if live else found


def platforms(settings: Settings) -> Iterator[Finding]:
    if not settings.platforms:
        yield Finding("bad", "platforms", "none is set up", "set the variables of at least one, see .env.example")
    for platform in PLATFORMS:
        if platform in settings.platforms:
            yield Finding("ok", platform, "set up")
        else:
            names = ", ".join(map(variable, NEEDS[platform][0]))
            yield Finding("warn", platform, "off", f"to switch it on set {names}")


def address(settings: Settings) -> Iterator[Finding]:
    for platform in settings.platforms:
        yield Finding("ok", f"{platform} webhook", f"{settings.url}/webhooks/{platform}")
    if is_loopback(settings.url) and any(
        not is_loopback(getattr(settings, f"{p}_api_base")) for p in settings.platforms
    ):
        mend = "set ARIGATO_PUBLIC_URL to your https address, or use Socket Mode and polling"
        yield Finding("warn", "public address", f"{settings.url} cannot be reached from outside", mend)


def operators(settings: Settings) -> Iterator[Finding]:
    if len(settings.operator_addresses) == 1:
        mend = "add a second person to ARIGATO_OPERATORS: above 100,000 yen two of them have to agree"
        yield Finding("warn", "operators", "1", mend)
    elif settings.operator_addresses:
        yield Finding("ok", "operators", str(len(settings.operator_addresses)))
    else:
        yield Finding("warn", "operators", "nobody can moderate", "set ARIGATO_OPERATORS, e.g. telegram:4242")


def database(settings: Settings) -> Iterator[Finding]:
    file = make_url(settings.database_url).database or ""
    if settings.database_url.startswith("sqlite") and file and not Path(file).exists():
        # Opening it would make an empty one: a look changes nothing.
        yield Finding("bad", "database", f"{file} is not there yet", "run `arigato migrate`")
        return
    try:
        engine = open_database(settings.database_url)
        with engine.connect() as connection:
            current = is_current(engine)
            recovery = modes.recovery(connection) if current else None
    except (SQLAlchemyError, OSError) as error:
        first = str(error).splitlines()[0]
        yield Finding("bad", "database", first, "check ARIGATO_DATABASE_URL and that the server runs")
        return
    if current:
        yield Finding("ok", "database", f"{engine.dialect.name}, migrated")
    else:
        yield Finding("bad", "database", f"{engine.dialect.name}, not migrated", "run `arigato migrate`")
    if recovery:
        yield Finding("bad", "recovery mode", modes.told(recovery), "look at the data, then `arigato resume`")
    if current:
        yield money(settings, engine)
        yield from lately(engine)


def money(settings: Settings, engine: Engine) -> Finding:
    """As the next start will see it."""
    with engine.connect() as connection:
        problem = money_kind.problem(connection, settings, clock.now())
    ours = money_kind.money_of(settings)
    if problem:
        return Finding("bad", "kind of money", problem, "see docs/operating.md, Money")
    return Finding("ok", "kind of money", ours)


def lately(engine: Engine) -> Iterator[Finding]:
    """What the provider's books say otherwise, and when we were last down."""
    with engine.connect() as connection:
        within_the_hour = security.by_reason(connection, clock.now() - limits.ALARM_WITHIN)
        yield refused(within_the_hour)
        yield from unread(within_the_hour)
        yield from what_was_given_up(connection, clock.now() - timedelta(days=1))
        differing = exceptions.still_open(connection)
        down = outages.last(connection)
        beside = releases.older_serves(connection)
    if beside:
        found = f"processes of {releases.BEFORE} may still be running: some features wait for their end"
        yield Finding("warn", "upgrade", found, "end them; the clock sees it within half a minute")
    for row in differing:
        amounts = f"{row.ours:,} yen here, {row.theirs:,} there"
        found = f"{row.kind}: {row.subject}, {amounts}, since {row.since:%Y-%m-%d %H:%M} UTC"
        yield Finding("bad" if row.confirmed_at else "warn", "money", found, "see `arigato reconcile`")
    if down:
        unfinished = "" if down.made_up_at else ", deadlines not yet moved on"
        found = f"{down.begun:%Y-%m-%d %H:%M} to {down.ended:%Y-%m-%d %H:%M} UTC{unfinished}"
        yield Finding("warn" if unfinished else "ok", "last outage", found, "start the clock" if unfinished else "")


def what_was_given_up(connection: Connection, since: datetime) -> Iterator[Finding]:
    """What we could not say, and what we could not work through."""
    messages = given_up.messages(connection, since)
    told = in_short({reason: times for reason, times in messages.items() if reason != NO_FORM})
    mend = "see the log, and docs/operating.md, What was given up"
    yield (
        Finding("warn", "given up within a day", told, mend)
        if told
        else Finding("ok", "given up within a day", "nothing")
    )
    events = given_up.peoples(connection, since)
    if events:
        yield Finding("warn", "events parked within a day", f"{events:,}", mend)
    for each in given_up.providers(connection):
        found = f"{each.event_id}: {each.error}, since {each.received_at:%Y-%m-%d %H:%M} UTC"
        yield Finding("bad", f"parked event of {each.provider}", found, mend)


def in_short(by_reason: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {times:,}" for reason, times in list(by_reason.items())[:REASONS_SHOWN])


def refused(by_reason: Mapping[str, int]) -> Finding:
    """Within the hour."""
    at_doors = {reason: times for reason, times in by_reason.items() if reason not in limits.NOT_DONE}
    told = in_short(at_doors)
    if any(times > limits.alarm(reason) for reason, times in at_doors.items()):
        return Finding("warn", "refused within the hour", told, "see /security, and docs/operating.md")
    return Finding("ok", "refused within the hour", told or "nothing")


def unread(by_reason: Mapping[str, int]) -> Iterator[Finding]:
    """Whether anything differs is not known."""
    times = by_reason.get(limits.BOOKS_UNREAD, 0)
    if times:
        level = "bad" if times > limits.alarm(limits.BOOKS_UNREAD) else "warn"
        found = f"could not be read within the hour: {times:,} times"
        yield Finding(level, "the provider's books", found, "run `arigato reconcile`: it says why")


def ask(settings: Settings) -> Iterator[Finding]:
    from app import bot_for  # noqa: PLC0415 - the SDKs take seconds to import; only the live questions need them

    levels = {"ok": "ok", "warning": "warn", "error": "bad"}
    for platform in settings.platforms:
        bot = bot_for(platform, settings)
        for finding in bot.examine():
            yield Finding(levels[finding.level], f"{platform} {finding.subject}", finding.message)
        bot.close()
