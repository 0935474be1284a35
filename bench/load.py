"""The load, in a process of its own: signed webhooks over a few connections, each sent when the one before is answered.

python -m bench.load PLATFORM PORT PATH CONNECTIONS REQUESTS SECONDS prints requests_per_second and more."""

import asyncio
import json
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hmac import digest
from secrets import token_hex
from typing import Any

import httptools
import uvloop

HOST = "127.0.0.1"
SECRET = "a-secret-of-the-benchmarks"  # noqa: S105 - it guards nothing
BOT_TOKEN = "123456:AAbench"  # noqa: S105 - it opens nothing
PEOPLE = 200
WORDS = "恵比寿の店のロゴを3万円で来週金曜まで"
OK = 200


def line(number: int, run: str) -> dict[str, Any]:
    event = {
        "type": "message",
        "mode": "active",
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": f"U{number % PEOPLE:032x}"},
        "webhookEventId": f"01{run}{number:016d}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": f"{number:032x}",
        "message": {"type": "text", "id": str(number), "text": WORDS, "quoteToken": "q"},
    }
    return {"destination": "U" + "0" * 32, "events": [event]}


def slack(number: int, run: str) -> dict[str, Any]:
    now = int(time.time())
    event = {"type": "message", "channel_type": "im", "channel": "D0000000001", "user": f"U{number % PEOPLE:010d}"}
    event |= {"text": WORDS, "ts": f"{now}.000100", "event_ts": f"{now}.000100", "team": "T0000000001"}
    outer = {"type": "event_callback", "team_id": "T0000000001", "api_app_id": "A1", "token": "x"}
    return {**outer, "event_id": f"Ev{run}{number}", "event_time": now, "event": event}


def telegram(number: int, run: str) -> dict[str, Any]:
    person = number % PEOPLE + 1
    chat = {"id": person, "type": "private", "first_name": "Taro"}
    speaker = {"id": person, "is_bot": False, "first_name": "Taro", "language_code": "ja"}
    message = {"message_id": number + 1, "date": int(time.time()), "chat": chat, "from": speaker, "text": WORDS}
    return {"update_id": int(run, 16) * 1_000_000 + number, "message": message}


BODIES = {"line": line, "slack": slack, "telegram": telegram}


def signature(platform: str, body: bytes) -> dict[str, str]:
    match platform:
        case "line":
            return {"X-Line-Signature": b64encode(digest(SECRET.encode(), body, "sha256")).decode()}
        case "slack":
            at = str(int(time.time()))
            mac = digest(SECRET.encode(), f"v0:{at}:".encode() + body, "sha256").hex()
            return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={mac}"}
        case _:
            return {"X-Telegram-Bot-Api-Secret-Token": SECRET}


def requests(platform: str, path: str, count: int) -> Iterator[bytes]:
    """Each is another event of one of many people."""
    run = token_hex(4)
    for number in range(count):
        body = json.dumps(BODIES[platform](number, run), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Host": HOST, "Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [f"{name}: {value}" for name, value in (headers | signature(platform, body)).items()]
        yield "\r\n".join([f"POST {path} HTTP/1.1", *lines, "", ""]).encode() + body


@dataclass
class Tally:
    """What is left to send, until when, and how long each answer took."""

    waiting: Iterator[bytes]
    until: float
    took: list[float] = field(default_factory=list)
    failed: int = 0


class Connection(asyncio.Protocol):
    """One connection. Its answers are read by the parser, which calls `on_message_complete`."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sent_at = 0.0
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        request = next(self.tally.waiting, None) if time.perf_counter() < self.tally.until else None
        if request is None:
            self.transport.close()
            return
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.tally.took.append(time.perf_counter() - self.sent_at)
        self.tally.failed += self.parser.get_status_code() != OK
        self.parser = httptools.HttpResponseParser(self)
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        self.tally.failed += exc is not None
        if not self.over.done():
            self.over.set_result(None)


async def load(port: int, connections: int, wanted: list[bytes], seconds: float) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    tally = Tally(iter(wanted), begun + seconds)
    opened = [await loop.create_connection(lambda: Connection(tally), HOST, port) for _ in range(connections)]
    await asyncio.wait_for(asyncio.gather(*(protocol.over for _, protocol in opened)), seconds + 30)
    spent = time.perf_counter() - begun
    took = sorted(tally.took)
    return {
        "requests_per_second": len(took) / spent,
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[int(len(took) * 0.99)] * 1000,
        "failed": tally.failed,
    }


def main(platform: str, port: str, path: str, connections: str, count: str, seconds: str) -> None:
    wanted = list(requests(platform, path, int(count)))
    print(json.dumps(uvloop.run(load(int(port), int(connections), wanted, float(seconds)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
