"""P: what must never be told, and what must not be started with."""

import json
import logging
import re
from pathlib import Path

import pytest

from settings import WrongSettings, read
from tests.attacks.acting import Acts
from tests.attacks.server import Server
from tests.attacks.test_closed_doors import NOTHING
from tests.source import HOUSE

pytestmark = pytest.mark.xdist_group("attacks-doors")
PIN = re.compile(r"^[a-z0-9._-]+(\[[a-z0-9,._-]+\])?==\S+( ;[^\\]*)? \\$", re.IGNORECASE)


def secrets_of(server: Server) -> list[str]:
    told = server.house.settings.model_dump()
    found = [str(value) for name, value in told.items() if name.endswith(("_secret", "_token", "_key")) and value]
    assert len(found) >= 6
    return found


def test_p1_no_secret_is_in_what_is_logged_answered_or_kept(
    server: Server, acts: Acts, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    act = acts({"platforms": {"client": "slack"}})
    act.deal.at("delivered")
    with caplog.at_level(logging.DEBUG):
        replies = [
            act.does({"who": "client", "say": "/accept {contract}"}),
            act.does({"who": "client", "say": "help", "sign": {"signature": "missing"}}),
            act.does({"on": "pretend", "raw": "x", "sign": {"signature": "short"}}),
            act.does({"on": "line", "raw": "{{"}),
        ]

    told = capfd.readouterr()
    said = [told.out, told.err, caplog.text, repr(server.rows()), *(reply.head + str(reply.body) for reply in replies)]
    assert [secret for secret in secrets_of(server) if any(secret in each for each in said)] == []
    server.events.taken()


def test_p1_a_wrong_setting_is_named_without_its_value() -> None:
    with pytest.raises(WrongSettings) as wrong:
        read(**{**NOTHING, "telegram_bot_token": "1:the-secret-token", "port": "the-secret-token"})

    assert "the-secret-token" not in str(wrong.value)


def test_p9_health_says_no_more_than_whether_it_works(server: Server) -> None:
    alive, ready = (
        server.send(f"GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        for path in ("healthz", "readyz")
    )

    assert alive.body == b"alive"
    assert set(json.loads(ready.body)) == {"ready", "problems"}


@pytest.mark.parametrize("path", ["/metrics", "/debug", "/docs", "/openapi.json", "/.env", "/.git/config", "/admin"])
def test_p9_nothing_else_answers(server: Server, path: str) -> None:
    reply = server.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert (reply.status, reply.body) == (404, b"Not Found")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_p8_every_dependency_is_pinned_with_its_hash(name: str) -> None:
    lines = Path(HOUSE / name).read_text().splitlines()
    wanted = [line for line in lines if line and line[0] not in " #"]

    assert [line for line in wanted if not PIN.match(line)] == []
    assert sum(line.startswith("    --hash=sha256:") for line in lines) >= len(wanted)


@pytest.mark.parametrize(
    "given",
    [
        {"payments": "pretend"},
        {"payments": "pretend", "allow_pretend_money": True, "pretend_secret": "pretend"},
    ],
    ids=["pretend_money", "known_audit_key"],
)
def test_p10_real_messengers_do_not_start_with_what_is_for_trying(given: dict[str, object]) -> None:
    real = {
        "telegram_bot_token": "1:a",
        "telegram_webhook_secret": "s",
        "telegram_api_base": "https://api.telegram.org",
    }

    with pytest.raises(WrongSettings):
        read(**{**NOTHING, **real, **given})
