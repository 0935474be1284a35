"""An emulated platform: the API the product's SDK talks to, and the phones of its people."""

import asyncio
import json
import secrets as dice
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from playground.exchange import Answer, Asked, Call, Exchange, Hook
from playground.line import Line
from playground.phone import NotOnScreen, NotSeen, Person, Phone
from playground.slack import Slack
from playground.slack_chats import Workspace
from playground.telegram import Telegram

__all__ = ["Call", "Emulator", "NotOnScreen", "NotSeen", "Person", "Phone", "Secrets", "emulators", "made_up_secrets"]

VERBS = ["GET", "POST", "PUT", "DELETE"]
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Secrets:
    """What the product and the platforms must both know."""

    line_channel_secret: str
    line_channel_token: str
    slack_signing_secret: str
    slack_bot_token: str
    slack_team_id: str
    slack_app_id: str
    telegram_bot_token: str
    telegram_webhook_secret: str


class Server(Protocol):
    """The part that differs from platform to platform."""

    def answer(self, asked: Asked) -> Answer: ...

    def name_of(self, asked: Asked) -> str:
        """The method called, as the platform's documentation names it."""

    def broken(self, asked: Asked, status: int, retry_after: int) -> Answer:
        """The answer while a fault is switched on."""

    def waits(self, asked: Asked) -> float:
        """How long an answer may still be held back: only Telegram's long poll does."""

    def phone(self, person: Person) -> Phone: ...

    def verify(self) -> bool:
        """Press "Verify" in the platform's console: does the product answer as it should."""


class Emulator:
    """One platform.

    `faults` understands: slow (seconds before each API answer), status (429 or 500) with retry_after, lost (the effect
    happens, the answer is a 500), both with times (how often, else until switched off),
    quota (LINE's monthly limit is used up), duplicate (each webhook comes twice), blocked (ids of people).
    """

    def __init__(self, exchange: Exchange, server: Server) -> None:
        self.platform = exchange.platform
        self.exchange = exchange
        self.server = server
        self.app = Starlette(routes=[Route("/{path:path}", self._endpoint, methods=VERBS)])

    @property
    def calls(self) -> list[Call]:
        return self.exchange.calls

    @property
    def faults(self) -> dict[str, Any]:
        return self.exchange.faults

    def phone(self, person: Person) -> Phone:
        assert person.platform == self.platform, f"{person} is not on {self.platform}"
        return self.server.phone(person)

    def listen(self, hook: Hook) -> None:
        self.exchange.hooks.append(hook)

    def verify(self) -> bool:
        return self.server.verify()

    def close(self) -> None:
        self.exchange.close()

    def set_clock(self, clock: Callable[[], float]) -> None:
        """The playground's clock can be moved; the platforms' timestamps move with it."""
        self.exchange.clock = clock

    async def _endpoint(self, request: Request) -> Response:
        asked = await _read(request)
        self.exchange.base = asked.base
        at = self.exchange.now()
        await asyncio.sleep(float(self.faults.get("slow", 0)))
        answer = self._fault(asked) or await self._served(asked)
        await run_in_threadpool(self.exchange.record, self.server.name_of(asked), _payload(asked), answer, at)
        if isinstance(answer.body, bytes):
            return Response(answer.body, answer.status, answer.headers)
        return JSONResponse(answer.body, answer.status, answer.headers)

    async def _served(self, asked: Asked) -> Answer:
        waited = 0.0
        while waited < self.server.waits(asked):
            await asyncio.sleep(POLL_SECONDS)
            waited += POLL_SECONDS
        answer = await run_in_threadpool(self.server.answer, asked)
        if self.faults.get("lost") and self._still():
            return self.server.broken(asked, 500, 0)
        return answer

    def _fault(self, asked: Asked) -> Answer | None:
        status = self.faults.get("status")
        if not status or not self._still():
            return None
        return self.server.broken(asked, int(status), int(self.faults.get("retry_after", 1)))

    def _still(self) -> bool:
        """Whether a fault that happens so many times happens again."""
        left = self.faults.get("times")
        if left is None:
            return True
        if left <= 0:
            return False
        self.faults["times"] = left - 1
        return True


async def _read(request: Request) -> Asked:
    body = await request.body()
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    fields: dict[str, Any] = {}
    files: dict[str, tuple[str, bytes]] = {}
    # line-bot-sdk says application/json on GETs without a body.
    if kind == "application/json" and body:
        try:
            parsed = json.loads(body)
        except ValueError:
            parsed = None
        fields = parsed if isinstance(parsed, dict) else {"": parsed}
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = (value.filename or name, await value.read())
                else:
                    fields[name] = value
    path = "/" + request.path_params["path"]
    headers = dict(request.headers)
    # Not request.base_url: that leaves out where we are mounted.
    base = str(request.url.replace(path=request.url.path.removesuffix(path) + "/", query="", fragment=""))
    return Asked(request.method, path, headers, dict(request.query_params), body, fields, files, base)


def _payload(asked: Asked) -> dict[str, Any]:
    files = {name: f"({file[0]}, {len(file[1])} bytes)" for name, file in asked.files.items()}
    return {**asked.query, **asked.fields, **files}


def made_up_secrets() -> Secrets:
    """Fresh secrets for a playground: nothing outside knows them."""
    return Secrets(
        line_channel_secret=dice.token_hex(16),
        line_channel_token=dice.token_urlsafe(64),
        slack_signing_secret=dice.token_hex(16),
        slack_bot_token="xoxb-" + dice.token_hex(24),
        slack_team_id="T0PLAYGROUND",
        slack_app_id="A0ARIGATO",
        telegram_bot_token="7000000001:" + dice.token_hex(17) + "a",
        telegram_webhook_secret=dice.token_urlsafe(24),
    )


def emulators(webhooks: str, secrets: Secrets) -> dict[str, Emulator]:
    """All three; `webhooks` is the product's address, and ours too until a first call shows where we are mounted."""
    home = webhooks.rstrip("/")

    def exchange(platform: str, patience_seconds: float, waits: tuple[float, ...]) -> Exchange:
        return Exchange(platform, f"{home}/webhooks/{platform}", f"{home}/{platform}/", patience_seconds, waits)

    line = exchange("line", 10, (1, 5, 30))
    slack = exchange("slack", 3, (0, 60, 300))
    workspace = Workspace(
        secrets.slack_signing_secret, secrets.slack_bot_token, secrets.slack_team_id, secrets.slack_app_id
    )
    telegram = exchange("telegram", 20, (1, 2, 4, 8, 16, 32))
    return {
        "line": Emulator(line, Line(line, secrets.line_channel_secret, secrets.line_channel_token)),
        "slack": Emulator(slack, Slack(slack, workspace)),
        "telegram": Emulator(telegram, Telegram(telegram, secrets.telegram_bot_token, secrets.telegram_webhook_secret)),
    }
