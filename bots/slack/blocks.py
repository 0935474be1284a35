"""A Message as Block Kit. Words of people stand in plain_text, where Slack knows no control sequences."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bots import text
from bots.door import Json
from conversations.messages import Button, Field, Item, Message, Picker

HEADER_MAX, SECTION_MAX, FIELD_MAX, FIELDS_MAX = 150, 3000, 2000, 10
BUTTON_TEXT_MAX, BUTTON_VALUE_MAX, URL_MAX = 75, 2000, 3000
BUTTONS_IN_ROW = 5
OPTIONS_MAX, OPTION_VALUE_MAX = 100, 75
MESSAGE_BLOCKS_MAX, HOME_BLOCKS_MAX = 50, 100
# More answers than this are a menu.
QUICK_BUTTONS_MAX = 10
FALLBACK_MAX = 4000
# So many characters are within FALLBACK_MAX even if each of them is an ampersand.
FALLBACK_ESCAPED_MAX = FALLBACK_MAX // len("&amp;")
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escaped(words: str) -> str:
    return text.shown(words).translate(ESCAPES)


def plain(words: str, limit: int) -> Json:
    shown = text.shown(words).strip() or text.ELLIPSIS
    return {"type": "plain_text", "text": text.cut_characters(shown, limit), "emoji": False}


def fallback(message: Message) -> str:
    """The notification and what a screen reader says; mrkdwn, and so escaped."""
    words = text.shown(message.plain).strip() or text.ELLIPSIS  # so that unseen signs take nobody's room
    made = escaped(text.cut_characters(words, FALLBACK_MAX))
    if len(made) > FALLBACK_MAX:
        made = escaped(text.cut_characters(words, FALLBACK_ESCAPED_MAX))
    return made.strip() or text.ELLIPSIS


def blocks(message: Message, limit: int = MESSAGE_BLOCKS_MAX) -> list[Json]:
    ids = Ids()
    made = heading(message.title) + fields(message.fields) + words(message.text)
    end = actions(message.buttons, ids) + pick(message.picker, ids) + answers(message.quick, ids)
    items: list[Json] = []
    for item in message.items:
        more = one_item(item, ids)
        if len(made) + len(items) + len(more) + len(end) > limit:
            break
        items += more
    room = max(1, limit - len(items) - len(end))
    return (made[:room] + items + end)[:limit] or words(text.ELLIPSIS)


class Ids:
    """Action ids that never repeat within one message."""

    def __init__(self) -> None:
        self.count = 0

    def next(self, kind: str) -> str:
        self.count += 1
        return f"{kind}:{self.count}"


def heading(title: str) -> list[Json]:
    shown = text.one_line(title)
    return [{"type": "header", "text": plain(shown, HEADER_MAX)}] if shown else []


def words(said: str) -> list[Json]:
    shown = text.shown(said).strip()
    return [{"type": "section", "text": plain(piece, SECTION_MAX)} for piece in text.pieces(shown, SECTION_MAX)]


def fields(rows: Sequence[Field]) -> list[Json]:
    """One field object each, so that no value can pass itself off as another field."""
    shown = [plain(f"{text.label(row.label)}\n{text.shown(row.value).strip()}", FIELD_MAX) for row in rows]
    return [
        {"type": "section", "fields": shown[place : place + FIELDS_MAX]} for place in range(0, len(shown), FIELDS_MAX)
    ]


def one_item(item: Item, ids: Ids) -> list[Json]:
    title = text.one_line(item.title)
    head = [{"type": "section", "text": plain(title, SECTION_MAX)}] if title else []
    return [{"type": "divider"}, *head, *fields(item.fields), *words(item.text), *actions(item.buttons, ids)]


def actions(buttons: Sequence[Button], ids: Ids) -> list[Json]:
    made = [button(each, ids) for each in buttons if not each.url or is_safe(each.url)]
    return [
        {"type": "actions", "elements": made[place : place + BUTTONS_IN_ROW]}
        for place in range(0, len(made), BUTTONS_IN_ROW)
    ]


def button(each: Button, ids: Ids) -> Json:
    made: Json = {"type": "button", "text": plain(text.label(each.label), BUTTON_TEXT_MAX)}
    if each.style in ("primary", "danger"):
        made["style"] = each.style
    if each.url:
        return {**made, "action_id": ids.next("link"), "url": each.url}
    return {**made, "action_id": ids.next("press"), "value": each.handle[:BUTTON_VALUE_MAX]}


def is_safe(url: str) -> bool:
    try:
        split = urlsplit(url)
    except ValueError:
        return False
    fits = 0 < len(url) <= URL_MAX and not any(sign.isspace() for sign in url)
    return fits and bool(split.hostname) and url.startswith(("https://", "http://"))


def answers(quick: Sequence[Button], ids: Ids) -> list[Json]:
    handles = [each for each in quick if not each.url]
    if len(handles) <= QUICK_BUTTONS_MAX:
        return actions(quick, ids)
    options = [
        {"text": plain(text.label(each.label), BUTTON_TEXT_MAX), "value": each.handle[:OPTION_VALUE_MAX]}
        for each in handles[:OPTIONS_MAX]
    ]
    return [
        {"type": "actions", "elements": [{"type": "static_select", "action_id": ids.next("pick"), "options": options}]}
    ]


def pick(picker: Picker | None, ids: Ids) -> list[Json]:
    """A calendar has no value of its own: the handle rides in the action id."""
    if picker is None:
        return []
    element = {
        "type": "datepicker",
        "action_id": f"{ids.next('day')}:{picker.handle}",
        "placeholder": plain(text.label(picker.label), 150),
    }
    return [{"type": "actions", "elements": [element]}]
