"""Amounts of yen as people type them in chat.

The grammar, after full-width letters are made plain:

    amount  = [about] ("¥" | "jpy" | "yen") number | [about] number ["円" | "yen" | "jpy"], and polite words after it
    number  = figures | figures "k" | [part "億"] [part "万"] [part]
    figures = 30000 | 30,000                     a comma only before three figures, no leading nought
    part    = figures | kanji | 5千 | 2千5百       below ten thousand
    a decimal point (one or two places) only directly before 億, 万, 千 or k, and only if whole yen come out

What is not wholly consumed is no amount: 1e9, -5, 0x10, 1.000, 12,34, 3.5円, other scripts' digits, rates, ranges.
Nought is no amount either.
"""

import re
from decimal import Decimal
from itertools import pairwise

from conversations.parsers.numerals import FIGURES, below_ten_thousand
from conversations.parsers.text import fold

AMOUNT_MAX = 999_999_999_999
LENGTH_MAX = 60
BIG_UNITS = {"億": 100_000_000, "万": 10_000, "萬": 10_000}
DECIMAL_UNITS = BIG_UNITS | {"千": 1000, "k": 1000}

CURRENCY_BEFORE = r"(?:[¥\\]|jpy|yen)"
CURRENCY_AFTER = r"(?:円|yen\b|jpy\b|えん)"
_DECIMAL = rf"(?:{FIGURES}|0)\.[0-9]{{1,2}}(?![0-9])\s?(?:億|万|萬|千|k(?![a-z]))"
_THOUSANDS = rf"{FIGURES}\s?k(?![a-z])"
_KANJI_DIGITS = "[〇零一二三四五六七八九壱弐参]"
# Each turn of the loop begins with a unit, so a long run of digits is read in one way only.
_SECTION = rf"(?:{FIGURES}|{_KANJI_DIGITS}+|(?=[千百十拾]))(?:[千百十拾](?:[0-9]{{1,3}}|{_KANJI_DIGITS})?)*"
_JAPANESE = rf"(?:{_SECTION}\s?億)?(?:{_SECTION}\s?[万萬])?(?:{_SECTION})?"
NUMBER = rf"(?:{_DECIMAL}|{_THOUSANDS}|(?=[0-9〇零一二三四五六七八九壱弐参十拾百千]){_JAPANESE})"
AMOUNT = rf"(?:{CURRENCY_BEFORE}\s?)?{NUMBER}(?:\s?{CURRENCY_AFTER})?"

BEFORE = r"(?:(?:予算|報酬|金額|価格|budget|price|for|about|around|約|およそ|税込)(?:は|が|:|\sis)?\s*)*"
ABOUT = r"(?:くらい|ぐらい|程度|前後|ほど|以内|以下)"
AFTER = rf"(?:\s?{ABOUT})?(?:\s?\(?税込み?\)?)?(?:\s?(?:で|です|でお願いします|お願いします|でいいです|please))?[。.!]?"
RANGE_DASH = r"\s?(?:~|〜|-|–|—|から|\bto\b)\s?"

_ONE = re.compile(rf"{BEFORE}({AMOUNT}){AFTER}")
_TWO = re.compile(rf"{BEFORE}({AMOUNT}){RANGE_DASH}({AMOUNT}){AFTER}")
_AMOUNT = re.compile(rf"({CURRENCY_BEFORE}\s?)?({NUMBER})(\s?{CURRENCY_AFTER})?")
_BIG_PART = re.compile(r"(.*?)(?:([億万萬])|$)")


def yen(text: str) -> int | None:
    said = fold(text).text.strip()
    found = _ONE.fullmatch(said) if len(said) <= LENGTH_MAX else None
    return amount(found[1]) if found else None


def yen_range(text: str) -> tuple[int, int] | None:
    """1万〜2万円, 1〜2万円, 5,000-8,000 yen: the lower and the upper amount."""
    said = fold(text).text.strip()
    found = _TWO.fullmatch(said) if len(said) <= LENGTH_MAX else None
    if found is None:
        return None
    low, high = amount(found[1]), amount(found[2])
    if low is None or high is None:
        return None
    low = _with_unit_of(found[2], found[1], low, high)
    return (low, high) if low < high else None


def amount(folded: str) -> int | None:
    """One amount in folded text, its currency marks included."""
    found = _AMOUNT.fullmatch(folded)
    if found is None:
        return None
    number = re.sub(r"\s", "", found[2])
    value = _number(number, marked=bool(found[1] or found[3]))
    return value if value is not None and 0 < value <= AMOUNT_MAX else None


def _with_unit_of(high_text: str, low_text: str, low: int, high: int) -> int:
    """In 1〜2万円 the first number borrows the unit of the second."""
    if not re.fullmatch(FIGURES, low_text):
        return low
    scale = next((value for unit, value in DECIMAL_UNITS.items() if unit in high_text), 1)
    return low * scale if low * scale < high else low


def _number(text: str, *, marked: bool) -> int | None:
    if "." in text:
        value = Decimal(text[:-1].replace(",", "")) * DECIMAL_UNITS[text[-1]]
        return int(value) if value == int(value) else None
    if text.endswith("k"):
        return int(text[:-1].replace(",", "")) * 1000
    if re.fullmatch(FIGURES, text):
        return int(text.replace(",", ""))
    parts = [(part[1], part[2]) for part in _BIG_PART.finditer(text) if part[0]]
    values = [below_ten_thousand(digits) for digits, _ in parts]
    units = [BIG_UNITS.get(unit or "", 1) for _, unit in parts]
    whole = [value for value in values if value is not None]
    # 3万5 is 35,000 to one person and 30,005 to another.
    unclear = not marked and re.search(r"[億万千百][0-9]{1,2}$", text)
    if len(whole) < len(values) or any(first <= second for first, second in pairwise(units)) or unclear:
        return None
    return sum(value * unit for value, unit in zip(whole, units, strict=True))
