"""The page on the real emulators, with a product that only listens: what the bot says, the tests send themselves."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from playground.emulator import Emulator, Secrets, emulators, made_up_secrets
from playground.inspector import Step
from playground.page import page
from playground.phone import Person
from playground.stage import LANGUAGES, Stage
from playground.tour import Scene

HANAKO = Person("line", "U" + "a" * 32, "花子", "ja")
MAI = Person("slack", "U0MAI", "Mai", "ja")
OTHER_MAI = Person("slack", "U0OTHERMAI", "Mai", "en")
TARO = Person("telegram", "5000000001", "太郎", "ja")
OTHER_HANAKO = Person("line", "U" + "b" * 32, "花子", "en")
NOON = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)


@dataclass
class MovableClock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def to_next_deadline(self) -> None:
        self.at += timedelta(days=3)


@dataclass
class Product:
    """Answers every webhook and keeps what came; that they are signed rightly is tested with the emulators."""

    secrets: Secrets
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def receive(self, request: Request) -> Response:
        body = (await request.body()).decode()
        if "json" in request.headers["content-type"]:
            payload = json.loads(body)
        else:
            form = {name: values[0] for name, values in parse_qs(body).items()}
            payload = json.loads(form["payload"]) if "payload" in form else form
        self.got.append((request.path_params["platform"], payload))
        return Response(status_code=200)


@dataclass
class SmallStage:
    base: str
    product: Product
    emulators: dict[str, Emulator]
    clock: MovableClock
    steps: list[Step]
    acts: list[str] = field(default_factory=list)

    def html(self, **query: str) -> str:
        reply = httpx2.get(self.base + "/", params=query)
        assert reply.status_code == 200
        return reply.text

    def posts(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        return httpx2.post(f"{self.base}/playground/{path}", json=body, headers=headers)

    def acts_as(self, person: Person, verb: str, **arguments: Any) -> httpx2.Response:
        phone = f"{person.platform}:{person.id}"
        return self.posts("act", {"phone": phone, "verb": verb, "arguments": arguments})

    def line_says(self, *messages: dict[str, Any]) -> None:
        headers = {"authorization": f"Bearer {self.product.secrets.line_channel_token}"}
        body = {"to": HANAKO.id, "messages": messages}
        assert httpx2.post(f"{self.base}/line/v2/bot/message/push", json=body, headers=headers).status_code == 200

    def slack_calls(self, method: str, **body: Any) -> Any:
        headers = {"authorization": f"Bearer {self.product.secrets.slack_bot_token}"}
        answer = httpx2.post(f"{self.base}/slack/api/{method}", json=body, headers=headers).json()
        assert answer["ok"], answer
        return answer

    def telegram_says(self, **body: Any) -> None:
        token = self.product.secrets.telegram_bot_token
        reply = httpx2.post(f"{self.base}/telegram/bot{token}/sendMessage", json={"chat_id": TARO.id, **body})
        assert reply.status_code == 200, reply.text


@contextmanager
def running_page() -> Iterator[SmallStage]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    small = _small_stage(base)
    stage = Stage(
        emulators=small.emulators,
        people=(HANAKO, OTHER_HANAKO, MAI, OTHER_MAI, TARO),
        clock=small.clock,
        trail=lambda since: [step for step in small.steps if step.id > since],
        scenes=dict.fromkeys(LANGUAGES, _scenes(small)),
        language="ja",
    )
    mounts = [Mount(f"/{name}", app=emulator.app) for name, emulator in small.emulators.items()]
    receive = Route("/webhooks/{platform}", small.product.receive, methods=["POST"])
    app = Starlette(routes=[receive, *mounts, *page(stage)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield small
    finally:
        server.should_exit = True
        thread.join(10)


def _small_stage(base: str) -> SmallStage:
    product = Product(made_up_secrets())
    clock = MovableClock()
    three = emulators(base, product.secrets)
    for emulator in three.values():
        emulator.set_clock(lambda: clock.now().timestamp())
    return SmallStage(base, product, three, clock, [])


def _scenes(small: SmallStage) -> tuple[Scene, ...]:
    def fails() -> None:
        small.acts.append("fails")
        raise ValueError("<b>no</b> button")

    return (
        Scene(
            "follow",
            {"ja": "友だち追加", "en": "Add the bot"},
            lambda: small.acts.append("follow"),
            shows={"line": OTHER_HANAKO.id},
        ),
        Scene("trouble", {"ja": "失敗", "en": "Trouble"}, fails),
    )
