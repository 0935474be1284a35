"""What a person does, as each platform tells us of it. `twist` is laid over what an honest phone would cause."""

import itertools
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from playground.phone import Person
from tests.attacks import wire
from tests.attacks.wire import Json, Keys, Request

COUNT = itertools.count(1)
UPDATES = itertools.count(600_000_000)


def laid_over(found: Any, twist: Any) -> Any:
    """Objects are merged key by key; a null takes the key away; everything else takes the place of what was there."""
    if not isinstance(found, dict) or not isinstance(twist, dict):
        return twist
    merged = {key: laid_over(found.get(key), value) if key in found else value for key, value in twist.items()}
    return {key: value for key, value in {**found, **merged}.items() if value is not None}


# -- LINE


def line_event(keys: Keys, person: Person, kind: str, details: Json, twist: Json) -> bytes:
    number = next(COUNT)
    event = {
        "type": kind,
        "webhookEventId": f"01ATTACK{number:018d}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": person.id},
        "mode": "active",
        **details,
    }
    around = {key: twist[key] for key in ("destination", "events") if key in twist}
    laid = laid_over(event, {key: value for key, value in twist.items() if key not in around})
    bundle = {"destination": keys.destination, "events": [laid], **around}
    return json.dumps(bundle, ensure_ascii=False).encode()


def line_says(keys: Keys, person: Person, words: str, twist: Json) -> bytes:
    message = {"id": str(next(COUNT)), "type": "text", "text": words, "quoteToken": "q"}
    return line_event(keys, person, "message", {"message": message}, twist)


def line_presses(keys: Keys, person: Person, handle: str, value: str, twist: Json) -> bytes:
    postback: Json = {"data": handle, **({"params": {"date": value}} if value else {})}
    return line_event(keys, person, "postback", {"postback": postback}, twist)


# -- Slack


def slack_says(keys: Keys, person: Person, words: str, twist: Json) -> bytes:
    number = next(COUNT)
    event = {
        "type": "message",
        "channel": "D" + person.id[1:],
        "channel_type": "im",
        "user": person.id,
        "text": words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "ts": f"{time.time():.6f}",
        "team": keys.team,
    }
    body = {
        "team_id": keys.team,
        "api_app_id": "A0ARIGATO",
        "event": event,
        "type": "event_callback",
        "event_id": f"EvATTACK{number:08d}",
        "event_time": int(time.time()),
        "is_ext_shared_channel": False,
    }
    return json.dumps(laid_over(body, twist)).encode()


def slack_commands(keys: Keys, person: Person, words: str, twist: Json) -> bytes:
    form = {
        "team_id": keys.team,
        "channel_id": "C0GENERAL",
        "user_id": person.id,
        "user_name": person.id.lower(),
        "command": "/arigato",
        "text": words.removeprefix("/"),
        "trigger_id": f"{next(COUNT)}.1.attack",
    }
    return urlencode(laid_over(form, twist)).encode()


def slack_about(keys: Keys, person: Person, kind: str) -> Json:
    return {
        "type": kind,
        "user": {"id": person.id, "username": person.id.lower(), "team_id": keys.team},
        "team": {"id": keys.team, "domain": "playground"},
        "trigger_id": f"{next(COUNT)}.1.attack",
    }


def slack_presses(keys: Keys, person: Person, handle: str, value: str, twist: Json) -> bytes:
    chosen = {"action_id": f"day:0:{handle}", "selected_date": value}
    action = chosen if value else {"action_id": "press:0", "value": handle}
    channel, ts = "D" + person.id[1:], f"{time.time():.6f}"
    payload = {
        **slack_about(keys, person, "block_actions"),
        "actions": [{**action, "block_id": "b", "action_ts": ts}],
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
        "channel": {"id": channel, "name": "directmessage"},
        "message": {"ts": ts, "text": ""},
    }
    return urlencode({"payload": json.dumps(laid_over(payload, twist))}).encode()


def slack_sends_form(keys: Keys, person: Person, handle: str, values: Mapping[str, str], twist: Json) -> bytes:
    """`values` by block id: kind:need:key."""
    state = {block: {"value": {"type": "plain_text_input", "value": value}} for block, value in values.items()}
    view = {
        "id": f"V{next(COUNT)}",
        "type": "modal",
        "callback_id": "form:en",
        "private_metadata": handle,
        "state": {"values": state},
    }
    payload = {**slack_about(keys, person, "view_submission"), "view": view}
    return urlencode({"payload": json.dumps(laid_over(payload, twist))}).encode()


# -- Telegram


def telegram_user(person: Person) -> Json:
    return {"id": int(person.id), "is_bot": False, "first_name": person.name, "language_code": person.language}


def telegram_chat(person: Person) -> Json:
    return {"id": int(person.id), "type": "private", "first_name": person.name}


def telegram_says(keys: Keys, person: Person, words: str, twist: Json) -> bytes:
    message = {
        "message_id": next(COUNT) + 10_000,
        "from": telegram_user(person),
        "chat": telegram_chat(person),
        "date": int(time.time()),
        "text": words,
    }
    kind = twist.get("as", "message")
    rest = {key: value for key, value in twist.items() if key not in ("as", "update_id")}
    update_id = twist.get("update_id", next(UPDATES))
    return json.dumps({"update_id": update_id, kind: laid_over(message, rest)}).encode()


def telegram_presses(keys: Keys, person: Person, handle: str, value: str, twist: Json) -> bytes:
    query = {
        "id": str(next(COUNT)),
        "from": telegram_user(person),
        "message": {"message_id": 10_001, "date": int(time.time()), "chat": telegram_chat(person), "text": "x"},
        "chat_instance": "1",
        "data": f"{handle}|{value}" if value else handle,
    }
    return json.dumps({"update_id": next(UPDATES), "callback_query": laid_over(query, twist)}).encode()


SAYS = {"line": line_says, "slack": slack_says, "telegram": telegram_says}
PRESSES = {"line": line_presses, "slack": slack_presses, "telegram": telegram_presses}


def says(keys: Keys, person: Person, words: str, twist: Json) -> bytes:
    """A Slack command is a form of its own; elsewhere it is a message like any other."""
    if person.platform == "slack" and words.startswith("/") and "event" not in twist:
        return slack_commands(keys, person, words, twist)
    return SAYS[person.platform](keys, person, words, twist)


def presses(keys: Keys, person: Person, handle: str, value: str, twist: Json) -> bytes:
    return PRESSES[person.platform](keys, person, handle, value, twist)


def signed(keys: Keys, platform: str, body: bytes, how: Json | None = None) -> Request:
    return wire.SIGN[platform](keys, body, how or {})
