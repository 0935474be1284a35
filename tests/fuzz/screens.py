"""What leaves for a screen: read back by the emulated platform it is the person's own words, and nothing more."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import regex

from bots import text
from bots.line import cards
from bots.slack import blocks, forms
from bots.telegram import words as telegram_words
from conversations.messages import Button, Field, FormField, FormSheet, Item, Message, Picker
from playground import line_limits, mrkdwn, slack_limits, telegram_html, telegram_limits
from playground.limits import Check, graphemes, utf16
from tests.bots.messages import HANDLE
from tests.fuzz.grammars import FIRST
from tests.fuzz.reading import Json, number, storable, words

# Signs of which nothing is seen. Variation selectors choose how the sign before them looks; names are written so.
UNSEEN = regex.compile(r"[\p{Default_Ignorable_Code_Point}--[\uFE00-\uFE0F\U000E0100-\U000E01EF\u200D]]", regex.V1)
MARKS = regex.compile(r"\p{M}{4}")
TITLE, LABEL = "題", "報酬"
FIRST_DAY = FIRST.date()


def filtered(data: bytes) -> None:
    """The filter all words pass on their way out."""
    said = words(data)
    shown = text.shown(said)
    assert text.shown(shown) == shown, "shown twice is shown otherwise"
    assert UNSEEN.search(shown) is None, "something unseen was shown"
    assert MARKS.search(shown) is None, "marks pile up"
    assert all(
        sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co") or sign == text.ZERO_WIDTH_JOINER
        for sign in shown
    )
    assert "".join(filter(is_plain, shown)) == "".join(filter(is_plain, said)), "a letter was lost or made"
    assert storable(text.kept(said))
    assert text.kept(text.kept(said)) == text.kept(said)
    assert "\n" not in text.one_line(said)
    assert text.label(said).strip()


def is_plain(sign: str) -> bool:
    return unicodedata.category(sign) in ("Lu", "Ll", "Nd", "Sc", "Sm", "Po")


def cut(data: bytes) -> None:
    """No cut is longer than allowed, in the unit of its platform; what fits is left as it is."""
    limit, data = number(data)
    limit = 2 + limit % 60
    shown = text.shown(words(data))
    for cutter, count in (
        (text.cut_characters, len),
        (text.cut_utf16, utf16),
        (text.cut_graphemes, text.graphemes_at_most),
    ):
        made = cutter(shown, limit)
        assert count(made) <= limit, f"{count(made)} of {limit}"
        assert (made == shown) if count(shown) <= limit else made.endswith(text.ELLIPSIS)
        assert shown.startswith(made.removesuffix(text.ELLIPSIS)), "a cut changes nothing before it"
        assert not made.removesuffix(text.ELLIPSIS).endswith(text.ZERO_WIDTH_JOINER)
    assert graphemes(text.cut_graphemes(shown, limit)) <= limit, "LINE counts more"
    assert len(text.cut_bytes(shown, limit).encode()) <= limit
    parts = text.pieces(shown, limit)
    assert all(utf16(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(shown.split()), "pieces lose words"


def dressed(said: str, place: int) -> Message:
    """These words in one place of a message, or in every one."""
    button = Button(said, HANDLE, style="primary")
    # One without an address is a press, and has a handle: nobody makes one with neither.
    link = Button(said, url=said or "https://arigato.example")
    places = (
        Message(said),
        Message("", said),
        Message("本文", TITLE, (Field(LABEL, said), Field("締切", "12月4日"))),
        Message("本文", TITLE, buttons=(button, link), quick=(button,)),
        Message("本文", items=(Item(said, (Field(said, said),), said, (button, link)),) * 3),
        Message(said, said, (Field(said, said),) * 3, (), (button, link), (button,) * 14, day_of(said)),
    )
    return places[place % len(places)]


def day_of(said: str) -> Picker:
    return Picker(said, HANDLE, FIRST_DAY, FIRST_DAY.replace(year=FIRST_DAY.year + 1))


def slack(data: bytes) -> None:
    """Block Kit: people's words stand in plain_text alone, and its rules are kept."""
    place, data = number(data)
    said = words(data)
    message = dressed(said, place)
    check = Check()
    made = blocks.blocks(message)
    slack_limits.check_blocks(check, made, "blocks", slack_limits.MESSAGE_BLOCKS_MAX)
    assert check.problems == []
    assert {each["type"] for each in objects(made) if "text" in each and isinstance(each["text"], str)} <= {
        "plain_text"
    }
    assert {each["emoji"] for each in objects(made) if each.get("type") == "plain_text"} <= {False}
    assert all(is_web(each["url"]) for each in objects(made) if "url" in each)
    assert all(text.shown(each) == each for each in texts(made) if each != said)
    if place % 6 == 0 and len(said) < blocks.SECTION_MAX:
        assert "".join(texts(made)).removesuffix("") == (text.shown(said).strip() or text.ELLIPSIS)


def slack_fallback(data: bytes) -> None:
    """The notification is mrkdwn: no link, no mention, nobody called; and undone it is what was said."""
    place, data = number(data)
    message = dressed(words(data), place)
    made = blocks.fallback(message)
    assert 0 < len(made) <= blocks.FALLBACK_MAX
    assert "<" not in made
    assert ">" not in made
    assert re.sub("&(amp|lt|gt);", "", made).count("&") == 0
    html = str(mrkdwn.mrkdwn(made))
    assert "<a " not in html
    assert 'class="mention"' not in html
    if len(made) < blocks.FALLBACK_ESCAPED_MAX:
        undone = made.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        assert undone == (text.shown(message.plain.strip()).strip() or text.ELLIPSIS)


def slack_form(data: bytes) -> None:
    """A modal with these words everywhere keeps Slack's rules."""
    which, data = number(data)
    said = words(data)
    kind = ("text", "long_text", "yen", "day", "choice", "number")[which % 6]
    field = FormField("field", kind, said, said, said, (("a", said), ("b", said)) if kind == "choice" else ())
    check = Check()
    slack_limits.check_view(check, forms.modal(FormSheet(said, HANDLE, said, said, (field,), said), "ja"), "modal")
    assert check.problems == []


def telegram(data: bytes) -> None:
    """Telegram's HTML: it is always accepted, bold is ours alone, and all else reads as it was said."""
    place, data = number(data)
    said = words(data)
    message = dressed(said, place)
    read, entities = telegram_html.parse_html(telegram_words.html(message))
    assert {each["type"] for each in entities} <= {"bold"}
    check = Check()
    telegram_limits.check_text(check, read, "text")
    telegram_limits.check_markup(check, telegram_words.keyboard(message, "ja"))
    assert check.problems == []
    assert utf16(read) <= telegram_words.TEXT_MAX
    shown = text.shown(said).strip()
    if place % 6 == 0 and utf16(shown) <= telegram_words.TEXT_MAX:
        assert (read, entities) == (shown or text.ELLIPSIS, [])
    if place % 6 == 2 and utf16(shown) <= telegram_words.VALUE_MAX:
        assert read.split("\n") == [TITLE, f"{LABEL}: {text.one_line(said) or text.ELLIPSIS}", "締切: 12月4日", "本文"]
        assert len(entities) == 3


def line(data: bytes) -> None:
    """LINE's messages: its rules are kept; no mention, no emoji of its own, no link but https."""
    place, data = number(data)
    said = words(data)
    made = cards.messages(dressed(said, place), loopback=False)
    check = Check()
    line_limits.check_messages(check, made)
    assert check.problems == []
    assert not any({"emojis", "mention", "substitution", "sender"} & set(each) for each in objects(made))
    assert all(each["uri"].startswith("https://") for each in objects(made) if "uri" in each)
    assert {each["type"] for each in objects(made) if "label" in each} <= {"postback", "uri", "datetimepicker"}
    assert {each["data"] for each in objects(made) if "data" in each} <= {HANDLE}
    shown = text.shown(said).strip()
    if place % 6 == 0 and utf16(shown) <= cards.TEXT_MAX:
        assert made == [{"type": "text", "text": shown or text.ELLIPSIS}]


def is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def objects(made: object) -> Iterator[Json]:
    if isinstance(made, dict):
        yield made
        for each in made.values():
            yield from objects(each)
    elif isinstance(made, list):
        for each in made:
            yield from objects(each)


def texts(made: object) -> Iterator[Any]:
    return (each["text"] for each in objects(made) if isinstance(each.get("text"), str))
