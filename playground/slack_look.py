"""How Slack's blocks look to the person: their words and what can be pressed."""

from collections.abc import Iterator
from typing import Any

from playground.screen import Bubble, Tap
from playground.slack_limits import elements_of

DATES = ("datepicker",)
CHOICES = ("static_select", "overflow", "radio_buttons", "checkboxes", "multi_static_select")


def message_bubble(message: dict[str, Any], bot_user: str, at: float) -> Bubble:
    blocks = message.get("blocks") or []
    mine = message.get("user") != bot_user
    words = list(block_words(blocks)) if blocks and not mine else [message.get("text") or ""]
    words += [f"[file] {file.get('name', '')}" for file in message.get("files") or []]
    text = "\n".join(word for word in words if word)
    return Bubble(message["ts"], mine, plain(text), message, block_taps(blocks), "edited" in message, at)


def view_bubble(view: dict[str, Any], at: float) -> Bubble:
    title = (view.get("title") or {}).get("text", "")
    text = "\n".join(word for word in (title, *block_words(view["blocks"])) if word)
    return Bubble(view["id"], False, plain(text), view, view_taps(view), False, at)


def view_taps(view: dict[str, Any]) -> tuple[Tap, ...]:
    ends = [
        Tap(view[name]["text"], "postback", {"type": name, "view_end": name})
        for name in ("submit", "close")
        if view.get(name)
    ]
    return (*block_taps(view["blocks"]), *ends)


def plain(text: str) -> str:
    """Slack's three escapes, read back."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def block_words(blocks: list[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        yield _text(block.get("text"))
        yield _text(block.get("label"))
        yield _text(block.get("hint"))
        yield _text(block.get("title"))
        for each in block.get("fields") or []:
            yield _text(each)
        if block["type"] == "context":
            yield from (_text(each) for each in block["elements"] if each["type"] != "image")
        if block["type"] == "rich_text":
            yield "".join(_rich(block["elements"]))
        if block["type"] == "table":
            yield from ("".join(_rich([cell])) for row in block["rows"] for cell in row)


def block_taps(blocks: list[dict[str, Any]]) -> tuple[Tap, ...]:
    """`raw` carries the block_id beside the element, since an action names both."""
    return tuple(
        tap
        for block in blocks
        if block["type"] in ("section", "actions", "input")
        for element in elements_of(block)
        for tap in _element_taps(block, element)
    )


def _element_taps(block: dict[str, Any], element: dict[str, Any]) -> Iterator[Tap]:
    raw = {"block_id": block.get("block_id", ""), "element": element, "input": block["type"] == "input"}
    kind = element["type"]
    if kind == "button":
        yield Tap(element["text"]["text"], "url" if element.get("url") else "postback", raw)
    elif kind in DATES:
        yield Tap(_text(block.get("label")) or _text(element.get("placeholder")) or element["action_id"], "date", raw)
    elif kind in CHOICES:
        groups = element.get("option_groups") or [element]
        for option in (option for group in groups for option in group.get("options") or []):
            yield Tap(option["text"]["text"], "select", {**raw, "option": option})


def _text(text: Any) -> str:
    if isinstance(text, dict):
        return str(text.get("text") or "")
    return text if isinstance(text, str) else ""


def _rich(elements: list[dict[str, Any]]) -> Iterator[str]:
    for element in elements:
        yield element.get("text") or element.get("url") or ""
        yield from _rich(element.get("elements") or [])
