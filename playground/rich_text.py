"""Slack's rich text as HTML: what its own editor writes, sections, lists, quotes and code."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from playground.html import join, lines, link, tag
from playground.mrkdwn import EMOJI

Json = Mapping[str, Any]

STYLE_TAGS = (("bold", "strong"), ("italic", "em"), ("strike", "s"), ("code", "code"))


def rich_text(raw: Json) -> Markup:
    return join(_part(part) for part in _parts(raw))


def _part(part: Json) -> Markup:
    match part.get("type"):
        case "rich_text_list":
            name = "ol" if part.get("style") == "ordered" else "ul"
            return tag(name, *[tag("li", _section(item)) for item in _parts(part)])
        case "rich_text_quote":
            return tag("blockquote", _section(part))
        case "rich_text_preformatted":
            return tag("pre", _section(part))
        case _:
            return tag("div", _section(part), class_="block-text")


def _section(section: Json) -> Markup:
    return join(_piece(piece) for piece in _parts(section))


def _piece(piece: Json) -> Markup:
    match piece.get("type"):
        case "link":
            shown = link(piece.get("url"), str(piece.get("text") or piece.get("url") or ""))
        case "emoji":
            name = str(piece.get("name", ""))
            shown = join([EMOJI.get(name, f":{name}:")])
        case "user" | "channel" | "usergroup" | "broadcast":
            named = piece.get("user_id") or piece.get("channel_id") or piece.get("usergroup_id") or piece.get("range")
            shown = tag("span", f"@{named}", class_="mention")
        case _:
            shown = lines(join([str(piece.get("text", ""))]))
    return _styled(shown, piece.get("style"))


def _styled(shown: Markup, styles: object) -> Markup:
    if not isinstance(styles, Mapping):
        return shown
    for key, name in STYLE_TAGS:
        if styles.get(key) is True:
            shown = tag(name, shown)
    return shown


def _parts(raw: Json) -> list[Json]:
    elements = raw.get("elements")
    return [part for part in elements if isinstance(part, Mapping)] if isinstance(elements, list) else []
