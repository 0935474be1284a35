"""Prices mentioned in a sentence: not its counts, its rates, nor the 100円 of a 100円ショップ."""

import re
from collections.abc import Iterator, Sequence

from conversations.parsers.mention import Mention
from conversations.parsers.money import ABOUT, AMOUNT, RANGE_DASH, amount, yen_range
from conversations.parsers.numerals import FIGURES

# A price is taken or it is not; days are told apart more finely.
CERTAIN = 1

COUNTERS = (
    r"(?:文字|字|本|人|名|枚|個|件|点|回|語|ページ|頁|台|冊|着|箇所|[かヶ]所|パターン|案|種類|社|店舗|話|曲"
    r"|セット|フォロワー|pv|記事|ワード|単語|km|kg|g|cm|m|坪|畳|階|歳|才|words?|pages?|people|followers?)"
)
_UNIT_OF_RATE = rf"(?:{COUNTERS}|日|週間?|[かヶ]月|月|時間|分)"
_COUNT = re.compile(
    rf"(?<![0-9.,])(?:[0-9][0-9,.]*[万千百]?k?|[一二三四五六七八九十百千万]+)\s?{COUNTERS}(?!以?内|後|前)"
)
_PRICE = re.compile(rf"(?<![0-9a-z#_$€£+])(?<![0-9][.,/])({AMOUNT})(?:{RANGE_DASH}({AMOUNT}))?")
_MARK = re.compile(r"[¥\\円]|えん|yen|jpy|[0-9一二三四五六七八九十百千][万億]|[0-9]\s?千")
_THOUSANDS = re.compile(r"k$")

_LEADING = re.compile(
    r"(?:(?:予算|報酬|料金|金額|価格|謝礼|謝金|税込み?)(?:は|が|:|\s)*|(?:約|およそ)\s?"
    r"|\b(?:(?:for|at|about|around|up\sto|budget|price|fee|pay|paying)(?:\sis|\sof|:)?\s)+)+$"
)
_TRAILING = re.compile(
    rf"(?:\s?(?:{ABOUT}|まで(?!に)))?(?:\s?\(?税込み?\)?)?(?:\s?(?:budget|total|ぽっきり))?(?:\s?(?:で(?!す?か)|です|にて))?"
)
_RATE_BEFORE = re.compile(
    rf"(?:時給|日給|月給|週給|年収|年俸|単価|月額|月収|日当|時間給|定価|税抜き?|月々|毎[日週月回年]|(?:^|[\s、。,をはで])[月年日週]|(?:^|[^0-9])(?:1|一|各){_UNIT_OF_RATE}|あたり|当たり|につき|ごとに"
    r"|か|または|\bor|〜|~|から|[-+*/×$€£]|\b[a-z]{3}\$?)(?:は|:|が)?\s?$"
)
_RATE_AFTER = re.compile(
    r"\s?(?:/|×|\*|x\s?[0-9]|ずつ|から|以上|~|〜|-|\+|か(?!ら)|または|or\b|per\b|an?\s|each\b|apiece|every\b|税抜|税別|\(税抜|\(税別)"
)
_END = re.compile(r"\s*(?:[,、。.!?;:)\n」]|$)|\s")
_ENGLISH_GOES_ON = re.compile(
    r"\s(?!(?:by|for|due|on|until|till|please|within|in|before|to|total|budget|and|tomorrow|today)\b)[a-z]"
)
_SEGMENT_START = re.compile(r"(?:^|[,、。;:\n]|\.\s)\s*$")
_SEGMENT_END = re.compile(r"\s*(?:[,、。;!\n]|\.(?:\s|$)|$)")
_LONG_BARE = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[1-9][0-9]{4,6}")


def counts_in(folded: str) -> list[tuple[int, int]]:
    """2000文字, 5本, 3万人: numbers that are no money, and no dates either."""
    return [found.span() for found in _COUNT.finditer(folded)]


def prices_in(folded: str, counts: Sequence[tuple[int, int]]) -> Iterator[Mention[int]]:
    for found in _PRICE.finditer(folded):
        counted = any(start < found.end() and found.start() < end for start, end in counts)
        mention = None if counted else _mention(folded, found)
        if mention:
            yield mention


def _mention(folded: str, found: re.Match[str]) -> Mention[int] | None:
    before, after = folded[: found.start()], folded[found.end() :]
    leading = _LEADING.search(before)
    start = leading.start() if leading else found.start()
    trailing = _TRAILING.match(folded, found.end())
    end = trailing.end() if trailing else found.end()
    if _RATE_BEFORE.search(before[:start]) or _RATE_AFTER.match(folded, end):
        return None
    if not _MARK.search(found[0]) and not _is_unmarked_price(found[0], before, after, led=leading is not None):
        return None
    if not _stands_alone(folded, found, end):
        return None
    value = None if found[2] and yen_range(found[0]) else amount(found[0])
    known = value is not None or found[2] is not None
    return Mention(start, end, value, CERTAIN) if known else None


def _is_unmarked_price(number: str, before: str, after: str, *, led: bool) -> bool:
    """A number without a currency is a price in a place of its own: ", 30000," or を30000で."""
    in_place = bool(led or _SEGMENT_START.search(before)) and bool(_SEGMENT_END.match(after))
    between = before.endswith("を") and after.startswith("で")
    if _THOUSANDS.search(number) or led:
        return in_place or between
    if between:
        return re.fullmatch(FIGURES, number) is not None and len(number) > 2
    return in_place and _LONG_BARE.fullmatch(number) is not None


def _stands_alone(folded: str, found: re.Match[str], end: int) -> bool:
    """3万円で is a price; 3万円の椅子 and a 500 yen stamp name a thing, 100円ショップ is a word."""
    if _ENGLISH_GOES_ON.match(folded, end):
        return False
    return end > found.end() or _END.match(folded, end) is not None
