"""The wire: what a person says or presses, as each messenger signs and sends it; and what can be pressed in what it was
shown."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from playground.emulator import Secrets

LINE_CHANNEL = "U" + "0" * 32


@dataclass(frozen=True)
class Event:
    """One webhook: `id` and `tenant` are those under which the product keeps it."""

    tenant: str
    id: str
    body: bytes
    headers: dict[str, str]


def said(platform: str, secrets: Secrets, who: str, number: int, words: str) -> Event:
    match platform:
        case "line":
            return line(secrets, who, number, {"type": "message", "message": text_message(number, words)})
        case "slack":
            return slack_said(secrets, who, number, words)
    message = {"message_id": number, "date": int(time.time()), **telegram_people(who), "text": words}
    return telegram(secrets, number, {"message": message})


def pressed(platform: str, secrets: Secrets, who: str, number: int, button: Mapping[str, Any]) -> Event:
    match platform:
        case "line":
            return line(secrets, who, number, {"type": "postback", "postback": {"data": button["data"]}})
        case "slack":
            return slack_pressed(secrets, who, number, button)
    below = {"message_id": button["below"], "date": int(time.time()), "chat": telegram_people(who)["chat"]}
    query = {"id": str(number), "from": telegram_people(who)["from"], "message": below, "data": button["data"]}
    return telegram(secrets, number, {"callback_query": query})


def text_message(number: int, words: str) -> dict[str, Any]:
    return {"type": "text", "id": str(number), "text": words, "quoteToken": "q"}


def line(secrets: Secrets, who: str, number: int, what: Mapping[str, Any]) -> Event:
    event_id = f"01CHAOS{number:019d}"
    event = {
        "mode": "active",
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": who},
        "webhookEventId": event_id,
        "deliveryContext": {"isRedelivery": False},
        "replyToken": f"{number:032x}",
        **what,
    }
    body = written({"destination": LINE_CHANNEL, "events": [event]})
    mac = hmac.digest(secrets.line_channel_secret.encode(), body, "sha256")
    headers = {"X-Line-Signature": base64.b64encode(mac).decode(), "Content-Type": "application/json"}
    return Event(LINE_CHANNEL, event_id, body, headers)


def slack_said(secrets: Secrets, who: str, number: int, words: str) -> Event:
    now, team = int(time.time()), secrets.slack_team_id
    inner = {"type": "message", "channel_type": "im", "channel": f"D{who[1:]}", "user": who, "text": words}
    inner |= {"ts": f"{now}.{number:06d}", "event_ts": f"{now}.{number:06d}", "team": team}
    event_id = f"EvCHAOS{number}"
    body = written({"type": "event_callback", "team_id": team, "event_id": event_id, "event_time": now, "event": inner})
    return Event(team, event_id, body, slack_signed(secrets, body, "application/json"))


def slack_pressed(secrets: Secrets, who: str, number: int, button: Mapping[str, Any]) -> Event:
    payload = {
        "type": "block_actions",
        "team": {"id": secrets.slack_team_id},
        "user": {"id": who, "team_id": secrets.slack_team_id},
        "channel": {"id": f"D{who[1:]}"},
        "container": {"type": "message", "message_ts": f"{button['below']}.000100"},
        "actions": [{"type": "button", "action_id": button["action_id"], "value": button["data"]}],
        "action_ts": f"{number}",
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    event_id = hashlib.sha256(body).hexdigest()  # an interaction has no id of its own
    return Event(
        secrets.slack_team_id, event_id, body, slack_signed(secrets, body, "application/x-www-form-urlencoded")
    )


def slack_signed(secrets: Secrets, body: bytes, kind: str) -> dict[str, str]:
    at = str(int(time.time()))
    mac = hmac.digest(secrets.slack_signing_secret.encode(), f"v0:{at}:".encode() + body, "sha256").hex()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={mac}", "Content-Type": kind}


def telegram_people(who: str) -> dict[str, Any]:
    about = {"id": int(who), "first_name": "Hanako"}
    return {
        "chat": {**about, "type": "private"},
        "from": {**about, "is_bot": False, "language_code": "ja"},
    }


def telegram(secrets: Secrets, number: int, what: Mapping[str, Any]) -> Event:
    body = written({"update_id": number, **what})
    tenant = secrets.telegram_bot_token.partition(":")[0]
    headers = {"X-Telegram-Bot-Api-Secret-Token": secrets.telegram_webhook_secret, "Content-Type": "application/json"}
    return Event(tenant, str(number), body, headers)


def written(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def buttons(shown: Any) -> Iterator[dict[str, Any]]:
    """Everything in a shown message that can be pressed, wherever it stands."""
    match shown:
        case {"type": "postback", "data": str(data)}:
            yield {"data": data}
        case {"type": "button", "action_id": str(name), "value": str(data)} if name.startswith("press"):
            yield {"data": data, "action_id": name}
        case {"callback_data": str(data)}:
            yield {"data": data}
        case dict():
            for each in shown.values():
                yield from buttons(each)
        case list():
            for each in shown:
                yield from buttons(each)
