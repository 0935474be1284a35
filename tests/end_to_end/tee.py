"""A tee before an emulated platform: each request of the product goes to the strict recorder as well, whose opinion
counts, while the emulator's answer goes back."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import httpx2
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.emulator import Emulator
from tests.bots.recorder import Recorder

# The recorder's client writes these itself.
OWN_HEADERS = {"host", "content-length", "connection", "transfer-encoding"}


class Issued(Protocol):
    """A reply token, a trigger or a response address, as the emulators remember them."""

    @property
    def issued_at(self) -> float: ...


class Tee:
    """Stands where the emulator is mounted."""

    def __init__(self, app: ASGIApp, emulator: Emulator, recorder: Recorder) -> None:
        self.app = app
        self.emulator = emulator
        self.recorder = recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        await run_in_threadpool(self.record, request, body)

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)

    def record(self, request: Request, body: bytes) -> None:
        tokens = self.tokens()
        if tokens:
            self.recorder.ask("issue", {"platform": self.emulator.platform, "tokens": tokens})
        headers = {name: value for name, value in request.headers.items() if name not in OWN_HEADERS}
        address = f"{self.recorder.address}{request.url.path}"
        address += f"?{request.url.query}" if request.url.query else ""
        httpx2.request(request.method, address, content=body, headers=headers, timeout=30, trust_env=False)

    def tokens(self) -> dict[str, float]:
        """All that the emulator has handed out and that still counts, by the recorder's clock: the emulator's moves."""
        clock = self.emulator.exchange.clock()
        return {name: time.time() - (clock - each.issued_at) for name, each in handed_out(self.emulator).items()}


def handed_out(emulator: Emulator) -> Mapping[str, Issued]:
    server: Any = emulator.server
    match emulator.platform:
        case "line":
            return dict(server.chats.reply_tokens)
        case "slack":
            addresses = {f"/response/{name}": each for name, each in server.chats.response_urls.items()}
            return {**server.chats.triggers, **addresses}
    return {}


def fitted(routes: Sequence[BaseRoute], emulators: Mapping[str, Emulator], recorder: Recorder) -> list[BaseRoute]:
    """The same routes, with a tee before each emulator."""
    platforms = {f"/{platform}": emulator for platform, emulator in emulators.items()}
    return [
        Mount(route.path, Tee(route.app, platforms[route.path], recorder))
        if isinstance(route, Mount) and route.path in platforms
        else route
        for route in routes
    ]
