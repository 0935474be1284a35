"""The table of fuzz targets. Each takes bytes, and raises nothing unless the product broke what the row promises.

Kept inputs, of bugs that were found and mended, are in corpus/NAME; CONTRIBUTING.md says how to add a row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bots.messages import EMOJI, HOSTILE
from tests.fuzz import buttons, doors, grammars, screens

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Target:
    """`runs` are those of the short form: fewer where one run costs more."""

    name: str
    run: Callable[[bytes], None]
    promise: str
    seeds: Callable[[], Iterable[bytes]]
    runs: int = 1_500


def said(*lines: str, before: bytes = b"") -> Callable[[], list[bytes]]:
    return lambda: [before + line.encode("utf-8", "surrogatepass") for line in lines]


def in_each_place(*lines: str) -> Callable[[], list[bytes]]:
    return lambda: [bytes([place]) + line.encode("utf-8", "surrogatepass") for place in range(6) for line in lines]


POSTS = (
    "恵比寿の店のロゴを3万円で来週金曜まで",
    "Logo for my cafe, 30,000 yen, by next Friday",
    "引っ越し手伝い2人 1万円 今週土曜",
    "金曜18時までに資料の修正、8千円",
    "Translate 5 pages by tomorrow for 8,000 yen",
)
DAYS = (
    "9999-12-31",
    "2800-2-29",
    "来週金曜まで",
    "next Friday",
    "12/31",
    "月末",
    "2028-02-29",
    "明日の18時",
    "in 3 days",
    "年末",
    "31日",
    "3/28 2:30",
)
AMOUNTS = ("3万円", "30,000円", "¥30000", "1.5万円", "2千5百円", "三万円", "30k", "1億2千万", "約３０，０００円くらい")
BAD_AMOUNTS = ("1e9", "-5", "0x10", "1.000", "12,34", "٣٠٠", "10²", "①", "1\u00a0000", "〇", "999999999999999")
SCREENS = (
    "こんにちは\nまた明日",
    HOSTILE,
    EMOJI[:40],
    "<!channel> <@U1> <https://evil|https://bank>",
    "<b>&lt;x&gt;</b> tg://user?id=1",
    "https://example.com/a?b=<c>&d",
    "z" + "\u0301" * 9 + "\u200b\u200d\u202e\ufe0f",
    "👨\u200d👩\u200d👧🏳\ufe0f\u200d🌈🇯🇵👍🏽葛\U000e0100",
    "\u2028\u2029\x85\t \u3000",
)

LURES = (
    "Add me on Telegram: t.me/example, or call 090-1234-5678, and we avoid the fee together, as often as you like",
    "飲食店のロゴを十件ほど作りました。ご希望の雰囲気をうかがってから三つの案をお出しします。らいん の ID を教えて",
)

PROMISES = {
    "signed": "what is rightly signed is read or refused; a key that stands twice is refused; all of it can be stored",
    "garbled": "a payload with a strange part is read or refused, and never taken when a byte of it has changed",
}
TARGETS: tuple[Target, ...] = (
    *(
        Target(f"{name}_{kind}", partial(run, name), PROMISES[kind], partial(seeds, name), 700)
        for name in doors.DOORS
        for kind, run, seeds in (
            ("signed", doors.signed, doors.door_seeds),
            ("garbled", doors.garbled, doors.graft_seeds),
        )
    ),
    Target("unsigned", doors.unsigned, "only the right signature opens a door", doors.claim_seeds),
    Target("inbox_row", doors.inbox_row, "reading a stored event never raises", doors.row_seeds),
    Target("pay_page", buttons.pay_page, "only a page we sealed is opened", buttons.page_seeds),
    Target("handle", buttons.handle, "a button is pressed by its owner or by nobody", buttons.handle_seeds, 1_500),
    Target("token", buttons.token, "22 safe signs for 128 bits, no two alike", said("0123456789abcdef")),
    Target("sentence", grammars.sentence, "nothing is read that was not said", said(*POSTS, before=b"\0\0\0"), 250),
    Target("day", grammars.day, "a day that can still come, or none", said(*DAYS, before=b"\0\0\0")),
    Target("amount", grammars.amount, "one grammar: an amount and its echo are the same", said(*AMOUNTS, *BAD_AMOUNTS)),
    Target("amount_range", grammars.amount_range, "from less to more", said("1万〜2万円", "5,000-8,000 yen")),
    Target("reply", grammars.reply, "any reply is a value that can be kept, or asked again", in_each_place(*AMOUNTS)),
    Target(
        "form_field", grammars.form_field, "a field is right, or wrong in words", in_each_place(*DAYS, *AMOUNTS), 800
    ),
    Target(
        "code", grammars.code, "a code names one thing, a thing has one code", in_each_place("J-7K2M4QX", "c-0000000")
    ),
    Target("same_words", grammars.same_words, "folding keeps every letter's place", said(*SCREENS, *POSTS), 300),
    Target("fingerprint", grammars.fingerprint, "the same words in any disguise", said(*SCREENS, *POSTS, *LURES), 500),
    Target("filtered", screens.filtered, "nothing unseen is shown, and twice is as once", said(*SCREENS)),
    Target("cut", screens.cut, "no cut is too long, or changes what it keeps", in_each_place(*SCREENS)),
    Target("slack_blocks", screens.slack, "plain text alone, within Slack's rules", in_each_place(*SCREENS), 250),
    Target(
        "slack_fallback", screens.slack_fallback, "no link, no mention, nobody called", in_each_place(*SCREENS), 700
    ),
    Target("slack_modal", screens.slack_form, "a form within Slack's rules", in_each_place(*SCREENS)),
    Target(
        "telegram_html", screens.telegram, "always accepted, and reads as it was said", in_each_place(*SCREENS), 1_000
    ),
    Target("line_messages", screens.line, "within LINE's rules, https links alone", in_each_place(*SCREENS), 250),
)
BY_NAME = {target.name: target for target in TARGETS}


def inputs(target: Target) -> list[bytes]:
    """The seeds, and what once found a bug."""
    kept = sorted((CORPUS / target.name).glob("*"))
    return [*target.seeds(), *(file.read_bytes() for file in kept)]
