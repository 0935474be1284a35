"""Every kind of Message, as gentle and as bad as it gets."""

from dataclasses import replace
from datetime import date

from conversations.messages import (
    Button,
    Field,
    FormField,
    FormSheet,
    Item,
    Message,
    Outgoing,
    Picker,
    Recipient,
)
from tests.bots import platforms

LONG = "恵比寿の店のロゴを作ってください。予算は三万円です。" * 400
EMOJI = "👨‍👩‍👧‍👦🏳️‍🌈" * 900
HOSTILE = (
    "<!channel> <!here> <@U1> <https://evil|https://bank> &lt;!here&gt; <b>I <3 you</i> </b> `*_~ "
    "\u202eevil\u202c \u2066x\u2069 a\u200bb \ufeff \U000e0041\U000e0042 z"
    + "\u0301" * 40
    + " {user} @everyone \\ | # > + - = . ! [x](https://a.com|hack><!channel>) \ud800 \x00\x07"
)
HANDLE = "AbCdEfGhIjKlMnOpQrStUv"


def handle(number: int) -> str:
    return f"{HANDLE[:19]}{number:03}"


def buttons(label: str, count: int) -> tuple[Button, ...]:
    styles = ("primary", "danger", "")
    return tuple(Button(f"{label}{place}", handle(place), style=styles[place % 3]) for place in range(count))


def dressed(words: str, count: int) -> Message:
    fields = tuple(Field(words, words) for _ in range(count))
    items = tuple(Item(words, fields[:4], words, buttons(words, 2)) for _ in range(count))
    picker = Picker(words, HANDLE, date(2026, 11, 24), date(2027, 11, 24))
    link = (Button(words, url="https://example.com/pay"), Button("bad", url="javascript:alert(1)"))
    return Message(words, words, fields, items, buttons(words, count) + link, buttons(words, count), picker)


KINDS = {
    "words": Message("こんにちは"),
    "empty": Message(),
    "unseen": Message("\u200b\u202e", title="\u200b", fields=(Field("\u200b", "\u200b"),)),
    "quick": Message("どちらですか。", quick=buttons("選ぶ", 3)),
    "card": Message(
        "本文", "題", (Field("報酬", "30,000円"), Field("締切", "2026年12月4日(金)")), buttons=buttons("募集する", 3)
    ),
    "list": Message(
        "見つかりました",
        items=tuple(Item(f"仕事{n}", (Field("報酬", "1円"),), "", buttons("応募", 1)) for n in range(5)),
    ),
    "picker": Message("いつまでですか。", picker=Picker("カレンダー", HANDLE, date(2026, 11, 24), date(2027, 1, 1))),
    "links": Message(
        "お支払い",
        buttons=(Button("支払う", url="https://example.com/a?b=c&d=<e>"), Button("x", url="http://127.0.0.1/")),
    ),
    "long": Message(LONG),
    "emoji": Message(EMOJI, EMOJI, (Field(EMOJI, EMOJI),), buttons=buttons(EMOJI, 2), quick=buttons(EMOJI, 2)),
    "long everywhere": dressed(LONG, 15),
    "hostile": Message(HOSTILE, HOSTILE, (Field(HOSTILE, HOSTILE),), buttons=(Button(HOSTILE, HANDLE),)),
    "hostile everywhere": dressed(HOSTILE, 8),
    "many": dressed("字", 60),
    "long title": replace(dressed("字", 1), title=LONG, text=LONG),
    "ampersands": dressed("&<>" * 2000, 12),
}

FORM = FormSheet(
    "応募する" * 20,
    HANDLE,
    "応募する",
    "やめる",
    (
        FormField("price", "yen", "金額", "例: 30,000円", "30000"),
        FormField("due", "day", "納期", value="2026-12-04"),
        FormField("words", "long_text", LONG, LONG, HOSTILE),
        FormField("kind", "choice", "種類", value="logo", options=(("logo", "ロゴ"), ("web", LONG))),
        FormField("note", "text", "\u200b", optional=True),
    ),
    HOSTILE,
)


def outgoing(platform: str, message: Message, surface: str = "chat", reply_to: str = "") -> Outgoing:
    to = Recipient(platform, platforms.TENANTS[platform], platforms.PEOPLE[platform])
    return Outgoing(to, message, surface, FORM if surface == "form" else None, reply_to)
