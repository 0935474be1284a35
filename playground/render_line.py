"""LINE's message objects as HTML: text, stickers, files and templates; Flex is in render_flex.py."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from playground.html import EMPTY, join, paragraph, picture, tag
from playground.line_action import line_button
from playground.render_flex import flex

Json = Mapping[str, Any]


def line_message(raw: Json) -> Markup:
    """An unknown kind is shown by its name, so that nothing the bot says stays invisible."""
    return WRITERS.get(str(raw.get("type")), _unknown)(raw)


def _text(raw: Json) -> Markup:
    return tag("p", paragraph(raw.get("text")), class_="said")


def _sticker(raw: Json) -> Markup:
    return tag("p", tag("span", "☺", aria_hidden="true"), " ", _joined(raw.get("keywords")), class_="said sticker")


def _image(raw: Json) -> Markup:
    address = raw.get("previewImageUrl") or raw.get("originalContentUrl") or raw.get("baseUrl")
    return picture(address, raw.get("altText") or raw.get("type"), class_="wide")


def _attachment(raw: Json) -> Markup:
    name = raw.get("fileName") or raw.get("originalContentUrl") or raw.get("type")
    return tag("p", tag("span", "▤ ", aria_hidden="true"), str(name), class_="said attachment")


def _location(raw: Json) -> Markup:
    return tag("p", tag("b", str(raw.get("title", ""))), tag("br"), str(raw.get("address", "")), class_="said")


def _template(raw: Json) -> Markup:
    template = _object(raw.get("template"))
    columns = template.get("columns") or [template]
    cards = [_card(_object(column)) for column in columns]
    return tag("div", *cards, class_="flex-carousel", role="group", aria_label=str(raw.get("altText", "")))


def _card(column: Json) -> Markup:
    image = column.get("thumbnailImageUrl") or column.get("imageUrl")
    actions = column.get("actions") or [column[key] for key in ("action",) if key in column]
    return tag(
        "div",
        picture(image, "", class_="wide") if image else EMPTY,
        tag("p", tag("b", str(column["title"]))) if column.get("title") else EMPTY,
        tag("p", paragraph(column["text"])) if column.get("text") else EMPTY,
        tag("div", *[line_button(_object(action), "flex-button flex-link") for action in actions], class_="stack"),
        class_="template-card",
    )


def _unknown(raw: Json) -> Markup:
    return tag("p", f"[{raw.get('type', '?')}]", class_="said unknown")


def _joined(words: object) -> Markup:
    return join([", ".join(str(word) for word in words)]) if isinstance(words, list) else EMPTY


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


WRITERS: dict[str, Callable[[Json], Markup]] = {
    "text": _text,
    "textV2": _text,
    "sticker": _sticker,
    "image": _image,
    "video": _image,
    "imagemap": _image,
    "audio": _attachment,
    "file": _attachment,
    "location": _location,
    "template": _template,
    "flex": flex,
}
