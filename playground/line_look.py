"""How a LINE message looks to the person: its words and what can be pressed."""

from collections.abc import Iterator
from typing import Any

from playground.screen import Bubble, Tap

KINDS = {
    "postback": "postback",
    "richmenuswitch": "postback",
    "message": "message",
    "uri": "url",
    "datetimepicker": "date",
}


def as_bubble(id: str, message: dict[str, Any], at: float) -> Bubble:
    text = "\n".join(line for line in _words(message) if line)
    return Bubble(id, False, text, message, tuple(_taps(message)), False, at)


def quick_taps(message: dict[str, Any]) -> tuple[Tap, ...]:
    items = (message.get("quickReply") or {}).get("items") or []
    return tuple(as_tap(item["action"], "") for item in items)


def as_tap(action: dict[str, Any], words: str) -> Tap:
    """`words` stand in for a label: a Flex box that can be pressed has none, nor has an area of a rich menu."""
    label = action.get("label") or words or action.get("displayText") or action.get("text") or action.get("data") or ""
    return Tap(label, KINDS.get(action["type"], action["type"]), action)


def _words(message: dict[str, Any]) -> Iterator[str]:
    match message["type"]:
        case "text":
            yield message["text"]
        case "template":
            yield from _template_words(message["template"])
        case "flex":
            yield from _flex_words(message["contents"])
        case "image" | "video" | "audio":
            yield f"[{message['type']}]"
        case "file":
            yield f"[file] {message['fileName']}"
        case "sticker":
            yield "[sticker]"
        case "location":
            yield f"{message.get('title', '')} {message.get('address', '')}"
        case _:
            yield message.get("altText", "")


def _template_words(template: dict[str, Any]) -> Iterator[str]:
    for part in (template, *(template.get("columns") or [])):
        yield part.get("title") or ""
        yield part.get("text") or ""


def _flex_words(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for inner in part:
            yield from _flex_words(inner)
    elif isinstance(part, dict):
        if part.get("type") == "text":
            spans = "".join(span.get("text", "") for span in part.get("contents") or [])
            yield spans or part.get("text", "")
            return
        for name in ("header", "hero", "body", "footer", "contents"):
            yield from _flex_words(part.get(name))


def _taps(part: Any) -> Iterator[Tap]:
    if isinstance(part, list):
        for inner in part:
            yield from _taps(inner)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "quickReply":
                continue
            if name in ("action", "defaultAction") and isinstance(value, dict):
                yield as_tap(value, " ".join(_flex_words(part)))
            elif name == "actions" and isinstance(value, list):
                yield from (as_tap(action, "") for action in value)
            else:
                yield from _taps(value)
