"""A database keeps to one money: nobody is paid out in real money for what was paid in with pretend or test money."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from typer.testing import CliRunner

import app
import cli
import clock
import money_kind
import recovery
from engine.contracts import Contract
from engine.payments import ConfirmPayment
from engine.payouts import ConfirmPayout, Payout
from engine.ports import NOBODY
from house import Bell, House
from payments.ports import CURRENCY, Done
from settings import WrongSettings
from storage import beats, operations
from storage import money_kind as stored
from storage.backup import restore
from storage.chain import DEMO_KEY
from storage.database import begin, open_database
from storage.tables import modes
from storage.tables import operations as operations_table
from tests import builders, empty
from tests.builders import MONDAY, Market
from tests.storage.copies import backed_up, opened, silent
from tests.storage.monies import EMULATED, settings

LATER = MONDAY + timedelta(minutes=1)


def refusal(engine: Engine, money: str) -> str:
    """Why the next start is refused, "" if it is not."""
    try:
        money_kind.keep(engine, settings(money), LATER)
    except WrongSettings as wrong:
        [problem] = wrong.problems
        return problem
    return ""


def kept(engine: Engine) -> str:
    with engine.connect() as connection:
        found = stored.kept(connection)
    return found.money if found else ""


def answer_errands(market: Market) -> None:
    money = kept(market.engine)
    with begin(market.engine) as connection:
        rows = operations.claim(connection, market.now, 99, 1, money=money)
        operations.settle(connection, [(row, Done(row.amount, CURRENCY, row.key), market.now) for row in rows])


def funded(engine: Engine) -> None:
    market = Market(engine)
    builders.fund(market, builders.hire(market))
    answer_errands(market)


@pytest.mark.parametrize(
    ("before", "after", "variable", "back"),
    [
        ("pretend", "stripe live", "ARIGATO_PAYMENTS", "ARIGATO_PAYMENTS=pretend"),
        ("pretend", "stripe test", "ARIGATO_PAYMENTS", "ARIGATO_PAYMENTS=pretend"),
        ("stripe test", "stripe live", "ARIGATO_STRIPE_SECRET_KEY", "the test key in ARIGATO_STRIPE_SECRET_KEY"),
        ("stripe live", "stripe test", "ARIGATO_STRIPE_SECRET_KEY", "the live key in ARIGATO_STRIPE_SECRET_KEY"),
        ("stripe live", "pretend", "ARIGATO_PAYMENTS", "the live key in ARIGATO_STRIPE_SECRET_KEY"),
    ],
)
def test_what_was_paid_in_one_money_is_not_carried_on_in_another(
    database: Engine, before: str, after: str, variable: str, back: str
) -> None:
    money_kind.keep(database, settings(before), MONDAY)
    funded(database)

    told, same = refusal(database, after), refusal(database, before)

    assert told.startswith(
        f"{variable} says {after}, but what is open in this database is {before} money (yen held 11,000)"
    )
    assert told.partition(" until all of it is settled")[0].endswith(back)
    assert (same, kept(database)) == ("", before)


@pytest.mark.parametrize(("before", "after"), [("pretend", "stripe live"), ("stripe test", "stripe live")])
def test_an_empty_database_is_free_to_change(database: Engine, before: str, after: str) -> None:
    money_kind.keep(database, settings(before), MONDAY)

    told = refusal(database, after)

    assert (told, kept(database)) == ("", after)


def test_a_database_is_free_when_all_of_it_is_settled_and_not_before(database: Engine) -> None:
    market, told = Market(database), []
    money_kind.keep(database, settings("pretend"), MONDAY)

    def look() -> None:
        told.append(refusal(database, "stripe live").partition("(")[2].partition(")")[0])

    payment = builders.agree(market, builders.hire(market))
    look()
    market.do(ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=payment.amount, reference="arrived-1"))
    answer_errands(market)
    contract = builders.accept(market, builders.deliver(market, market.kept(Contract)))
    look()
    builders.pay_out(market, contract)
    look()
    answer_errands(market)
    look()
    market.do(ConfirmPayout(by=NOBODY, payout_id=market.kept(Payout).id))
    look()

    assert told == [
        "errands under way 1, payments asked for 1",
        "yen held 8,580",
        "errands under way 1, payouts under way 1",
        "payouts under way 1",
        "",
    ]
    assert kept(database) == "stripe live"


def test_of_books_older_than_the_mark_the_last_errand_tells(database: Engine) -> None:
    funded(database)

    told = refusal(database, "stripe live")
    unchanged = kept(database)

    assert told.startswith("ARIGATO_PAYMENTS says stripe live, but what is open in this database is pretend money")
    assert (unchanged, refusal(database, "pretend")) == ("pretend", "")


def test_of_books_older_than_the_mark_the_key_is_believed(database: Engine) -> None:
    funded(database)
    with begin(database) as connection:
        connection.execute(update(operations_table).values(provider="stripe"))

    told = [refusal(database, money) for money in ("pretend", "stripe test", "stripe live")]

    assert [bool(each) for each in told] == [True, False, True]
    assert "Set ARIGATO_PAYMENTS=stripe until" in told[0]


@pytest.mark.parametrize(("seconds", "free"), [(1, False), (-1, False), (6, True)])
def test_nobody_changes_the_money_of_processes_that_are_at_work(database: Engine, seconds: int, free: bool) -> None:
    money_kind.keep(database, settings("pretend"), MONDAY)
    with begin(database) as connection:
        beats.beat(connection, "clock", LATER - timedelta(seconds=seconds))

    told = refusal(database, "stripe live")

    assert (told == "") == free
    assert free or "Stop all of them" in told


def test_of_two_that_start_at_once_with_different_money_one_is_refused(engine_url: str, tmp_path: Path) -> None:
    engine = open_database(empty.at(tmp_path / "market.db") if engine_url == "sqlite://" else engine_url)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda money: refusal(engine, money), ["pretend", "stripe live"] * 2))

    engine.dispose()
    assert sorted(map(bool, told)) == [False, False, True, True]


def test_a_copy_knows_which_money_it_is_in(url: str, tmp_path: Path) -> None:
    with opened(url) as engine:
        money_kind.keep(engine, settings("stripe live"), MONDAY)
        funded(engine)
    file = backed_up(url, tmp_path)
    with opened(url) as engine, begin(engine) as connection:
        connection.execute(modes.delete())

    restore(file, url, clock.now(), DEMO_KEY, silent, overwrite=True)

    with opened(url) as engine:
        assert refusal(engine, "pretend").startswith("ARIGATO_PAYMENTS says pretend")
        house = House(engine, settings("pretend"), {}, {}, clock.now, Bell(), lambda *_: None)
        with pytest.raises(WrongSettings, match="ARIGATO_PAYMENTS"):
            recovery.plan(house, [])


def test_every_start_that_takes_money_is_refused(tmp_path: Path) -> None:
    url = empty.at(tmp_path / "market.db")
    pretend, live = (settings(money, database_url=url, **EMULATED) for money in ("pretend", "stripe live"))
    house = app.build(pretend)
    funded(house.database)
    house.database.dispose()

    for start in (app.build, app.bare):
        with pytest.raises(WrongSettings, match="yen held 11,000"):
            start(live)


def test_the_commands_say_what_to_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    url = empty.at(tmp_path / "market.db")
    with opened(url) as engine:
        money_kind.keep(engine, settings("stripe live"), MONDAY)
        funded(engine)
    variables = {"ARIGATO_DATABASE_URL": url, **{f"ARIGATO_{name.upper()}": value for name, value in EMULATED.items()}}

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli.app, words, env={**variables, "COLUMNS": "200"})
        return done.exit_code, " ".join(done.output.split())

    said = {command: run(command) for command in ("serve", "reconcile", "seed")}
    status, findings = run("doctor", "--offline")

    assert [(status, "the live key in ARIGATO_STRIPE_SECRET_KEY" in words) for status, words in said.values()] == [
        (1, True)
    ] * 3
    assert status == 1
    assert "kind of money" in findings
