"""Doors that must be shut: without a secret, in production, by the clock."""

import ast
import inspect
import socket
import time
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Route

import app
import demo
from bots import door
from bots.ports import Bot, Refusal
from payments import pretend
from playground.emulator import made_up_secrets
from settings import Settings, WrongSettings
from tests.attacks.server import Server
from tests.attacks.speaking import signed
from tests.attacks.wire import Keys

BASES = {
    "line_api_base": "http://127.0.0.1:9",
    "slack_api_base": "http://127.0.0.1:9/",
    "telegram_api_base": "http://127.0.0.1:9",
}
NOTHING = {"_env_file": None, "database_url": "sqlite://", "payments": "pretend", **BASES}


def settings(**given: object) -> Settings:
    return Settings(**{**NOTHING, **given})  # type: ignore[arg-type] # pydantic checks them


@pytest.mark.parametrize(
    "given",
    [
        {"line_channel_token": "t"},
        {"line_channel_secret": "s"},
        {"slack_bot_token": "xoxb-1"},
        {"telegram_bot_token": "1:a"},
    ],
    ids=["line_token", "line_secret", "slack", "telegram"],
)
def test_w11_webhooks_without_a_secret_do_not_start(given: dict[str, str]) -> None:
    with pytest.raises(WrongSettings, match="half set up"):
        settings(**given)


def test_w11_nothing_set_up_does_not_start() -> None:
    with pytest.raises(WrongSettings, match="No platform is set up"):
        app.build(settings())


@pytest.mark.parametrize(
    ("platform", "given"),
    [
        ("slack", {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}),
        ("telegram", {"telegram_bot_token": "1:a", "telegram_polling": True}),
    ],
)
@pytest.mark.parametrize("signature", ["", "empty", "no_secret", "missing"])
def test_w11_a_door_without_a_secret_refuses_everything(
    platform: str, given: dict[str, object], signature: str
) -> None:
    bot: Bot = app.bot_for(platform, settings(**given))
    keys = Keys("", "", "", "", "", "", "")
    how = {"signature": signature} if (platform, signature) != ("telegram", "no_secret") else {}
    request = signed(keys, platform, b"{}", how)

    with pytest.raises(Refusal) as refused:
        bot.receive([(name.lower().encode(), value.encode()) for name, value in request.headers], b"{}", time.time())

    assert refused.value.status == 401
    bot.close()


def paths(routes: list[BaseRoute]) -> set[str]:
    return {route.path for route in routes if isinstance(route, Route)}


def test_z18_production_has_no_playground_routes() -> None:
    secrets = made_up_secrets()
    house = app.build(demo.settings_for("http://127.0.0.1:9", secrets, "sqlite://", ()))

    made = app.web(house)

    assert {type(route) for route in made.routes} == {Route}
    assert paths(made.routes) == {
        "/webhooks/{platform}",
        "/payments/{provider}",
        "/payments/{provider}/back",
        "/pretend/pay/{token}",
        "/healthz",
        "/readyz",
        "/files/{token}",
    }
    for bot in house.bots.values():
        bot.close()
    house.database.dispose()


def test_w17_signatures_are_compared_in_constant_time() -> None:
    """A source gate: the only comparisons of what came with what must come are compare_digest."""
    compared = [inspect.getsource(door.same), inspect.getsource(pretend.is_signed)]

    assert ["compare_digest" in source for source in compared] == [True, True]
    for package in ("line", "slack", "telegram"):
        for path in (Path(door.__file__).parent / package).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
                    assert not names & {"given", "signature", "secret"}, f"{path.name}:{node.lineno}"


@pytest.mark.xdist_group("attacks-doors")
@pytest.mark.parametrize("path", ["/webhooks/line", "/payments/pretend"])
def test_w13_a_body_that_drips_is_not_waited_for(server: Server, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 400\r\n\r\n".encode()
    began = time.monotonic()

    reply = server.send(head, then=[b"x"] * 7, pause_seconds=1)

    assert (reply.status, server.events_after(1)) == (408, ["body_too_slow"])
    assert time.monotonic() - began < 15


@pytest.mark.xdist_group("attacks-doors")
def test_w13_a_body_shorter_than_it_says_is_left(server: Server) -> None:
    with socket.create_connection((demo.HOST, server.port)) as connection:
        connection.sendall(b"POST /webhooks/line HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\nabc")
    before = server.rows()

    server.settle()

    assert server.rows() == before
