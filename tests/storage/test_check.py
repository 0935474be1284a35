"""The check sees each kind of corruption, and nothing in a healthy database."""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, CreateTableAs, Engine, insert, select

from conversations.messages import Message, Outgoing, Recipient
from engine import ledger, limits
from engine.contracts import Contract
from engine.deliveries import RequestChanges
from engine.ledger import Transfer
from engine.payouts import FailPayout, Payout
from engine.ports import NOBODY
from storage import check as checking
from storage import schema, tables
from storage.check import check, questions
from storage.database import open_database
from tests import builders, empty
from tests.builders import MONDAY, Market
from tests.storage.eventful import came_back, ended, story


def test_healthy_market_has_no_violation(database: Engine) -> None:
    story(database)

    with database.connect() as connection:
        assert check(connection) == []


def test_contract_ended_early_has_no_violation(database: Engine) -> None:
    market = Market(database)

    ended(market, builders.fund(market, builders.hire(market)))

    with database.connect() as connection:
        assert check(connection) == []


def test_payout_sent_back_has_no_violation(database: Engine) -> None:
    market = Market(database)
    builders.pay_out(market, builders.accepted(market))

    market.do(FailPayout(by=NOBODY, payout_id=market.kept(Payout).id))

    with database.connect() as connection:
        assert check(connection) == []


def test_silence_has_no_violation(database: Engine) -> None:
    """Every reminder and deadline fires, up to the payout of work that was accepted by silence."""
    market = Market(database)
    contract = builders.deliver(market, builders.fund(market, builders.hire(market)))
    market.do(RequestChanges(by=contract.client_id, contract_id=contract.id, reason="in blue"))
    builders.deliver(market, contract)

    for _ in range(20):
        market.now += timedelta(hours=18)
        market.ring()

    assert market.kept(Contract).stage == "paid_out"


def test_every_question_is_read() -> None:
    written = Path(checking.__file__).with_name("checks.sql").read_text(encoding="utf-8")

    assert len(questions()) == written.count(";\n") == len(re.findall(r"^-- [A-Z]+\d", written, re.MULTILINE))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def told(request: pytest.FixtureRequest) -> Iterator[Market]:
    """A market in which much has happened, for all the damage below: none of it is committed."""
    if request.param == "sqlite":
        engine = empty.in_memory()
        yield story(engine)
        engine.dispose()
        return
    server = request.getfixturevalue("postgres")
    database = empty.made(server, server.template)
    engine = open_database(empty.plain(database.url))
    yield story(engine)
    engine.dispose()
    database.drop()


@pytest.fixture
def hurt(told: Market) -> Iterator[Connection]:
    """A transaction to do damage in; at the end it never was."""
    with told.engine.connect() as connection:
        yield connection
        connection.rollback()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")


def tampered(connection: Connection, damage: str) -> list[str]:
    """What is found after this damage, done past every guard the database has."""
    unguard(connection)
    for statement in filter(None, map(str.strip, damage.split(";"))):
        connection.exec_driver_sql(statement.replace("%", "%%" if connection.dialect.name == "postgresql" else "%"))
    return found(connection)


def found(connection: Connection) -> list[str]:
    """Each violation, beginning with the rule and what was promised."""
    return [str(violation).replace(": not true: ", ": ", 1) for violation in check(connection)]


def unguard(connection: Connection) -> None:
    """Without triggers, checks and references."""
    sqlite = connection.dialect.name == "sqlite"
    for table in schema.APPEND_ONLY:
        for act in schema.acts(connection.dialect.name):
            connection.exec_driver_sql(
                f"DROP TRIGGER {schema.trigger_name(table, act)}{'' if sqlite else f' ON {table}'}"
            )
    if sqlite:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        return
    for table, name in (("transfers", "amount"), ("transfers", "two_accounts"), ("accounts", "floor")):
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}")


def corruptions() -> list[tuple[str, str]]:
    """Those of corruptions.sql: a comment with the question, or with the rule alone if Python asks; then the damage."""
    written = Path(__file__).with_name("corruptions.sql").read_text(encoding="utf-8")
    return re.findall(r"^-- ([A-Z]+\d+:.*)\n((?:(?!--).*\n)+)", written, re.MULTILINE)


@pytest.mark.parametrize(("promise", "damage"), corruptions())
def test_corruption_is_found(hurt: Connection, promise: str, damage: str) -> None:
    seen = tampered(hurt, damage)

    assert any(each.startswith(promise) for each in seen)


def test_every_question_sees_some_damage() -> None:
    tried = {
        *(promise for promise, _ in corruptions()),
        *(promise for promise, _ in DISORDER),
        *(row[0] for row in TWINS),
    }

    assert {promise for promise in tried if not promise.endswith(":")} == {
        f"{q.rule}: {q.promise}" for q in questions()
    }


@pytest.mark.parametrize("table", schema.APPEND_ONLY)
def test_missing_guard_is_found(hurt: Connection, table: str) -> None:
    where = "" if hurt.dialect.name == "sqlite" else f" ON {table}"

    hurt.exec_driver_sql(f"DROP TRIGGER {table}_refuse_update{where}")

    assert [(v.rule, v.what) for v in check(hurt)] == [("M11", f"{table} can be changed by UPDATE")]


def event(event_id: str, state: str) -> dict[str, object]:
    row = {"platform": "line", "tenant": "t", "conversation": "c", "body": b"", "attempts": 0, "error": ""}
    return {**row, "event_id": event_id, "state": state, "received_at": MONDAY}


def overtaken_event(connection: Connection) -> None:
    connection.execute(insert(tables.inbox), [event("1", "new"), event("2", "done")])


def heard_too_often(connection: Connection) -> None:
    rows = [{**event(str(number), "done"), "conversation": "line:t:c"} for number in range(limits.MESSAGES.most + 1)]
    connection.execute(insert(tables.inbox), rows)


def letter(state: str) -> dict[str, object]:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    row = {"platform": "line", "tenant": "t", "recipient": "a", "attempts": 0, "fence": 0, "error": "", "cause": ""}
    outgoing = Outgoing(Recipient("line", "t", "a"), Message("hello"))
    return {
        **row,
        "retry_key": uuid.uuid4(),
        "payload": repr(outgoing),
        "state": state,
        "not_before": at,
        "created_at": at,
    }


def overtaken_letter(connection: Connection) -> None:
    connection.execute(insert(tables.outbox), [letter("pending"), letter("sent")])


def given_up_in_silence(connection: Connection) -> None:
    connection.execute(insert(tables.outbox), letter("dead"))


DISORDER: tuple[tuple[str, Callable[[Connection], None]], ...] = (
    ("D3: in a conversation, nothing is worked through before what came earlier", overtaken_event),
    (
        "D3: to one person, nothing leaves before what was said earlier (what an erasure gives up never leaves)",
        overtaken_letter,
    ),
    ("D5: a message waits, was sent, or was given up for a reason", given_up_in_silence),
    (
        "A7: of one conversation no more is heard in a minute than the limit, since no release without it is at work",
        heard_too_often,
    ),
)
TWINS = (
    ("D1: an event of the outside is kept once", "inbox", "platform_tenant_event_id"),
    ("A1: an address belongs to one person", "addresses", "platform_tenant_outside_id"),
    ("A6: each side reviews a contract once", "reviews", "contract_id_by_id"),
)


@pytest.mark.parametrize(("promise", "damage"), DISORDER)
def test_disorder_is_found(hurt: Connection, promise: str, damage: Callable[[Connection], None]) -> None:
    damage(hurt)

    assert [each.startswith(promise) for each in found(hurt)] == [True]


@pytest.mark.parametrize(("promise", "table", "key"), TWINS)
def test_duplicate_is_found(hurt: Connection, promise: str, table: str, key: str) -> None:
    hurt.execute(insert(tables.inbox), event("1", "new"))
    without_key(hurt, table, key)
    kept = tables.metadata.tables[table]
    twins = select(kept.c.id + 100_000, *(c for c in kept.c if c is not kept.c.id))
    hurt.execute(insert(kept).from_select(list(kept.c), twins))

    seen = found(hurt)

    assert any(each.startswith(promise) and "times 2" in each for each in seen)
    assert any(each.startswith(f"{promise[:2]}: {table} may hold the same") for each in seen)


def without_key(connection: Connection, table: str, key: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT uq_{table}_{key}")
        return
    # SQLite drops no constraint: a table made of rows has none.
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    connection.execute(CreateTableAs(select(tables.metadata.tables[table]), "bare"))
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE bare RENAME TO {table}")


# -- a rule that is wrong writes books that are sound in themselves

A_STRANGER_IS_PAID = {
    "release": ["M15: a contract's money goes between its provider, its escrow, its worker and the house"],
    "tip": ["M15: a tip goes from the client's wallet or their provider to the contract's worker"],
    "payout_returned": [
        "M12: what comes back reverses one transfer that left: between the same accounts, as much, once",
        "M15: a payout's money goes from its worker's earnings to its provider, or comes back to them",
    ],
}


def astray(made: tuple[Transfer, ...]) -> tuple[Transfer, ...]:
    return tuple(replace(t, target="earnings:404") if t.target.startswith("earnings:") else t for t in made)


@pytest.mark.corrupts
@pytest.mark.parametrize("rule", A_STRANGER_IS_PAID)
def test_rule_that_pays_a_stranger_is_found(database: Engine, monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    right = getattr(ledger, rule)
    monkeypatch.setattr(ledger, rule, lambda *facts: astray(right(*facts)))
    market = Market(database)

    came_back(market, builders.accepted(market))

    with database.connect() as connection:
        assert [each.partition(" (")[0] for each in found(connection)] == A_STRANGER_IS_PAID[rule]
