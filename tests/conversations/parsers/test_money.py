"""Amounts: the design's phrases, what must be refused, and every way of writing any amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.parsers.money import AMOUNT_MAX, yen, yen_range

FULL_WIDTH = str.maketrans("0123456789,", "０１２３４５６７８９，")
KANJI = "〇一二三四五六七八九"

AMOUNTS: list[tuple[str, int]] = [
    ("3万円", 30_000),
    ("1.5万", 15_000),
    ("三万円", 30_000),
    ("2万5千円", 25_000),
    ("５０００円", 5_000),
    ("¥30,000", 30_000),
    ("￥３０，０００", 30_000),
    ("30,000 yen", 30_000),
    ("30k", 30_000),
    ("30000", 30_000),
    ("1,234,567円", 1_234_567),
    ("五千円", 5_000),
    ("3千円", 3_000),
    # Written before the grammar was first run.
    ("2万5000円", 25_000),
    ("1万2,000円", 12_000),
    ("２万５千", 25_000),
    ("十万円", 100_000),
    ("十二万三千四百五十六円", 123_456),
    ("1億2000万円", 120_000_000),
    ("100万", 1_000_000),
    ("0.5万円", 5_000),
    ("2.5K", 2_500),
    ("1.5千円", 1_500),
    ("5百円", 500),
    ("八百円", 800),
    ("三〇〇〇円", 3_000),
    ("壱万円", 10_000),
    ("JPY 30,000", 30_000),
    ("30000JPY", 30_000),
    ("30k yen", 30_000),
    ("予算は3万円", 30_000),
    ("約3万円", 30_000),
    ("3万円くらい", 30_000),
    ("3万円でお願いします", 30_000),
    ("3万円です。", 30_000),
    ("5,000円（税込）", 5_000),
    ("3万円以内", 30_000),
    ("about 30,000 yen", 30_000),
    ("Budget: 30k", 30_000),
    ("  3 万 円 ", 30_000),
    ("30,000\u00a0yen", 30_000),
    ("1万500", 10_500),
    ("30,000えん", 30_000),
]

NOT_AN_AMOUNT: list[str] = [
    "", " ", "円", "万円", "1e9", "-5", "-0", "+5", "0", "0円", "００円", "無料", "free", "0x10", "1.000",
    "1.000円", "12,34", "1234,567円", "0,500円", "3.5円", "3.0円", "1.234万円", "1.55555万", "1万〜2万円",
    "1万から2万円", "٣٠٠٠", "३०००円", "3²円", "①万円", "㊇円", "㈠千円",
    "時給1200円", "1200円/時", "1文字1円", "3000円×2", "3万5",
    "二三万円", "2、3万円", "2万50000円", "万3", "3万万円", "30 000円", "3\u200b万円", "$300", "300ドル",
    "30,000 usd", "1m", "30kg", "4k動画", "3万人", "2000文字", "5本", "3万円以上", "3万円から", "3万円〜",
    "税抜3万円", "3万円か5万円", "007円", "1兆円", "9999999999999円", "nan", "inf", "1_000", "1'000", "3万円2人",
    "--30", "3時", "¥", "¥¥5", "3万円\n1万円",
]  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), AMOUNTS)
def test_yen_reads_amount(said: str, expected: int) -> None:
    assert yen(said) == expected


@pytest.mark.parametrize("said", NOT_AN_AMOUNT)
def test_yen_refuses_what_is_no_single_amount(said: str) -> None:
    assert yen(said) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("1万〜2万円", (10_000, 20_000)),
        ("1〜2万円", (10_000, 20_000)),
        ("１～２万円", (10_000, 20_000)),
        ("5000〜8000円", (5_000, 8_000)),
        ("5,000円から8,000円", (5_000, 8_000)),
        ("5千〜1万円", (5_000, 10_000)),
        ("5000〜1万円", (5_000, 10_000)),
        ("30,000 to 50,000 yen", (30_000, 50_000)),
        ("¥5,000-¥8,000", (5_000, 8_000)),
        ("10-20k", (10_000, 20_000)),
        ("予算は3万〜5万円くらいです", (30_000, 50_000)),
        ("2万〜1万円", None),
        ("1万〜1万円", None),
        ("3万円", None),
        ("1〜2〜3万円", None),
        ("-5〜8000円", None),
        ("2026-12-05", None),
    ],
)
def test_yen_range_reads_both_ends(said: str, expected: tuple[int, int] | None) -> None:
    assert yen_range(said) == expected


@given(st.one_of(st.integers(1, 100_000), st.integers(1, AMOUNT_MAX)))
def test_yen_reads_back_every_way_of_writing_an_amount(value: int) -> None:
    read = {said: yen(said) for said in _written(value)}

    assert read == dict.fromkeys(read, value)


@given(st.text(alphabet="0123456789０９,.万千百億円¥k eyn三二〇-〜", max_size=12))
def test_yen_is_positive_and_survives_being_written_again(said: str) -> None:
    read = yen(said)

    assert read is None or (read > 0 and yen(f"{read:,}円") == read)


def _written(value: int) -> list[str]:
    plain = [f"{value}", f"{value:,}"]
    marked = [
        form for text in plain for form in (f"{text}円", f"¥{text}", f"{text} yen", f"JPY {text}", f"約{text}円です")
    ]
    forms = plain + marked + [_mixed(value), _in_kanji(value)]
    if value % 10 == 0:
        forms += [f"{value / 1000:.2f}k" if value < 10**9 else f"{value}"]
    if value % 100 == 0 and value < 10**8:
        forms += [f"{value / 10_000:.2f}万円"]
    return forms + [form.translate(FULL_WIDTH) for form in forms if "." not in form]


def _mixed(value: int) -> str:
    hundred_million, rest = divmod(value, 10**8)
    ten_thousand, ones = divmod(rest, 10**4)
    parts = [(hundred_million, "億"), (ten_thousand, "万"), (ones, "")]
    return "".join(f"{part}{unit}" for part, unit in parts if part) + "円"


def _in_kanji(value: int) -> str:
    hundred_million, rest = divmod(value, 10**8)
    ten_thousand, ones = divmod(rest, 10**4)
    parts = [(hundred_million, "億"), (ten_thousand, "万"), (ones, "")]
    return "".join(_small_kanji(part) + unit for part, unit in parts if part) + "円"


def _small_kanji(value: int) -> str:
    digits = [(value // size % 10, unit) for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, ""))]
    return "".join(("" if digit == 1 and unit else KANJI[digit]) + unit for digit, unit in digits if digit)
