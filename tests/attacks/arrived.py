"""What arrived on the platforms: every call of ours as the emulators logged it, read for whatever words must not do."""

import json
import re
import unicodedata
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from playground.exchange import Call

TELEGRAM_TAG = re.compile(r"<[^>]*>")
TELEGRAM_FIELD = re.compile(r"<b>([^<]*): </b>([^\n<]*)")
# The presses of these tests did not come from a phone: there is no toast and no message to edit.
NEVER_PRESSED = ("query is too old", "message to edit not found")
JSON_PARTS = ("blocks", "view", "reply_markup", "link_preview_options", "commands")
# They carry references and numbers of ours, or are read by machines.
UNREAD_KEYS = frozenset(("callback_data", "data", "value", "action_id", "uri", "url", "private_metadata", "block_id"))


def opened(payload: Any) -> Any:
    """Parts that were sent as JSON within a form."""
    return {
        key: json.loads(each) if key in JSON_PARTS and isinstance(each, str) else each for key, each in payload.items()
    }


def strings(found: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text with the key it stands under."""
    match found:
        case dict():
            for name, value in found.items():
                yield from strings(value, name)
        case list() | tuple():
            for value in found:
                yield from strings(value, key)
        case str():
            yield key, found


def objects(found: Any) -> Iterator[dict[str, Any]]:
    match found:
        case dict():
            yield found
            for value in found.values():
                yield from objects(value)
        case list() | tuple():
            for value in found:
                yield from objects(value)


def is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and sign != "\n"


def faults(platform: str, call: Call, ours: str) -> list[str]:
    """What is wrong with one call: refused, unseen signs, control sequences, foreign links."""
    found = [f"{call.status} {call.answer} {problem}" for problem in call.problems]
    refused = call.status != HTTPStatus.OK and not any(each in str(call.answer) for each in NEVER_PRESSED)
    found += [f"refused with {call.status}: {call.answer}"] if refused else []
    payload = opened(call.payload)
    for key, words in strings(payload):
        if key not in UNREAD_KEYS and any(is_unseen(sign) for sign in words):
            found.append(f"unseen signs in {words!r}")
    return found + CONTROLS[platform](payload, ours)


def line(payload: Any, ours: str) -> list[str]:
    found = [f"{key} in a message" for each in objects(payload) for key in each if key in ("substitution", "mention")]
    kinds = [each["type"] for each in payload.get("messages", []) if each["type"] not in ("text", "flex")]
    links = [each["uri"] for each in objects(payload) if "uri" in each and not each["uri"].startswith(ours)]
    return found + [f"a message of type {kind}" for kind in kinds] + [f"a link to {link}" for link in links]


def slack(payload: Any, ours: str) -> list[str]:
    """The notification is mrkdwn: nothing in it may begin a sequence. Everything else has to be plain_text."""
    notification = payload.get("text", "")
    found = [f"a sequence in {notification!r}"] if re.search(r"[<>]|&(?!amp;|lt;|gt;)", notification) else []
    found += [f"mrkdwn {each['text']!r}" for each in objects(payload) if each.get("type") == "mrkdwn"]
    return found + [
        f"a link to {each['url']}" for each in objects(payload) if not each.get("url", ours).startswith(ours)
    ]


def telegram(payload: Any, ours: str) -> list[str]:
    found = [f"a link to {each['url']}" for each in objects(payload) if not each.get("url", ours).startswith(ours)]
    if payload.get("parse_mode") == "HTML":
        found += [f"a tag {tag}" for tag in TELEGRAM_TAG.findall(payload["text"]) if tag not in ("<b>", "</b>")]
    return found


CONTROLS = {"line": line, "slack": slack, "telegram": telegram}


def fields(platform: str, payload: Any) -> list[tuple[str, str]]:
    """The fields of our cards, (label, value), as somebody reads them there."""
    if platform == "telegram":
        return TELEGRAM_FIELD.findall(str(payload.get("text", "")))
    found: list[tuple[str, str]] = []
    for each in objects(opened(payload)):
        if platform == "line" and each.get("layout") == "baseline":
            label, value = (part["text"] for part in each["contents"])
            found.append((label, value))
        if platform == "slack" and each.get("type") == "section":
            rows = (field["text"].partition("\n") for field in each.get("fields", []))
            found += [(label, value) for label, _, value in rows]
    return found
