"""A restored copy says nothing and pays nobody until it is resumed; nor do books that are broken."""

from datetime import timedelta
from pathlib import Path

import pytest

import app
import clock
import scheduler
from storage import ids, modes
from storage.backup import restore
from storage.chain import DEMO_KEY
from storage.check import check
from storage.database import begin, migrate
from storage.resume import CannotResume, waiting
from tests import builders
from tests.builders import Market
from tests.storage.copies import backed_up, opened, silent
from tests.storage.outside import Outside, resumed, say


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

    restore(file, url, clock.now(), DEMO_KEY, silent, overwrite=True)
    with opened(url) as engine:
        say(outside.house(engine, market.now), "said in the copy")
        for days in range(3):
            outside.turn(engine, market.now + timedelta(days=days))
        with engine.connect() as connection:
            freed = waiting(connection)
        assert (outside.bank.log, outside.phones.said, len(outside.bank.asked)) == (done, said, 1)
        assert (freed.stale, freed.messages, freed.errands) == (1, 1, 2)
        assert any("recovery mode" in problem for problem in app.unready(outside.house(engine, market.now)))

    resumed(outside, url)
    with opened(url) as engine:
        outside.turn(engine, market.now)
        with engine.connect() as connection:
            violations = check(connection)
    # The errand is asked again by its key, which the provider knows: nothing is paid a second time.
    assert (outside.bank.log, len(outside.bank.asked)) == (done, 2)
    assert outside.phones.said == [*said, "said in the copy"]
    assert violations == []


def test_what_two_copies_of_one_backup_give_away_has_different_numbers(url: str, tmp_path: Path) -> None:
    """The provider knows errands by them: it would take the second copy's for the first one's."""
    given = []
    with opened(url) as engine:
        market = Market(engine)
        builders.accepted(market)
        file = backed_up(url, tmp_path)
    for minutes in (0, 1):
        restore(file, url, market.now + timedelta(minutes=minutes), DEMO_KEY, silent, overwrite=True)
        with opened(url) as engine, begin(engine) as connection:
            given.append(ids.take_many(connection, 100))

    assert set(given[0]).isdisjoint(given[1])


def test_broken_books_stop_everything_until_they_are_sound(tmp_path: Path) -> None:
    url, outside = f"sqlite:///{tmp_path}/market.db", Outside()
    with opened(url) as engine:
        migrate(engine, clock.now())
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
            resumed(outside, url)
        with begin(engine) as connection:
            connection.exec_driver_sql("UPDATE accounts SET balance = balance - 1 WHERE path LIKE 'earnings:%'")
        resumed(outside, url)
        outside.turn(engine, market.now)
        assert len(outside.bank.log) == 1
