"""A small product: verifies each webhook with the SDK's own verifier and keeps what came."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from aiogram.types import Update
from linebot.v3.webhook import WebhookParser
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from playground.emulator import Emulator, Person, Secrets, emulators, made_up_secrets

HANAKO = Person("line", "U" + "a" * 32, "花子", "ja")
MAI = Person("slack", "U0MAI", "Mai", "ja")
OTHER_MAI = Person("slack", "U0OTHERMAI", "Mai", "en")
TARO = Person("telegram", "5000000001", "太郎", "ja")


@dataclass
class Product:
    secrets: Secrets
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    refusals: int = 0

    async def receive(self, request: Request) -> Response:
        platform = request.path_params["platform"]
        body = await request.body()
        assert self.genuine(platform, body, dict(request.headers))
        if platform == "slack" and "json" not in request.headers["content-type"]:
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            payload = json.loads(form["payload"]) if "payload" in form else form
        else:
            payload = json.loads(body)
        if platform == "telegram":
            Update.model_validate(payload)
        self.headers.append(dict(request.headers))
        self.got.append((platform, payload))
        if self.refusals > 0:
            self.refusals -= 1
            return Response(status_code=500)
        if payload.get("type") == "url_verification":
            return JSONResponse({"challenge": payload["challenge"]})
        if payload.get("type") == "view_submission" and self.answers:
            return self.answers.pop(0)
        return Response(status_code=200)

    def genuine(self, platform: str, body: bytes, headers: dict[str, str]) -> bool:
        if platform == "line":
            parser = WebhookParser(self.secrets.line_channel_secret)
            events = parser.parse(body.decode(), headers["x-line-signature"])
            return not any(type(event).__name__ == "UnknownEvent" for event in events)
        if platform == "slack":
            return SignatureVerifier(self.secrets.slack_signing_secret).is_valid_request(body, headers)
        return headers["x-telegram-bot-api-secret-token"] == self.secrets.telegram_webhook_secret

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [payload for _, payload in self.got if payload.get("type") == kind]


@dataclass(frozen=True)
class Playground:
    base: str
    product: Product
    line: Emulator
    slack: Emulator
    telegram: Emulator


@contextmanager
def running_playground() -> Iterator[Playground]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    product = Product(made_up_secrets())
    three = emulators(base, product.secrets)
    mounts = [Mount(f"/{name}", app=emulator.app) for name, emulator in three.items()]
    app = Starlette(routes=[Route("/webhooks/{platform}", product.receive, methods=["POST"]), *mounts])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    yield Playground(base, product, three["line"], three["slack"], three["telegram"])
    for emulator in three.values():
        emulator.close()
    server.should_exit = True
    thread.join(10)


def wait_until(holds: Callable[[], bool], seconds: float = 5) -> None:
    give_up_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up_at, "did not happen in time"
        time.sleep(0.01)
