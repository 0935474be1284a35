"""A Message as LINE's messages: Flex cards, text, quick replies. Plain dicts: the SDK's models cost 15 ms a card and
drop unknown keys without a word."""

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from bots import text
from bots.door import Json
from conversations.messages import Button, Field, Item, Message, Picker

MESSAGES_MAX = 5
TEXT_MAX = 5000  # UTF-16 units
ALT_TEXT_MAX = 400
QUICK_MAX = 13
QUICK_LABEL_MAX = 20  # graphemes
BUTTON_LABEL_MAX = 40
DISPLAY_TEXT_MAX = 300
DATA_MAX = 300
URI_MAX = 1000
BUBBLES_MAX = 12
BUTTONS_MAX = 12
FIELDS_MAX = 30
BUBBLE_MAX_BYTES = 29 * 1024
CAROUSEL_MAX_BYTES = 49 * 1024
# Text beyond this goes before the card, as a message that can be read and copied.
CARD_TEXT_MAX = 1200
# How long one text in a card may be: the first of these with which the card is small enough.
CARD_TEXT_LIMITS = (CARD_TEXT_MAX, 600, 300, 120, 50, 20)
GREEN, RED, DARK, GREY = "#047A34", "#B3261E", "#111111", "#6b6b6b"  # contrast of 4.5 and more on white


def messages(message: Message, *, loopback: bool) -> list[Json]:
    made: list[Json] = []
    words = text.shown(message.text).strip()
    card = bool(message.title or message.fields or message.buttons)
    if words and (not card or text.utf16_units(words) > CARD_TEXT_MAX):
        made += [{"type": "text", "text": part} for part in text.pieces(words, TEXT_MAX)]
        words = ""
    if card:
        item = Item(message.title, message.fields, words, message.buttons)
        made.append(flex(one_bubble(item, loopback=loopback), alt_text(message)))
    if message.items:
        made.append(flex(carousel(message.items, loopback=loopback), alt_text(message)))
    if not made:
        made.append({"type": "text", "text": text.ELLIPSIS})
    made = made[-MESSAGES_MAX:]
    quick = quick_replies(message.quick, message.picker, loopback=loopback)
    if quick:
        made[-1]["quickReply"] = {"items": quick}
    return made


def alt_text(message: Message) -> str:
    """The notification and what a screen reader says."""
    return text.cut_utf16(text.shown(message.plain).strip(), ALT_TEXT_MAX) or text.ELLIPSIS


def flex(contents: Json, alt: str) -> Json:
    return {"type": "flex", "altText": alt, "contents": contents}


def size(contents: Json) -> int:
    return len(json.dumps(contents, ensure_ascii=False, separators=(",", ":")).encode())


def one_bubble(item: Item, *, loopback: bool) -> Json:
    made: Json = {}
    for limit in CARD_TEXT_LIMITS:
        made = bubble(item, limit, loopback=loopback)
        if size(made) <= BUBBLE_MAX_BYTES:
            break
    return made


def carousel(items: Sequence[Item], *, loopback: bool) -> Json:
    made: Json = {}
    for limit in CARD_TEXT_LIMITS:
        made = {
            "type": "carousel",
            "contents": [bubble(item, limit, loopback=loopback) for item in items[:BUBBLES_MAX]],
        }
        if size(made) <= CAROUSEL_MAX_BYTES:
            break
    return made


def bubble(item: Item, limit: int, *, loopback: bool) -> Json:
    body: list[Json] = []
    title = text.cut_utf16(text.one_line(item.title), limit)
    if title:
        body.append({"type": "text", "text": title, "weight": "bold", "size": "lg", "wrap": True, "color": DARK})
    body += [row(field, limit) for field in item.fields[:FIELDS_MAX]]
    words = text.cut_utf16(text.shown(item.text).strip(), limit)
    if words:
        body.append({"type": "text", "text": words, "wrap": True, "color": DARK, "size": "md"})
    if not body:
        body.append({"type": "text", "text": text.ELLIPSIS, "color": DARK})
    made: Json = {
        "type": "bubble",
        "size": "mega",
        "body": {"type": "box", "layout": "vertical", "spacing": "md", "contents": body},
    }
    buttons = [button(each) for each in item.buttons if not each.url or is_safe(each.url, loopback=loopback)]
    if buttons:
        made["footer"] = {
            "type": "box",
            "layout": "vertical",
            "spacing": "sm",
            "contents": fitting(buttons, BUTTONS_MAX),
        }
    return made


def row(field: Field, limit: int) -> Json:
    """Label and value in boxes of their own, so that no value can pass itself off as another field."""
    words = (
        {"text": text.cut_utf16(text.label(field.label), limit), "color": GREY, "flex": 2},
        {"text": text.cut_utf16(text.shown(field.value).strip(), limit) or text.ELLIPSIS, "color": DARK, "flex": 5},
    )
    contents = [{"type": "text", "size": "sm", "wrap": True, **each} for each in words]
    return {"type": "box", "layout": "baseline", "spacing": "sm", "contents": contents}


def button(each: Button) -> Json:
    made: Json = {"type": "button", "height": "sm", "action": action(each, BUTTON_LABEL_MAX)}
    if each.style in ("primary", "danger"):
        return {**made, "style": "primary", "color": GREEN if each.style == "primary" else RED}
    return {**made, "style": "secondary"}


def action(each: Button, label_max: int) -> Json:
    label = text.label(each.label)
    shown = text.cut_graphemes(label, label_max)
    if each.url:
        return {"type": "uri", "label": shown, "uri": each.url}
    displayed = text.cut_utf16(label, DISPLAY_TEXT_MAX)
    return {"type": "postback", "label": shown, "data": text.cut_bytes(each.handle, DATA_MAX), "displayText": displayed}


def is_safe(url: str, *, loopback: bool) -> bool:
    """https only: line:, tel: and javascript: do things on a phone. http on loopback is for the playground."""
    if not 0 < text.utf16_units(url) <= URI_MAX or text.one_line(url) != url or " " in url:
        return False
    try:
        split = urlsplit(url)
    except ValueError:
        return False
    local = split.hostname in ("127.0.0.1", "localhost", "::1")
    return bool(split.hostname) and (url.startswith("https://") or (loopback and local and url.startswith("http://")))


def quick_replies(buttons: Sequence[Button], picker: Picker | None, *, loopback: bool) -> list[Json]:
    actions = [pick(picker)] if picker else []
    safe = [each for each in buttons if not each.url or is_safe(each.url, loopback=loopback)]
    actions += [action(each, QUICK_LABEL_MAX) for each in safe]
    return [{"type": "action", "action": each} for each in fitting(actions, QUICK_MAX)]


def fitting(actions: list[Json], limit: int) -> list[Json]:
    """The first ones and the last two: back and stop stand at the end, and must stay."""
    return actions if len(actions) <= limit else actions[: limit - 2] + actions[-2:]


def pick(picker: Picker) -> Json:
    return {
        "type": "datetimepicker",
        "label": text.cut_graphemes(text.label(picker.label), QUICK_LABEL_MAX),
        "data": picker.handle,
        "mode": "date",
        "initial": picker.first.isoformat(),
        "min": picker.first.isoformat(),
        "max": picker.last.isoformat(),
    }
