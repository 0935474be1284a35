"""The kind of money: a database keeps to one while anything is open in it. Who paid with pretend or test money would be
paid out in real money otherwise."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine

from settings import LIVE_KEYS, Settings, WrongSettings, variable
from storage import database, modes, money_kind, order

PRETEND, STRIPE, TEST, LIVE = "pretend", "stripe", "stripe test", "stripe live"
PAYMENTS, KEY = variable("payments"), variable("stripe_secret_key")
# Which variable says so, and how it is set back.
SET_BACK: Mapping[str, str] = {
    PRETEND: f"{PAYMENTS}=pretend",
    STRIPE: f"{PAYMENTS}=stripe",
    TEST: f"{PAYMENTS}=stripe and the test key in {KEY}",
    LIVE: f"{PAYMENTS}=stripe and the live key in {KEY}",
}


def money_of(settings: Settings) -> str:
    if settings.payments != STRIPE:
        return settings.payments
    return LIVE if settings.stripe_secret_key.startswith(LIVE_KEYS) else TEST


def problem(connection: Connection, settings: Settings, now: datetime) -> str:
    """Why this money may not be taken in this database, in a sentence or two; "" if it may."""
    ours, kept = money_of(settings), money_kind.kept(connection)
    if kept is None or kept.money == ours or (kept.since is None and kept.money == settings.payments):
        return ""
    named = PAYMENTS if kept.money.partition(" ")[0] != settings.payments else KEY
    still = ", ".join(f"{name} {count:,}" for name, count in money_kind.still_open(connection).items())
    if still:
        return (
            f"{named} says {ours}, but what is open in this database is {kept.money} money ({still}) and would be paid "
            f"out as {ours} money. Set {SET_BACK.get(kept.money, kept.money)} until all of it is settled, or name "
            f"another database in {variable('database_url')}."
        )
    if money_kind.at_work(connection, now) or (kept.since and abs(now - kept.since) < money_kind.QUIET):
        seconds = money_kind.QUIET.total_seconds()
        return (
            f"{named} says {ours}, but processes with {kept.money} money were at work here a moment ago. Stop all of "
            f"them, and start anew {seconds:.0f} seconds later."
        )
    return ""


def insist(connection: Connection, settings: Settings, now: datetime) -> None:
    """Raises WrongSettings."""
    wrong = problem(connection, settings, now)
    if wrong:
        raise WrongSettings([wrong])


def keep(engine: Engine, settings: Settings, now: datetime) -> None:
    """Whoever begins to work marks the database with their money, also if it is in that already: until their first beat
    nothing else is heard of them. Raises WrongSettings if it is in another."""
    with database.begin(engine) as connection:
        order.hold(connection, [("money",)])
        insist(connection, settings, now)
        modes.put(connection, modes.MONEY, money_of(settings), now)


class AnotherMoney(Exception):
    """The database was taken in another money than that of a process that is still at work."""


def left_behind(connection: Connection, settings: Settings) -> str:
    """Why this process may not go on, in a sentence; "" if it may."""
    ours, marked = money_of(settings), modes.named(connection, modes.MONEY)
    if marked in ("", ours):
        return ""
    return f"the database is in {marked} money now, and this process in {ours}: it does nothing any more, stop it"


def look(connection: Connection, settings: Settings) -> None:
    """With each beat of whoever is at work. Raises AnotherMoney."""
    problem = left_behind(connection, settings)
    if problem:
        raise AnotherMoney(problem)
