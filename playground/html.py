"""HTML written by hand but never by accident: every text and every attribute is escaped here."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from markupsafe import Markup, escape

Child = str | Markup | None
Attribute = str | int | bool | None

EMPTY = Markup("")
VOID_TAGS = frozenset({"br", "hr", "img", "input"})
LINK_SCHEMES = frozenset({"http", "https", "tel", "mailto"})
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}(?:[0-9A-Fa-f]{2})?")
LENGTH = re.compile(r"-?\d{1,4}(?:\.\d{1,2})?(?:px|%)")
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'、。）」]+")


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """`class_` and `for_` stand for the reserved words; underscores become hyphens (`data_verb`)."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    opening = f"<{name}{written}>"
    if name in VOID_TAGS:
        return Markup(opening)
    return Markup(f"{opening}{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    return EMPTY.join(escape(child) for child in children if child is not None)


def style(**declarations: str | None) -> str | None:
    """For `data-style`. The content policy forbids style attributes, so the script sets these instead."""
    written = ";".join(f"{key.replace('_', '-')}:{value}" for key, value in declarations.items() if value is not None)
    return written or None


def colour(value: object) -> str | None:
    return value if isinstance(value, str) and COLOUR.fullmatch(value) else None


def length(value: object) -> str | None:
    return value if isinstance(value, str) and LENGTH.fullmatch(value) else None


def link(address: object, *children: Child, **attributes: Attribute) -> Markup:
    """A link that can only lead to a page: an address that could run something becomes plain text."""
    written = str(address or "")
    if not _leads_to_a_page(written):
        return tag("span", *children, **attributes)
    return tag("a", *children, href=written, target="_blank", rel="noopener noreferrer", **attributes)


def paragraph(text: object) -> Markup:
    """Plain text as a chat shows it: lines are kept and web addresses can be followed."""
    written = str(text if text is not None else "")
    parts: list[Child] = []
    end = 0
    for match in WEB_ADDRESS.finditer(written):
        parts += [written[end : match.start()], link(match.group(), match.group())]
        end = match.end()
    return lines(join([*parts, written[end:]]))


def lines(markup: Markup) -> Markup:
    return Markup("<br>").join(markup.split("\n"))


def picture(address: object, words: object, **attributes: Attribute) -> Markup:
    """Nothing is loaded from outside, so a picture from elsewhere is shown as a frame with its description."""
    written = str(address or "")
    shown = str(words or "") or _file_name(written)
    if written.startswith("/") and not written.startswith("//"):
        return tag("img", src=written, alt=shown, **attributes)
    frame = {**attributes, "class_": f"picture {attributes.get('class_') or ''}".strip()}
    return tag(
        "span",
        tag("span", "▧", class_="picture-sign", aria_hidden="true"),
        tag("span", shown, class_="picture-words"),
        role="img",
        aria_label=shown,
        **frame,
    )


def _attribute(key: str, value: Attribute) -> Markup:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return EMPTY
    if value is True:
        return Markup(f" {name}")
    return Markup(f' {name}="{escape(str(value))}"')


def _leads_to_a_page(address: str) -> bool:
    if address.startswith("/") and not address.startswith("//"):
        return True
    try:
        return urlsplit(address.strip()).scheme.lower() in LINK_SCHEMES
    except ValueError:
        return False


def _file_name(address: str) -> str:
    return address.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]
