"""The three bots under one roof: how each is made, signed for, and spoken to."""

import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bots.line import LineBot
from bots.ports import Bot
from bots.slack import SlackBot
from bots.telegram import TelegramBot

SECRET = "a-secret-of-the-tests"
PEOPLE = {"line": "U" + "4" * 32, "slack": "U0000000001", "telegram": "4242"}
TENANTS = {"line": "U" + "0" * 32, "slack": "T0000000001", "telegram": "123456"}


def check(kind: str, value: str, language: str) -> str | None:
    """A stand-in for the questions' own parsers: only digits are yen."""
    return None if kind != "yen" or value.isdigit() else f"not yen ({language})"


def line(address: str) -> Bot:
    return LineBot(SECRET, "tok", f"{address}/line", menu_words=[("post", "post a job"), ("find", "find work")])


def slack(address: str) -> Bot:
    return SlackBot(SECRET, "xoxb-1", f"{address}/slack/api/", check=check)


def telegram(address: str) -> Bot:
    return TelegramBot("123456:AAconf", SECRET, f"{address}/telegram", commands={"en": [("post", "post a job")]})


MAKE: Mapping[str, Callable[[str], Bot]] = {"line": line, "slack": slack, "telegram": telegram}


def line_signature(secret: str, body: bytes) -> dict[str, str]:
    return {"X-Line-Signature": b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()}


def slack_signature(secret: str, body: bytes, timestamp: str = "") -> dict[str, str]:
    at = timestamp or str(int(time.time()))
    mac = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={mac}"}


def telegram_signature(secret: str, body: bytes) -> dict[str, str]:
    return {"X-Telegram-Bot-Api-Secret-Token": secret}


SIGN: Mapping[str, Callable[[str, bytes], dict[str, str]]] = {
    "line": line_signature,
    "slack": slack_signature,
    "telegram": telegram_signature,
}


def said(platform: str, words: str) -> dict[str, Any]:
    """The smallest webhook in which a person says something."""
    now = int(time.time())
    if platform == "line":
        event = {
            "type": "message",
            "mode": "active",
            "timestamp": now * 1000,
            "source": {"type": "user", "userId": PEOPLE["line"]},
            "webhookEventId": "01HGEN00000000000000000001",
            "deliveryContext": {"isRedelivery": False},
            "replyToken": hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32],
            "message": {"type": "text", "id": "1", "text": words, "quoteToken": "q"},
        }
        return {"destination": TENANTS["line"], "events": [event]}
    if platform == "slack":
        event = {"type": "message", "channel_type": "im", "channel": "D0000000001", "user": PEOPLE["slack"]}
        event |= {"text": words, "ts": f"{now}.000100", "team": TENANTS["slack"]}
        outer = {"type": "event_callback", "team_id": TENANTS["slack"], "event_id": "Ev1", "event_time": now}
        return {**outer, "event": event}
    chat = {"id": 4242, "type": "private", "first_name": "Taro"}
    speaker = {"id": 4242, "is_bot": False, "first_name": "Taro", "language_code": "ja"}
    return {
        "update_id": 900000001,
        "message": {"message_id": 7, "date": now, "chat": chat, "from": speaker, "text": words},
    }


def encoded(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Webhook:
    headers: dict[str, str]
    body: bytes


def webhook(platform: str, body: object, secret: str = SECRET) -> Webhook:
    raw = body if isinstance(body, bytes) else encoded(body)
    return Webhook({"Content-Type": "application/json", **SIGN[platform](secret, raw)}, raw)


def form(fields: Mapping[str, str], secret: str = SECRET) -> Webhook:
    """Slack's commands; with a `payload`, its interactions."""
    raw = urlencode(fields).encode("utf-8")
    return Webhook({"Content-Type": "application/x-www-form-urlencoded", **slack_signature(secret, raw)}, raw)
