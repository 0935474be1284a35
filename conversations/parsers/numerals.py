"""Whole numbers as written in Japanese: figures, kanji, and both mixed."""

import re

KANJI_DIGITS = {letter: value for value, letter in enumerate("〇一二三四五六七八九")}
KANJI_DIGITS |= {"壱": 1, "弐": 2, "参": 3, "零": 0}
SMALL_UNITS = {"千": 1000, "百": 100, "十": 10, "拾": 10}
FIGURES = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*)"

_SMALL_TERM = re.compile(rf"({FIGURES}|[〇零一二三四五六七八九壱弐参])?([千百十拾])?")


def below_ten_thousand(text: str) -> int | None:
    """2千5百, 二千五百, 2500, 2,500, 三〇〇; None where a digit may mean "two or three", as in 二三."""
    positional = _positional(text)
    if positional is not None:
        return positional if positional < 10_000 else None
    total, unit_before, at = 0, 10_000, 0
    while at < len(text):
        term = _SMALL_TERM.match(text, at)
        if term is None or term.end() == at:
            return None
        digit, unit = _digit(term[1]), SMALL_UNITS.get(term[2] or "", 1)
        if unit >= unit_before or (unit > 1 and digit > 9) or digit * unit >= unit_before:
            return None
        total, unit_before, at = total + digit * unit, unit, term.end()
    return total or None


def count(text: str) -> int:
    """A small number in figures (noughts before it allowed, as in dates) or in kanji; nought if it is neither."""
    if text.isascii():
        return int(text)
    return below_ten_thousand(text) or 0


def _digit(text: str | None) -> int:
    if text is None:
        return 1
    return KANJI_DIGITS[text] if text in KANJI_DIGITS else int(text.replace(",", ""))


def _positional(text: str) -> int | None:
    """三〇〇 as 300: only with a nought, for 二三 is as often "two or three"."""
    if len(text) < 2 or text[0] in "〇零" or not set(text) <= set(KANJI_DIGITS) or not set(text) & set("〇零"):
        return None
    return int("".join(str(KANJI_DIGITS[letter]) for letter in text))
