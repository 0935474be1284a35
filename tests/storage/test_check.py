"""The check sees each kind of corruption, and nothing in a healthy database."""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, CreateTableAs, Engine, insert, select

from conversations.messages import Message, Outgoing, Recipient
from engine import calendar, limits
from engine.contracts import Contract, Hire
from engine.deliveries import RequestChanges
from engine.endings import AgreeEnding, ProposeEnding
from engine.jobs import HoldJob, Job, PostJob
from engine.links import ConfirmLink, LinkOffered, OfferLink, UseCode
from engine.payouts import ConfirmPayout, FailPayout, Payout
from engine.ports import NOBODY
from engine.thanks import SayThanks
from storage import check as checking
from storage import schema, tables
from storage.check import check, questions
from storage.database import open_database
from tests import builders, empty
from tests.builders import MONDAY, Market


def story(database: Engine) -> Market:
    """A market with contracts in many stages, and money in most places it can be."""
    market = Market(database, operators=frozenset({("line", "", "operator")}))
    doubtful = builders.post(market, builders.join(market, "author"))
    market.do(HoldJob(by=builders.join(market, "operator").id, job_id=doubtful.id, reason="to be looked at"))
    paid = builders.pay_out(market, builders.accepted(market))
    market.do(ConfirmPayout(by=NOBODY, payout_id=market.kept(Payout).id))
    market.do(SayThanks(by=paid.client_id, contract_id=paid.id, words="", tip=100))
    running = another(market, "b")
    builders.deliver(market, running)
    waiting = another(market, "c", funded=False)
    assert waiting.id != running.id
    market.do(builders.review(paid.client_id, paid.id))
    linked(market, paid.worker_id)
    builders.refuse_refund(market, running)
    return market


def linked(market: Market, user_id: int) -> None:
    told = market.do(OfferLink(by=user_id)).events[0]
    assert isinstance(told, LinkOffered)
    second = builders.join(market, "phone", "telegram")
    market.do(UseCode(by=second.id, code=told.code.replace("-", "")))
    for by in (second.id, user_id):
        market.do(ConfirmLink(by=by, link_id=told.link.id))


def another(market: Market, who: str, *, funded: bool = True) -> Contract:
    client, worker = builders.join(market, f"client-{who}"), builders.join(market, f"worker-{who}")
    due = calendar.local_day(market.now) + timedelta(days=9)
    market.do(PostJob(by=client.id, title=f"job {who}", description="", price=50_000, due=due))
    application = builders.apply(market, worker, market.kept(Job), 50_000)
    market.do(Hire(by=client.id, application_id=application.id))
    contract = market.kept(Contract)
    if not funded:
        builders.agree(market, contract)
        return contract
    return builders.fund(market, contract)


def test_healthy_market_has_no_violation(database: Engine) -> None:
    story(database)

    with database.connect() as connection:
        assert check(connection) == []


def test_contract_ended_early_has_no_violation(database: Engine) -> None:
    market = Market(database)
    contract = builders.fund(market, builders.hire(market))
    market.do(ProposeEnding(by=contract.client_id, contract_id=contract.id, percent=50))

    market.do(AgreeEnding(by=contract.worker_id, contract_id=contract.id))

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


def tampered(connection: Connection, damage: str) -> set[str]:
    """The rules found broken after this damage, done past every guard the database has."""
    unguard(connection)
    for statement in filter(None, map(str.strip, damage.split(";"))):
        connection.exec_driver_sql(statement.replace("%", "%%" if connection.dialect.name == "postgresql" else "%"))
    return {violation.rule for violation in check(connection)} - {"M11"}


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
    """Those of corruptions.sql: a comment with the rule, then the damage."""
    written = Path(__file__).with_name("corruptions.sql").read_text(encoding="utf-8")
    return re.findall(r"^-- ([A-Z]+\d+)\n((?:(?!--).*\n)+)", written, re.MULTILINE)


@pytest.mark.parametrize(("rule", "damage"), corruptions())
def test_corruption_is_found(hurt: Connection, rule: str, damage: str) -> None:
    found = tampered(hurt, damage)

    assert rule in found


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


@pytest.mark.parametrize(
    ("rule", "damage"),
    [("D3", overtaken_event), ("D3", overtaken_letter), ("D5", given_up_in_silence), ("A7", heard_too_often)],
)
def test_disorder_is_found(hurt: Connection, rule: str, damage: Callable[[Connection], None]) -> None:
    damage(hurt)

    assert [violation.rule for violation in check(hurt)] == [rule]


@pytest.mark.parametrize(
    ("rule", "table", "key"),
    [
        ("D1", "inbox", "platform_tenant_event_id"),
        ("A1", "addresses", "platform_tenant_outside_id"),
        ("A6", "reviews", "contract_id_by_id"),
    ],
)
def test_duplicate_is_found(hurt: Connection, rule: str, table: str, key: str) -> None:
    hurt.execute(insert(tables.inbox), event("1", "new"))
    without_key(hurt, table, key)
    kept = tables.metadata.tables[table]
    twins = select(kept.c.id + 100_000, *(c for c in kept.c if c is not kept.c.id))
    hurt.execute(insert(kept).from_select(list(kept.c), twins))

    found = [v.what for v in check(hurt) if v.rule == rule]

    assert any("times 2" in what for what in found)
    assert any("may hold the same" in what for what in found)


def without_key(connection: Connection, table: str, key: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT uq_{table}_{key}")
        return
    # SQLite drops no constraint: a table made of rows has none.
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    connection.execute(CreateTableAs(select(tables.metadata.tables[table]), "bare"))
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE bare RENAME TO {table}")
