"""A tee before an emulated platform: each request of the product goes to the strict recorder, too, whose opinion counts,
while the emulator's answer goes back."""

import json
import time
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from playground.emulator import Emulator
from tests.bots.recorder import Recorder

NOT_FORWARDED = {"host", "content-length", "connection", "transfer-encoding"}


class Tee:
    """Stands where the emulator is mounted."""

    def __init__(self, app: Starlette, platform: str, recorder: Recorder) -> None:
        self.app = app
        self.platform = platform
        self.recorder = recorder
        self.client = httpx2.Client(timeout=30, trust_env=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        await run_in_threadpool(self.record, request, body)

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)

    def record(self, request: Request, body: bytes) -> None:
        path = request.url.path.removeprefix(f"/{self.platform}")
        address = f"{self.recorder.address}/{self.platform}{path}"
        headers = {name: value for name, value in request.headers.items() if name not in NOT_FORWARDED}
        self.client.request(request.method, address, params=request.url.query, content=body, headers=headers)

    def issued(self, kind: str, details: MutableMapping[str, Any]) -> None:
        """The emulator's hook: what a webhook hands out is made known to the recorder before the product has it."""


def handed_out(platform: str, body: str) -> dict[str, float]:
    """Reply tokens of LINE, triggers and response addresses of Slack, with the time they begin to count."""
    now = time.time()
    if platform == "line":
        return {event["replyToken"]: now for event in json.loads(body)["events"] if "replyToken" in event}
    if platform == "slack":
        fields = json.loads(body) if body.startswith("{") else {k: v[0] for k, v in parse_qs(body).items()}
        payload = json.loads(fields["payload"]) if "payload" in fields else fields
        found = {payload["trigger_id"]: now} if "trigger_id" in payload else {}
        if "response_url" in payload:
            found[urlsplit(payload["response_url"]).path.removeprefix("/slack")] = now
        return found
    return {}


def fit(emulator: Emulator, recorder: Recorder) -> Tee:
    return Tee(emulator.app, emulator.platform, recorder)
