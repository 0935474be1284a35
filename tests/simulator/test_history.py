"""Histories: one seed makes one history, and what is broken on purpose is found."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from bots.ports import Sent
from cli import app
from conversations.messages import Arrived, File
from engine import ledger
from house import Patience
from simulator import acting, database, deciding, faults, history, judge, report, restoring, system
from simulator.database import Place
from simulator.faults import KINDS, Broken
from simulator.finish import finish
from simulator.play import played
from simulator.prologue import prologue
from storage import modes, outbox, tables, timers
from storage.prepared import Prepared

SEEDS = range(1, 11)
OPERATIONS = 120
# Soon among them: a history in which a stage is left before its time.
LIKELY = range(24, 64)
TOLD = "from simulator import database, history; print(history.run(database.Memory(), 7, 150).hash)"


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    made = database.Memory()
    yield made
    made.close()


def first_violation(place: Place, rule: str, seeds: range = range(1, 40)) -> str:
    """What is said of the first history that breaks this rule, "" if none does."""
    for seed in seeds:
        violation = history.run(place, seed, OPERATIONS).violation
        if violation and violation.rule == rule:
            return violation.what
    return ""


@pytest.mark.parametrize("seed", SEEDS)
def test_history_keeps_every_promise(place: Place, seed: int) -> None:
    result = history.run(place, seed, OPERATIONS)

    assert result.violation is None
    assert result.operations >= OPERATIONS


def test_history_is_the_same_for_the_same_seed(place: Place) -> None:
    first, second, other = (history.run(place, seed, 150) for seed in (7, 7, 8))

    assert (first.hash, first.steps) == (second.hash, second.steps)
    assert first.hash != other.hash


@pytest.mark.slow
def test_history_is_the_same_in_another_process(place: Place) -> None:
    # Sets of words come in another order there.
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}

    told = subprocess.run([sys.executable, "-c", TOLD], env=environment, capture_output=True, text=True, check=True)

    assert told.stdout.strip() == history.run(place, 7, 150).hash


@pytest.mark.slow
@pytest.mark.postgres
def test_history_is_played_on_postgres(postgres_url: str) -> None:
    server = database.Server(postgres_url)
    try:
        result = history.run(server, 3, OPERATIONS)
    finally:
        server.close()

    assert result.violation is None


def test_a_platform_that_breaks_off_keeps_nobody_waiting(place: Place) -> None:
    with played(place, 1) as play:
        play.faults.rates = {**dict.fromkeys(KINDS, 0.0), "platform breaks off": 1.0}
        for person in play.people:
            play.say(person, Arrived())
            play.say(person, File("logo.png", "reference"))

        for _ in range(4 * len(play.people)):
            play.take(1, system.work)
        joined = place.ask("SELECT COUNT(*) FROM users")
        waiting = place.ask("SELECT COUNT(*) FROM inbox WHERE state <> 'done'")

    assert (joined, waiting) == ([(len(play.people),)], [(0,)])
    assert play.faults.counts["platform breaks off"] > 0


# -- broken on purpose


def test_money_that_moves_twice_is_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fund = ledger.fund
    monkeypatch.setattr(ledger, "fund", lambda *facts: fund(*facts) * 2)

    assert "Conflict" in first_violation(place, "error", range(1, 8))


def test_a_loss_that_is_booked_with_another_sum_is_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    loss = ledger.loss
    monkeypatch.setattr(ledger, "loss", lambda contract, amount, provider: loss(contract, amount - 1, provider))

    with played(place, 1) as play:
        play.take(-1, prologue)
        play.take(1, deciding.take_back)
        [name] = play.bank.chargebacks
        play.bank.decide(name, "lost")
        with pytest.raises(Broken, match="'kind': 'amount'"):
            play.take(2, finish)


def test_a_connection_that_is_kept_is_found(place: Place) -> None:
    with played(place, 1) as play, place.engine.connect(), pytest.raises(Broken) as broken:
        play.be_quiet(judge.quiet)

    assert broken.value.rule == "LV4"


def test_timers_that_are_not_forgotten_are_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "clock_names", lambda _noun: ())

    assert "timer" in first_violation(place, "T1", LIKELY)


@pytest.mark.slow
def test_claims_that_anybody_settles_are_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    nobodys = update(tables.outbox).where(tables.outbox.c.id == -1)
    monkeypatch.setattr(outbox, "FINISH", Prepared(nobodys, ("state",)))

    assert first_violation(place, "D6") != ""


def test_messages_that_are_never_sent_are_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "retry", lambda row, *_: outbox.sent(row, row.created_at))

    assert "has not seen it" in first_violation(place, "D5")


def test_a_wait_that_is_not_kept_is_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patience, "back_off", lambda _patience, _attempts: 0)
    sent = Sent.__init__

    def hasty(self: Sent, *arguments: object, **more: object) -> None:
        sent(self, *arguments, **more)  # type: ignore[arg-type] # handed on as they came
        object.__setattr__(self, "not_before_seconds", 0)

    monkeypatch.setattr(Sent, "__init__", hasty)

    assert "before it allowed to" in first_violation(place, "D7")


@pytest.mark.slow
def test_a_failing_history_is_made_shorter(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "clock_names", lambda _noun: ())
    failed = next(r for r in (history.run(place, seed, OPERATIONS) for seed in LIKELY) if r.violation)

    shortest = history.shrunk(place, failed, OPERATIONS, seconds=3)
    again = history.run(place, shortest.seed, OPERATIONS, [number for number, _ in shortest.steps])

    assert failed.violation is not None
    assert again.violation is not None
    assert again.violation.rule == failed.violation.rule
    assert len(shortest.steps) < len(failed.steps)


# -- the command


def test_simulate_says_one_json_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARIGATO_JSON", "1")

    result = CliRunner().invoke(app, ["simulate", "--seeds", "2", "--operations", "60"])

    told = json.loads(result.stdout.strip().splitlines()[-1])
    assert result.exit_code == 0
    assert (told["seeds"], told["violations"]) == (2, [])
    assert told["operations"] >= 120
    assert set(told["faults"]) == set(KINDS)
    assert set(report.points()) <= set(told["sometimes"])


def test_faults_are_all_drawn_by_some_seed() -> None:
    drawn = [faults.drawn(Random(seed)) for seed in range(20)]

    assert {kind for rates in drawn for kind, rate in rates.items() if rate} == set(KINDS)


def restored(place: Place) -> None:
    """A backup is restored in the middle of a history, and the product goes on by itself."""
    with played(place, 3) as play:
        play.faults.off = True
        for number, act in enumerate((prologue, restoring.back_up, acting.menu_word, restoring.restore)):
            play.take(number, act)
        for number in range(4, 8):
            play.take(number, acting.menu_word)
            play.take(number, system.keep_up)
            play.take(number, system.ring)


def test_restored_copy_says_nothing(place: Place) -> None:
    restored(place)


def test_copy_that_does_not_know_it_is_one_is_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "restored", lambda *_: ())

    with pytest.raises(Broken) as broken:
        restored(place)

    assert broken.value.rule == "F33"


def test_books_that_were_broken_are_mended_and_resumed(place: Place) -> None:
    with played(place, 1) as play:
        play.faults.off = True
        for number, act in enumerate((prologue, restoring.break_books, system.keep_up, restoring.look_and_resume)):
            play.take(number, act)

        met = [point for point in play.sometimes if point.startswith("recovery")]

    assert met == ["recovery: broken books", "recovery: resumed"]
