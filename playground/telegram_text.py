"""Telegram's formatted text as HTML, from entities or from the HTML a bot sends; all other markup stays text."""

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

from markupsafe import Markup, escape

from playground.html import EMPTY, lines, link, tag

Json = Mapping[str, Any]

ENTITY_TAGS = {
    "bold": "strong", "italic": "em", "underline": "u", "strikethrough": "s", "code": "code", "pre": "pre",
    "blockquote": "blockquote", "expandable_blockquote": "blockquote",
}  # fmt: skip
HTML_TAGS = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "u": "u", "ins": "u", "s": "s", "strike": "s",
    "del": "s", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip


def entities_text(text: str, entities: Sequence[Json]) -> Markup:
    """Offsets count UTF-16 units, so the text is cut as UTF-16."""
    units = text.encode("utf-16-le", "surrogatepass")
    known = [entity for entity in entities if _length(entity) > 0]
    ordered = sorted(known, key=lambda entity: (_offset(entity), -_length(entity)))
    return _between(units, 0, len(units) // 2, ordered)


def _between(units: bytes, start: int, end: int, entities: Sequence[Json]) -> Markup:
    shown = EMPTY
    position = start
    for index, entity in enumerate(entities):
        begins, ends = _offset(entity), min(_offset(entity) + _length(entity), end)
        if begins < position or begins >= end:
            continue
        inner = [later for later in entities[index + 1 :] if _offset(later) < ends]
        shown += _cut(units, position, begins) + _wrapped(entity, units, begins, ends, inner)
        position = ends
    return shown + _cut(units, position, end)


def _wrapped(entity: Json, units: bytes, start: int, end: int, inner: Sequence[Json]) -> Markup:
    content = _between(units, start, end, inner)
    kind = str(entity.get("type"))
    match kind:
        case "text_link":
            return link(entity.get("url"), content)
        case "url":
            address = _plain(units, start, end)
            return link(address if "://" in address else f"https://{address}", content)
        case "spoiler":
            return tag("span", content, class_="spoiler", tabindex=0)
        case "bot_command":
            return tag(
                "button",
                content,
                type="button",
                class_="in-text",
                data_verb="says",
                data_text=_plain(units, start, end),
            )
        case _:
            return tag(ENTITY_TAGS[kind], content) if kind in ENTITY_TAGS else content


def _cut(units: bytes, start: int, end: int) -> Markup:
    return lines(escape(_plain(units, start, end)))


def _plain(units: bytes, start: int, end: int) -> str:
    return units[start * 2 : end * 2].decode("utf-16-le", "replace")


def _offset(entity: Json) -> int:
    return max(0, int(entity.get("offset", 0)))


def _length(entity: Json) -> int:
    return int(entity.get("length", 0))


def html_text(written: str) -> Markup:
    reader = _Reader()
    reader.feed(written)
    reader.close()
    return reader.shown()


class _Reader(HTMLParser):
    """Keeps the tags Telegram knows; writes every other tag as the text it is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, str | None, Markup]] = [("", None, EMPTY)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HTML_TAGS or tag in ("a", "span", "tg-spoiler"):
            self._open.append((tag, dict(attrs).get("href"), EMPTY))
        else:
            self._add(escape(self.get_starttag_text() or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(escape(self.get_starttag_text() or ""))

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1][0] == tag:
            self._close()
        else:
            self._add(escape(f"</{tag}>"))

    def handle_data(self, data: str) -> None:
        self._add(lines(escape(data)))

    def handle_comment(self, data: str) -> None:
        self._add(escape(f"<!--{data}-->"))

    def shown(self) -> Markup:
        while len(self._open) > 1:
            self._close()
        return self._open[0][2]

    def _close(self) -> None:
        name, address, content = self._open.pop()
        match name:
            case "a":
                self._add(link(address, content))
            case "span" | "tg-spoiler":
                self._add(tag("span", content, class_="spoiler", tabindex=0))
            case _:
                self._add(tag(HTML_TAGS[name], content))

    def _add(self, piece: Markup) -> None:
        name, address, content = self._open[-1]
        self._open[-1] = (name, address, content + piece)
