"""A Message as Telegram's HTML and inline keyboard. One escaper for all words; only our own tags stand around them."""

from collections.abc import Sequence
from datetime import date, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from bots import text
from bots.door import Json
from bots.telegram.inbound import PICKED
from conversations.messages import Button, Field, Item, Message, Picker

TEXT_MAX = 4096  # UTF-16 units, after the tags are taken out
TITLE_MAX, VALUE_MAX = 256, 1024
LABEL_MAX = 64
DATA_MAX_BYTES = 64
BUTTONS_MAX = 90  # of about 100
BUTTONS_IN_ROW = 2
LABEL_FOR_ROW_MAX = 14  # longer ones stand in a row of their own
DAYS_IN_ROW = 3
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


class Page:
    """HTML that grows until the room is used up; what is cut is cut between tags, never inside one."""

    def __init__(self) -> None:
        self.html: list[str] = []
        self.room = TEXT_MAX

    def add(self, words: str, tag: str = "") -> None:
        if not words or self.room <= 0:
            return
        words = text.cut_utf16(words, self.room)
        self.room -= text.utf16_units(words)
        inner = words.translate(ESCAPES)
        self.html.append(f"<{tag}>{inner}</{tag}>" if tag else inner)

    def __str__(self) -> str:
        return "".join(self.html)


def html(message: Message) -> str:
    page = Page()
    card(page, Item(message.title, message.fields, message.text))
    for item in message.items:
        page.add("\n\n" if page.html else "")
        card(page, item)
    for each in message.buttons:
        if each.url and not is_safe(each.url):
            # What cannot be a button stands in the text: a file or pay page of a server on this machine.
            page.add("\n" if page.html else "")
            page.add(f"{text.label(each.label)}: {text.shown(each.url)}")
    return str(page) or text.ELLIPSIS


def card(page: Page, item: Item) -> None:
    first = True
    title = text.cut_utf16(text.one_line(item.title), TITLE_MAX)
    if title:
        page.add(title, "b")
        first = False
    for row in item.fields:
        page.add("" if first else "\n")
        field(page, row)
        first = False
    words = text.shown(item.text).strip()
    if words:
        page.add("" if first else "\n")
        page.add(words)


def field(page: Page, row: Field) -> None:
    """A value keeps to its line, so that it cannot pass itself off as another field."""
    page.add(f"{text.label(row.label)}: ", "b")
    page.add(text.cut_utf16(text.one_line(row.value), VALUE_MAX) or text.ELLIPSIS)


def keyboard(message: Message, language: str) -> Json | None:
    rows = lines(message.buttons)
    for item in message.items:
        rows += item_buttons(item)
    rows += days(message.picker, language) if message.picker else []
    rows += lines(message.quick)
    return {"inline_keyboard": fitting(rows)} if rows else None


def item_buttons(item: Item) -> list[list[Json]]:
    """The buttons stand below all items, so that each says which one it is for."""
    title = text.one_line(item.title)
    named = [Button(f"{each.label}: {title}" if title else each.label, each.handle, each.url) for each in item.buttons]
    return lines(named)


def lines(buttons: Sequence[Button]) -> list[list[Json]]:
    """Two short labels side by side, long ones alone."""
    rows: list[list[Json]] = []
    room = 0
    for each in buttons:
        if each.url and not is_safe(each.url):
            continue
        short = text.graphemes_at_most(text.label(each.label)) <= LABEL_FOR_ROW_MAX
        if short and room:
            rows[-1].append(button(each))
            room -= 1
        else:
            rows.append([button(each)])
            room = BUTTONS_IN_ROW - 1 if short else 0
    return rows


def button(each: Button) -> Json:
    made: Json = {"text": text.cut_utf16(text.label(each.label), LABEL_MAX)}
    if each.style in ("primary", "danger"):
        made["style"] = each.style
    if each.url:
        return {**made, "url": each.url}
    return {**made, "callback_data": text.cut_bytes(each.handle, DATA_MAX_BYTES)}


def is_safe(url: str) -> bool:
    """Telegram refuses the whole message for one button to a host that is not public."""
    if any(sign.isspace() for sign in url):
        return False
    try:
        split = urlsplit(url)
        host = split.hostname or ""
    except ValueError:
        return False
    return url.startswith(("https://", "http://")) and "." in host and not is_private_address(host)


def is_private_address(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def days(picker: Picker, language: str) -> list[list[Json]]:
    """Telegram has no calendar: the days that are asked for most, and any other can be typed."""
    wanted = [picker.first + timedelta(days=ahead) for ahead in (0, 1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30)]
    offered = [each for each in wanted if each <= picker.last] or [picker.first]
    made = [
        {"text": day_label(each, language), "callback_data": f"{picker.handle}{PICKED}{each.isoformat()}"}
        for each in offered
    ]
    return [made[place : place + DAYS_IN_ROW] for place in range(0, len(made), DAYS_IN_ROW)]


def day_label(day: date, language: str) -> str:
    """With its weekday, so that nobody has to reckon."""
    if language == "ja":
        return f"{day.month}/{day.day}({WEEKDAYS['ja'][day.weekday()]})"
    return f"{WEEKDAYS['en'][day.weekday()]} {day.month}/{day.day}"


def fitting(rows: list[list[Json]]) -> list[list[Json]]:
    """The first rows and the last two: back and stop stand at the end, and must stay."""
    while sum(len(row) for row in rows) > BUTTONS_MAX:
        rows = rows[:-3] + rows[-2:]
    return rows
