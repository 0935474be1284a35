"""Errands to payment providers: claimed by one, settled only by who holds the claim, asked again while unsure."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from engine.ports import Operation
from payments.ports import CURRENCY, Done, Failed, Unsure
from storage import operations, tables
from storage.database import begin, open_database
from tests.builders import MONDAY

MINUTE = timedelta(minutes=1)
ERRAND = Operation("collect", "collect-1", "pretend", 11_000, 1)


@pytest.fixture
def planned(database: Engine) -> Engine:
    with begin(database) as connection:
        operations.plan(connection, [(ERRAND, "cause")], MONDAY)
    return database


def claim(database: Engine, now: timedelta = timedelta(0)) -> list[operations.Row]:
    with begin(database) as connection:
        return operations.claim(connection, MONDAY + now, 10, 30, money="pretend")


def test_errand_is_claimed_once(planned: Engine) -> None:
    (row,) = claim(planned)

    assert (row.kind, row.key, row.provider, row.amount, row.thing_id) == ("collect", "collect-1", "pretend", 11_000, 1)
    assert claim(planned) == []


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (Done(11_000, "jpy", "ref", "https://x.example"), "done", "ref"),
        (Failed("no"), "failed", "no"),
        (Unsure("?"), "ambiguous", "?"),
    ],
)
def test_answer_is_written_back(planned: Engine, answer: object, state: str, words: str) -> None:
    (row,) = claim(planned)

    with begin(planned) as connection:
        assert operations.settle(connection, [(row, answer, MONDAY + MINUTE)])
        kept = connection.execute(select(tables.operations.c.state, tables.operations.c.answer)).one()

    assert tuple(kept) == (state, words)


def test_unsure_errand_is_asked_again_later(planned: Engine) -> None:
    (row,) = claim(planned)
    with begin(planned) as connection:
        operations.settle(connection, [(row, Unsure("timeout"), MONDAY + MINUTE)])

    early, later = claim(planned), claim(planned, MINUTE)

    assert early == []
    assert [(r.key, r.attempts) for r in later] == [("collect-1", 2)]


def test_settled_errand_is_never_claimed_again(planned: Engine) -> None:
    (row,) = claim(planned)
    with begin(planned) as connection:
        operations.settle(connection, [(row, Done(30_000, CURRENCY, "ref"), MONDAY)])

    assert claim(planned, timedelta(days=365)) == []


def test_lost_claim_changes_nothing(planned: Engine) -> None:
    (old,) = claim(planned)
    (new,) = claim(planned, MINUTE)

    with begin(planned) as connection:
        written = [
            operations.settle(connection, [answer])
            for answer in ((old, Failed("late"), MONDAY), (new, Done(30_000, CURRENCY, "ref"), MONDAY))
        ]

    assert written == [0, 1]


@pytest.mark.postgres
def test_two_workers_never_claim_one_errand(postgres_url: str) -> None:
    database = open_database(postgres_url)
    with begin(database) as connection:
        operations.plan(connection, [(ERRAND, "cause")], MONDAY)

    with begin(database) as first, begin(database) as second:
        claims = [len(operations.claim(c, MONDAY, 10, 30, money="pretend")) for c in (first, second)]
    database.dispose()

    assert claims == [1, 0]
