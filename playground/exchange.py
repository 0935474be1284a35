"""The exchange between one emulated platform and the product: its calls, its webhooks, its faults and its clock."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from playground.limits import Problem

Hook = Callable[[str, dict[str, Any]], None]
NO_ANSWER = 0


@dataclass(frozen=True)
class Asked:
    """One API request of the product, as read off the wire."""

    verb: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    fields: dict[str, Any]
    files: dict[str, tuple[str, bytes]]
    base: str


@dataclass(frozen=True)
class Answer:
    """What the platform answers; `breaches` are the rules the request broke."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    breaches: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Call:
    """One API call received, kept for the inspector and the tests."""

    at: float
    method: str
    payload: Any
    status: int
    answer: Any
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Delivered:
    """What the product answered to a webhook."""

    status: int
    body: bytes
    content_type: str

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300


class Exchange:
    """Shared by the server side (API) and the phones of one platform."""

    def __init__(
        self, platform: str, webhook: str, base: str, patience_seconds: float, waits: tuple[float, ...]
    ) -> None:
        self.platform = platform
        self.webhook = webhook
        self.base = base
        self.patience_seconds = patience_seconds
        self.waits = waits
        self.clock: Callable[[], float] = time.time
        self.changed = threading.Condition(threading.RLock())
        self.calls: list[Call] = []
        self.hooks: list[Hook] = []
        self.faults: dict[str, Any] = {}
        self._last = 0.0
        self._closed = False
        self._client = httpx2.Client(timeout=60, trust_env=False)

    def now(self) -> float:
        """Never the same twice, so that "newer than" always has an answer."""
        with self.changed:
            self._last = max(self.clock(), self._last + 0.00001)
            return self._last

    def record(self, method: str, payload: Any, answer: Answer, at: float | None = None) -> None:
        """`at` is when it came, where that was before now."""
        call = Call(at or self.now(), method, payload, answer.status, answer.body, answer.breaches)
        with self.changed:
            self.calls.append(call)
            self.changed.notify_all()
        self._tell(
            "call",
            {
                "platform": self.platform,
                "at": call.at,
                "method": method,
                "payload": payload,
                "status": call.status,
                "answer": "(binary)" if isinstance(answer.body, bytes) else answer.body,
                "problems": [str(problem) for problem in call.problems],
            },
        )

    def deliver(self, body: bytes, headers: dict[str, str], shown: Any) -> Delivered:
        """Posts a webhook once (twice when the fault says so) and gives the product's first answer."""
        delivered = self._post(body, headers, shown)
        if self.faults.get("duplicate"):
            self._post(body, headers, shown)
        return delivered

    def close(self) -> None:
        """No webhook leaves any more, not even one that was to be sent again."""
        self._closed = True
        self._client.close()

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        if self._closed:
            return
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        timer.start()

    def _post(self, body: bytes, headers: dict[str, str], shown: Any) -> Delivered:
        if self._closed:
            return Delivered(NO_ANSWER, b"", "")
        began = time.monotonic()
        at = self.now()
        try:
            reply = self._client.post(self.webhook, content=body, headers=headers, timeout=self.patience_seconds)
            delivered = Delivered(reply.status_code, reply.content, reply.headers.get("content-type", ""))
        # A client that was closed meanwhile says so with a RuntimeError.
        except (httpx2.HTTPError, RuntimeError) as problem:
            delivered = Delivered(NO_ANSWER, str(problem).encode(), "text/plain")
        self._tell(
            "webhook",
            {
                "platform": self.platform,
                "at": at,
                "url": self.webhook,
                "headers": headers,
                "body": shown,
                "raw": body.decode(),
                "status": delivered.status,
                "answer": delivered.body.decode("utf-8", "replace"),
                "seconds": round(time.monotonic() - began, 3),
            },
        )
        return delivered

    def _tell(self, kind: str, details: dict[str, Any]) -> None:
        for hook in list(self.hooks):
            hook(kind, details)
