"""Slack's text markup as HTML: bold, italics, code, quotes, links, mentions and lists, and nothing else."""

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from playground.html import EMPTY, join, lines, link, tag

Json = Mapping[str, Any]

# Code comes first, because nothing inside code is markup; then what stands in angle brackets.
TOKEN = re.compile(
    r"```(?P<block>.+?)```|`(?P<code>[^`\n]+)`|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>[^*\s](?:[^*\n]*[^*\s])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^_\s](?:[^_\n]*[^_\s])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^~\s](?:[^~\n]*[^~\s])?)~(?![\w~])|:(?P<emoji>[a-z0-9_+-]{2,40}):",
    re.DOTALL,
)
EMOJI = {
    "white_check_mark": "✅", "heavy_check_mark": "✔", "x": "✖", "warning": "⚠", "tada": "🎉", "bell": "🔔",
    "moneybag": "💰", "yen": "💴", "lock": "🔒", "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "star": "★",
    "memo": "📝", "mag": "🔍", "pray": "🙏", "wave": "👋", "bulb": "💡", "house": "🏠", "calendar": "📅",
    "clipboard": "📋", "page_facing_up": "📄", "package": "📦", "no_entry": "⛔", "eyes": "👀", "heart": "❤",
    "+1": "👍", "thumbsup": "👍", "blush": "😊", "smile": "😄", "speech_balloon": "💬", "briefcase": "💼",
}  # fmt: skip


def text_object(words: object) -> Markup:
    """A text object, whichever of the two kinds it is."""
    if not isinstance(words, Mapping):
        return EMPTY
    written = str(words.get("text", ""))
    return mrkdwn(written) if words.get("type") == "mrkdwn" else plain_text(written)


def plain_text(written: str) -> Markup:
    return lines(join([_with_emoji(written)]))


def mrkdwn(written: str) -> Markup:
    """Lines that begin with > stand together as one quote."""
    parts: list[Markup] = []
    for quoted, block in _quote_runs(written):
        parts.append(tag("blockquote", lines(_spans(block))) if quoted else lines(_spans(block)))
    return join(parts)


def _quote_runs(written: str) -> list[tuple[bool, str]]:
    runs: list[tuple[bool, list[str]]] = []
    for line in written.split("\n"):
        quoted = line.startswith(("&gt;", ">"))
        bare = line.removeprefix("&gt;").removeprefix(">").removeprefix(" ") if quoted else line
        if runs and runs[-1][0] == quoted:
            runs[-1][1].append(bare)
        else:
            runs.append((quoted, [bare]))
    return [(quoted, "\n".join(block)) for quoted, block in runs]


def _spans(written: str) -> Markup:
    parts: list[Markup | str] = []
    end = 0
    for match in TOKEN.finditer(written):
        parts += [_unescaped(written[end : match.start()]), _token(match)]
        end = match.end()
    return join([*parts, _unescaped(written[end:])])


def _token(match: re.Match[str]) -> Markup:
    kind, inside = next((name, value) for name, value in match.groupdict().items() if value is not None)
    match kind:
        case "block":
            return tag("pre", _unescaped(inside.strip("\n")))
        case "code":
            return tag("code", _unescaped(inside))
        case "angle":
            return _angle(inside)
        case "bold":
            return tag("strong", _spans(inside))
        case "italic":
            return tag("em", _spans(inside))
        case "strike":
            return tag("s", _spans(inside))
        case _:
            return join([EMOJI.get(inside, f":{inside}:")])


def _angle(inside: str) -> Markup:
    address, _, words = inside.partition("|")
    shown = _unescaped(words or address)
    match address[:1]:
        case "@":
            return tag("span", shown, class_="mention")
        case "#":
            return tag("span", "#" + _unescaped(words or address[1:]), class_="mention")
        case "!":
            return tag("span", _unescaped(words or "@" + address[1:].split("^")[0]), class_="mention")
        case _:
            return link(_unescaped(address), shown)


def _with_emoji(written: str) -> str:
    return re.sub(r":([a-z0-9_+-]{2,40}):", lambda match: EMOJI.get(match[1], match[0]), written)


def _unescaped(written: str) -> str:
    """Slack escapes exactly these three; they are escaped again when they are written as HTML."""
    return written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
