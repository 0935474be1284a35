"""F8, F9, F34, F37: doors at which people hang up, at which there is no room, and whose key is changed."""

import random
import resource
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from starlette.testclient import TestClient

import app
import demo
from bots.ports import Refusal
from payments.ports import Forged, Notification
from payments.pretend import Pretend, Ticket, seal, sign, unseal
from payments.stripe import Stripe
from playground.emulator import made_up_secrets
from settings import Settings, WrongSettings, read
from storage import tables
from storage.check import check
from storage.database import open_database
from tests.attacks import server as servers
from tests.attacks.deals import OPERATORS
from tests.bots import platforms
from tests.end_to_end import served
from tests.faults import posting
from tests.faults.between import HOST, reset
from tests.payments import stripe_stand

HANG_UPS = 1_000
FILES_MAX = 64
IDLE = 100
OLD, NEW = "the-old-secret", "the-new-secret"


@pytest.mark.postgres
def test_f9_a_thousand_who_hang_up_leave_nothing_behind(postgres_url: str) -> None:
    dice = random.Random(9)
    with servers.running(postgres_url, tuple(OPERATORS.values())) as server:
        secret = server.house.settings.line_channel_secret
        server.send(posting.said(secret))
        server.settle()
        before = files()

        for _ in range(HANG_UPS):
            request = posting.said(secret)
            line = socket.create_connection((HOST, server.port))
            line.sendall(request[: dice.randrange(len(request) + 1)])
            reset(line)
        again = server.send(posting.said(secret)).status
        server.settle()
        served.until(lambda: files() <= before + 5, lambda: f"{files()} files are open, {before} were", 10)
        with server.house.database.connect() as connection:
            stuck = connection.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
                )
            )
            events = connection.scalar(select(func.count()).select_from(tables.inbox)) or 0
            violations = check(connection)
        served.until(lambda: not taken(server), lambda: f"{taken(server)} connections are taken", 5)

    assert (again, stuck, violations) == (200, 0, [])
    assert 2 <= events < HANG_UPS // 2


def taken(server: servers.Server) -> int:
    return server.house.database.pool.checkedout()  # type: ignore[attr-defined,no-any-return] # of a QueuePool


def files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.slow
def test_f34_a_process_without_room_for_more_files_serves_again_when_there_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'arigato.db'}"
    settings = {**served.SECRETS, "ARIGATO_DATABASE_URL": url, "ARIGATO_ALLOW_PRETEND_MONEY": "true"}
    request = posting.said(served.SECRETS["ARIGATO_LINE_CHANNEL_SECRET"])
    with served.serving(tmp_path, settings) as [server]:
        assert server.process.pid
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (FILES_MAX, FILES_MAX))
        port = int(server.url.rpartition(":")[2])
        crowd = [socket.create_connection((HOST, port)) for _ in range(IDLE)]
        time.sleep(1.5)
        for line in crowd:
            line.close()

        served.until(lambda: served.alive(server), server.log.read_text)
        served.until(lambda: status(port, request) == 200, server.log.read_text, 10)
        served.until(lambda: heard(url) == 1, server.log.read_text, 10)


def status(port: int, request: bytes) -> int:
    with socket.create_connection((HOST, port), timeout=5) as line:
        line.sendall(request)
        return int(line.makefile("rb").readline().split()[1])


def heard(url: str) -> int:
    engine = open_database(url)
    with engine.connect() as connection:
        done = select(func.count()).select_from(tables.inbox).where(tables.inbox.c.state == "done")
        found = connection.scalar(done) or 0
    engine.dispose()
    return found


# -- a secret is changed


def taken_by_bot(platform: str, configured: str, signed_with: str) -> bool:
    made: dict[str, Settings] = {
        "line": settings_with(line_channel_secret=configured, line_channel_token="t"),
        "slack": settings_with(slack_signing_secret=configured, slack_bot_token="xoxb-1"),
        "telegram": settings_with(telegram_webhook_secret=configured, telegram_bot_token="1:a"),
    }
    bot = app.bot_for(platform, made[platform])
    hook = platforms.webhook(platform, platforms.said(platform, "x"), signed_with)
    try:
        return len(bot.receive(hook.headers, hook.body, time.time())[1]) == 1
    except Refusal:
        return False
    finally:
        bot.close()


def settings_with(**given: str) -> Settings:
    return read(_env_file=None, allow_pretend_money=True, audit_key="k" * 32, **given)


def taken_by_pretend(configured: str, signed_with: str) -> bool:
    body, seconds = b'{"id":"paid-1","type":"payment.paid","payment":1,"amount":1}', int(time.time())
    headers = {"pretend-signature": f"t={seconds},v1={sign(signed_with, f'{seconds}.'.encode() + body)}"}
    return is_taken(lambda: Pretend("http://127.0.0.1:9", configured).receive(headers, body, seconds))


def taken_by_stripe(configured: str, signed_with: str) -> bool:
    body, seconds = b'{"id":"evt_1","type":"x","livemode":false,"data":{"object":{}}}', int(time.time())
    made = Stripe("http://127.0.0.1:9", "sk_test_1", configured, "http://127.0.0.1:9", {})
    headers = {"stripe-signature": f"t={seconds},v1={stripe_stand.signature(body, seconds, signed_with)}"}
    return is_taken(lambda: made.receive(headers, body, seconds))


def is_taken(receive: Callable[[], Notification]) -> bool:
    try:
        receive()
    except Forged:
        return False
    return True


DOORS: dict[str, Callable[[str, str], bool]] = {
    "line": lambda configured, signed: taken_by_bot("line", configured, signed),
    "slack": lambda configured, signed: taken_by_bot("slack", configured, signed),
    "telegram": lambda configured, signed: taken_by_bot("telegram", configured, signed),
    "pretend": taken_by_pretend,
    "stripe": taken_by_stripe,
}


@pytest.mark.parametrize("door", DOORS)
def test_f37_while_a_secret_is_changed_both_are_good_and_nothing_else_is(door: str) -> None:
    configured = f"{NEW}, {OLD}"
    signed = (NEW, OLD, configured, f"{NEW},{OLD}", "", "another", NEW[:-1])

    assert [DOORS[door](configured, each) for each in signed] == [True, True, *[False] * 5]
    assert [DOORS[door](NEW, each) for each in (NEW, OLD)] == [True, False]


def test_f37_a_pay_page_made_before_the_change_is_still_one() -> None:
    ticket = Ticket(1, 100, "x")

    assert unseal((NEW, OLD), seal(OLD, ticket)) == ticket
    assert unseal((NEW,), seal(OLD, ticket)) is None


@pytest.mark.parametrize("secrets", [f"{NEW},", f",{OLD}", ",", f"{NEW}, ,{OLD}", " ", " , ,"])
def test_f37_an_empty_secret_beside_a_good_one_does_not_start(secrets: str) -> None:
    with pytest.raises(WrongSettings, match="ARIGATO_LINE_CHANNEL_SECRET: one of the secrets is empty"):
        settings_with(line_channel_secret=secrets, line_channel_token="t")


def test_f37_the_audit_key_is_one() -> None:
    with pytest.raises(WrongSettings, match="ARIGATO_AUDIT_KEY has a comma in it"):
        read(_env_file=None, audit_key=f"{NEW},{OLD}")


def test_f37_pretend_signs_with_something() -> None:
    for nothing in ("", " ", ","):
        with pytest.raises(WrongSettings, match="ARIGATO_PRETEND_SECRET"):
            settings_with(pretend_secret=nothing)


def test_f37_no_event_is_lost_while_the_secret_of_a_running_service_is_changed(tmp_path: Path) -> None:
    """The old alone; both; the new alone: three starts, with traffic of both kinds between them."""
    url = f"sqlite:///{tmp_path / 'arigato.db'}"

    answers = [
        *said_to(url, OLD, [OLD] * 3),
        *said_to(url, f"{NEW},{OLD}", [OLD, NEW, OLD, NEW]),
        *said_to(url, NEW, [NEW] * 3),
        *said_to(url, NEW, [OLD]),
    ]

    engine = open_database(url)
    with engine.connect() as connection:
        kept = connection.scalar(select(func.count()).select_from(tables.inbox))
    engine.dispose()
    assert (answers, kept) == ([200] * 10 + [401], 10)


def said_to(url: str, configured: str, signed_with: Sequence[str]) -> list[int]:
    secrets = made_up_secrets()
    settings = demo.settings_for("http://127.0.0.1:9", secrets, url, ()).model_copy(
        update={"line_channel_secret": configured}
    )
    house = app.build(settings)
    # Only the door: what is kept is worked through by others.
    client = TestClient(app.web(house, roles=("web",)))
    answers = []
    for secret in signed_with:
        hook = platforms.webhook("line", posting.event("help"), secret)
        answers.append(client.post("/webhooks/line", content=hook.body, headers=hook.headers).status_code)
    for bot in house.bots.values():
        bot.close()
    house.database.dispose()
    return answers


def test_f8_doors_open_although_the_database_has_just_gone(tmp_path: Path) -> None:
    settings = demo.settings_for("http://127.0.0.1:9", made_up_secrets(), f"sqlite:///{tmp_path / 'arigato.db'}", ())
    house = app.build(settings)
    hook = platforms.webhook("line", posting.event("help"), settings.line_channel_secret)
    nobody = open_database(f"postgresql://{HOST}:{demo.free_port()}/nobody")

    with TestClient(app.web(replace(house, database=nobody), roles=("web",))) as client:
        answers = [client.get(path).status_code for path in ("/healthz", "/readyz")]
        answers.append(client.post("/webhooks/line", content=hook.body, headers=hook.headers).status_code)

    nobody.dispose()
    house.database.dispose()
    assert answers == [200, 503, 503]
