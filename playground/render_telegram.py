"""Telegram's messages as HTML: text with its entities, files, and the keyboard beneath."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from playground.html import EMPTY, link, picture, tag
from playground.telegram_text import entities_text, html_text

Json = Mapping[str, Any]

FILES = ("document", "video", "audio", "voice", "animation", "sticker")


def telegram_message(raw: Json) -> Markup:
    text = raw.get("text") if raw.get("text") is not None else raw.get("caption")
    return tag(
        "div",
        _attached(raw),
        tag("div", _words(raw, str(text)), class_="said") if text else EMPTY,
        class_="telegram-message",
    )


def telegram_keyboard(raw: Json) -> Markup:
    """The rows are the bot's own arrangement, so they are kept."""
    markup = raw.get("reply_markup")
    rows = markup.get("inline_keyboard") if isinstance(markup, Mapping) else None
    if not isinstance(rows, list) or not rows:
        return EMPTY
    written = [tag("div", *map(_button, _objects(row)), class_="keyboard-row") for row in rows]
    return tag("div", *written, class_="keyboard")


def _words(raw: Json, text: str) -> Markup:
    """What the Bot API returns carries entities; what a bot sent carries its parse mode instead."""
    if raw.get("parse_mode") == "HTML":
        return html_text(text)
    return entities_text(text, _objects(raw.get("entities") or raw.get("caption_entities")))


def _button(raw: Json) -> Markup:
    label = str(raw.get("text", ""))
    if raw.get("url"):
        arrow = tag("span", "↗", aria_hidden="true")
        return link(raw.get("url"), label, " ", arrow, class_="keyboard-button", data_label=label)
    return tag("button", label, type="button", class_="keyboard-button", data_verb="taps", data_label=label)


def _attached(raw: Json) -> Markup:
    if raw.get("photo"):
        return picture("", raw.get("caption") or "photo", class_="wide")
    for kind in FILES:
        file = raw.get(kind)
        if isinstance(file, Mapping):
            name = file.get("file_name") or file.get("emoji") or kind
            return tag("p", tag("span", "▤ ", aria_hidden="true"), str(name), class_="attachment")
    return EMPTY


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
