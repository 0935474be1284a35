"""F5 to F8, F10, F11, F29: the line to PostgreSQL is cut, silent or slow, or PostgreSQL says no."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import Connection as Driver
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

import app
import worker
from bench.stage import Stage, staged
from bots.ports import Received
from conversations.messages import Incoming, Text
from engine.contracts import Contract
from engine.payments import Payment
from payments import web as payments_web
from payments.ports import Notification
from storage import tables
from storage.check import check
from storage.database import LINE, is_away, open_database
from tests.attacks import server as servers
from tests.attacks.deals import OPERATORS
from tests.builders import MONDAY, PRICE, Market, agree, hire
from tests.faults import posting
from tests.faults.between import HOST, Between, between, silent

pytestmark = pytest.mark.postgres
WAITING = 20
WELCOME = 2  # messages to somebody new


@pytest.fixture
def line(postgres_url: str) -> Iterator[tuple[Between, str]]:
    """A line of our own to PostgreSQL, and the address at its near end."""
    address = make_url(postgres_url)
    with between(address.host or HOST, address.port or 5432) as (made, port):
        yield made, address.set(host=HOST, port=port).render_as_string(hide_password=False)


def comes(stage: Stage, words: str) -> None:
    """One event, kept and not yet worked through."""
    hanako = stage.person("line", "hanako", "Hanako")
    body = words.encode()
    stage.bots["line"].said[body] = Incoming(words, hanako.sender, Text(words), stage.clock.now())
    app.keep(stage.house, [("line", Received("tenant", words, "line:tenant:hanako", body))])


def worked(stage: Stage) -> None:
    while worker.work_inbox(stage.house):
        pass


def events(stage: Stage) -> list[tuple[str, int]]:
    with stage.engine.connect() as connection:
        return [(row.state, row.attempts) for row in connection.execute(select(tables.inbox))]


def count(stage: Stage, table: str) -> int:
    with stage.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(tables.metadata.tables[table])) or 0


@pytest.mark.parametrize("told", [False, True], ids=["before it was done", "after it was done"])
def test_f6_money_that_comes_while_the_line_is_cut_at_the_commit_is_booked_once(
    line: tuple[Between, str], *, told: bool
) -> None:
    cut, url = line
    with staged(url) as stage:
        stage.clock.move((MONDAY - stage.clock.now()).total_seconds())
        market = Market(stage.engine, stage.clock.now())
        contract = hire(market)
        payment: Payment = agree(market, contract)
        event = {"id": "paid-1", "type": "payment.paid", "payment": payment.id, "amount": payment.amount}
        body, _ = stage.bank.signed(event)
        app.keep_notification(stage.house, "pretend", Notification("paid-1", str(payment.id), body))
        cut.cut, cut.told = b"COMMIT", told

        with pytest.raises(OperationalError):
            worker.work_inbox(stage.house)
        worked(stage)

        with stage.engine.connect() as connection:
            held = connection.scalars(select(tables.transfers.c.amount)).all()
            violations = check(connection)
        assert (cut.cuts, held, market.kept(Contract, contract.id).stage) == (1, [PRICE], "in_progress")
        assert (events(stage), violations) == ([("done", 0)], [])


@pytest.mark.parametrize("told", [False, True], ids=["before it was done", "after it was done"])
def test_f6_what_was_kept_while_the_line_is_cut_is_kept_once(line: tuple[Between, str], *, told: bool) -> None:
    """The messenger hears 503 and brings it again."""
    cut, url = line
    with staged(url) as stage:
        cut.cut, cut.told = b"COMMIT", told

        with pytest.raises(OperationalError):
            comes(stage, "hello")
        comes(stage, "hello")
        worked(stage)

        assert (cut.cuts, events(stage), count(stage, "outbox")) == (1, [("done", 0)], WELCOME)


def test_f5_a_connection_that_is_ended_in_the_middle_is_not_held_against_its_event(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with staged(postgres_url) as stage:
        comes(stage, "hello")
        bot = stage.bots["line"]
        read = bot.read

        def ended(body: bytes) -> Incoming | None:
            monkeypatch.setattr(bot, "read", read)
            others = "pid <> pg_backend_pid() AND datname = current_database()"
            with stage.engine.connect() as connection:
                connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))  # noqa: S608 - our own words
            return read(body)

        monkeypatch.setattr(bot, "read", ended)
        with pytest.raises(DBAPIError) as broken:
            worker.work_inbox(stage.house)
        worked(stage)

        assert is_away(broken.value)
        assert (events(stage), count(stage, "outbox")) == ([("done", 0)], WELCOME)


HURDLE = """
CREATE SEQUENCE hurdle;
CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF nextval('hurdle') <= 2 THEN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END IF; RETURN NEW; END $$;
CREATE TRIGGER stumble BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION stumble();
"""


def stumbling(stage: Stage, state: str) -> None:
    """PostgreSQL itself says no to the next two messages."""
    with stage.engine.begin() as connection:
        connection.exec_driver_sql(HURDLE.format(state=state).replace("%", "%%"))
    comes(stage, "hello")


@pytest.mark.corrupts
@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"], ids=["serialization", "deadlock", "lock timeout"])
def test_f7_a_lost_race_is_run_again_unseen(postgres_url: str, state: str) -> None:
    with staged(postgres_url) as stage:
        stumbling(stage, state)

        assert worker.work_inbox(stage.house)

        assert (events(stage), count(stage, "outbox")) == ([("done", 0)], WELCOME)


AWAY = {"disk full": "53100", "too many connections": "53300", "shutting down": "57P01", "read or write error": "58030"}


@pytest.mark.corrupts
@pytest.mark.parametrize("state", AWAY.values(), ids=AWAY)
def test_f4_f10_f11_what_hinders_the_database_is_not_held_against_an_event(postgres_url: str, state: str) -> None:
    with staged(postgres_url) as stage:
        stumbling(stage, state)

        for _ in range(2):
            with pytest.raises(DBAPIError) as broken:
                worker.work_inbox(stage.house)
            assert is_away(broken.value)
        worked(stage)

        assert (events(stage), count(stage, "outbox")) == ([("done", 0)], WELCOME)


def test_f8_a_database_that_stands_still_is_told_to_messengers_in_time(
    line: tuple[Between, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut, url = line
    monkeypatch.setattr(payments_web, "STORED_WITHIN_SECONDS", 1)
    with servers.running(url, tuple(OPERATORS.values())) as server:
        settings = server.house.settings
        provider = server.house.providers["pretend"]
        requests = [posting.said(settings.line_channel_secret) for _ in range(WAITING)]
        requests += [posting.paid(provider.signed({"id": "x", "type": "payment.paid", "payment": 1, "amount": 1}))]  # type: ignore[attr-defined] # pretend's
        server.settle()

        def timed(request: bytes) -> tuple[int, float]:
            begun = time.monotonic()
            return server.send(request).status, time.monotonic() - begun

        with ThreadPoolExecutor(len(requests)) as crowd:
            cut.hold()
            try:
                refused = list(crowd.map(timed, requests))
            finally:
                cut.go_on()
            again = [server.send(request).status for request in requests]
        server.settle()
        with server.house.database.connect() as connection:
            found = connection.execute(select(tables.inbox.c.state)).scalars().all()

    assert {status for status, _ in refused} == {503}
    assert max(seconds for _, seconds in refused) < 4
    assert (again, found) == ([200] * len(requests), ["done"] * len(requests))


def test_f8_too_few_connections_are_not_held_against_an_event(postgres_url: str) -> None:
    with staged(postgres_url) as stage:
        comes(stage, "hello")
        stage.engine.pool._timeout = 0.05  # type: ignore[attr-defined] # of every day: ten seconds
        held = [stage.engine.connect() for _ in range(15)]

        with pytest.raises(Exception, match="QueuePool") as none_free:
            worker.work_inbox(stage.house)
        for each in held:
            each.close()
        worked(stage)

        assert is_away(none_free.value)
        assert events(stage) == [("done", 0)]


def test_f29_a_silent_database_is_given_up_in_time() -> None:
    with silent() as port:
        engine = open_database(f"postgresql://somebody@{HOST}:{port}/nothing")
        begun = time.monotonic()

        with pytest.raises(OperationalError):
            engine.connect()

        assert time.monotonic() - begun < 5
        engine.dispose()


def test_f29_a_line_that_was_cut_unseen_is_noticed(postgres_url: str) -> None:
    """By the machine itself, within about ten seconds: these are the figures it goes by on every connection."""
    engine = open_database(postgres_url)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, Driver)
        with socket.socket(fileno=socket.dup(driver.fileno())) as own:
            found = {
                "keepalives": own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
                "keepalives_idle": own.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
                "keepalives_interval": own.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
                "keepalives_count": own.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
                "tcp_user_timeout": own.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
            }
    engine.dispose()

    assert {"connect_timeout": 3, **found} == LINE
