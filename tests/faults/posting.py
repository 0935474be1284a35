"""Webhooks of LINE's as bytes, each with an event of its own, for servers that are asked over a real socket."""

import itertools

from tests.bots import platforms

NUMBERS = itertools.count(1)


def event(words: str) -> dict[str, object]:
    found = platforms.said("line", words)
    found["events"][0]["webhookEventId"] = f"01HFAULT{next(NUMBERS):018d}"
    return found


def raw(path: str, headers: dict[str, str], body: bytes) -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: arigato", "Connection: close", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode() + body


def said(secret: str, words: str = "help") -> bytes:
    hook = platforms.webhook("line", event(words), secret)
    return raw("/webhooks/line", hook.headers, hook.body)


def paid(signed: tuple[bytes, dict[str, str]]) -> bytes:
    body, headers = signed
    return raw("/payments/pretend", headers, body)


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: arigato\r\nConnection: close\r\n\r\n".encode()
