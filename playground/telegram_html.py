"""Telegram's HTML as the Bot API reads it: words and entities, or the reason why it cannot be parsed."""

import re
from dataclasses import dataclass, field
from typing import Any

from playground.limits import utf16

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#(\d+)|(lt|gt|amp|quot));?")
TAG = re.compile(r"<(/?)([^\s<>/]*)((?:\s+[^\s=<>]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[\w.-]+))?)*)\s*>")
ATTRIBUTE = re.compile(r"([^\s=<>]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([\w.-]+)))?")
CODE_POINT_MAX = 0x10FFFF
SURROGATES = (
    "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units"
)


class NotHtml(ValueError):
    """The text breaks the rules; the message is Telegram's wording."""


@dataclass
class _Reading:
    words: str = ""
    open: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    reading = _Reading()
    at = 0
    while at < len(source):
        match source[at]:
            case "<":
                at = _tag(source, at, reading)
            case "&":
                at = _reference(source, at, reading)
            case letter:
                reading.words += letter
                at += 1
    if reading.open:
        raise NotHtml(f'Can\'t find end tag corresponding to start tag "{reading.open[-1][0]}"')
    if any("\ud800" <= letter <= "\udfff" for letter in reading.words):
        raise NotHtml(SURROGATES)
    return _trimmed(reading)


def _reference(source: str, at: int, reading: _Reading) -> int:
    found = REFERENCE.match(source, at)
    code = 0
    if found and not found[3]:
        code = int(found[1], 16) if found[1] else int(found[2])
    if found is None or (not found[3] and not 0 < code <= CODE_POINT_MAX):
        reading.words += "&"
        return at + 1
    reading.words += NAMED[found[3]] if found[3] else chr(code)
    return found.end()


def _tag(source: str, at: int, reading: _Reading) -> int:
    byte = len(source[:at].encode())
    found = TAG.match(source, at)
    if found is None or (not found[1] and found[2].lower() not in KINDS):
        name = re.match(r"</?([^\s>]*)", source[at:])
        wanted = name[1].lower() if name else ""
        if wanted in KINDS or ">" not in source[at:]:
            raise NotHtml(f"Unclosed start tag at byte offset {byte}")
        raise NotHtml(f'Unsupported start tag "{wanted}" at byte offset {byte}')
    name_of_tag = found[2].lower()
    if found[1]:
        _close(name_of_tag, byte, reading)
        return found.end()
    attributes = {each[1].lower(): each[2] or each[3] or each[4] or "" for each in ATTRIBUTE.finditer(found[3])}
    if name_of_tag == "span" and attributes.get("class") != "tg-spoiler":
        raise NotHtml(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
    reading.open.append((name_of_tag, utf16(reading.words), attributes))
    return found.end()


def _close(name: str, byte: int, reading: _Reading) -> None:
    if not reading.open:
        raise NotHtml(f"Unexpected end tag at byte offset {byte}")
    opened, start, attributes = reading.open.pop()
    if name and name != opened:
        wanted = f'expected "</{opened}>", found "</{name}>"'
        raise NotHtml(f"Unmatched end tag at byte offset {byte}, {wanted}")
    length = utf16(reading.words) - start
    entity: dict[str, Any] = {"type": KINDS[opened], "offset": start, "length": length}
    if opened == "a":
        entity["url"] = attributes.get("href") or reading.words[-length:]
    if opened == "tg-emoji":
        entity["custom_emoji_id"] = attributes.get("emoji-id", "")
    if length:
        reading.entities.append(entity)


def _trimmed(reading: _Reading) -> tuple[str, list[dict[str, Any]]]:
    """Telegram cuts the white space around a message; entities move with it."""
    words = reading.words.strip()
    cut = utf16(reading.words) - utf16(reading.words.lstrip())
    kept = []
    for entity in sorted(reading.entities, key=lambda entity: (entity["offset"], -entity["length"])):
        start = max(0, entity["offset"] - cut)
        end = min(utf16(words), entity["offset"] + entity["length"] - cut)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return words, kept
