"""What may leave for a person's screen: no sign that is unseen or reorders others, and never more than allowed."""

import unicodedata
from functools import lru_cache

ZERO_WIDTH_JOINER = "\u200d"
EMOJI_VARIATION = "\ufe0f"
KEYCAP = "\u20e3"
# Six times what the longest answer may have.
KEPT_MAX_CHARACTERS = 12_000
ELLIPSIS = "…"
# More marks on one letter than any living script puts there.
MARKS_MAX = 3
NONCHARACTER = 0xFFFE  # the two that end each plane
MARKS = ("Mn", "Me", "Mc")
WHITE = str.maketrans({"\u2028": "\n", "\u2029": "\n", "\t": " "})
# Letters, marks or nothing yet by category, but nothing is to be seen of them.
UNSEEN_SIGNS = frozenset(
    "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2065"
    "\ufff0\ufff1\ufff2\ufff3\ufff4\ufff5\ufff6\ufff7\ufff8"
)
# Tags and what is set aside beside them; the marks among them choose how a kanji looks, and names are written so.
TAGS = range(0xE0000, 0xE1000)


@lru_cache(maxsize=512)  # the same labels and titles stand on card after card
def shown(text: str) -> str:
    """Text as it may be shown: controls, direction overrides, tags and zero-width signs are gone, marks limited.
    Newlines stay, and joiners inside one emoji."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(joined(seen(text.translate(WHITE))))


def seen(text: str) -> list[str]:
    """What is seen of it, and joiners. What is unseen does not part a letter from its marks: they are counted on."""
    kept: list[str] = []
    marks = 0
    for sign in text:
        category = unicodedata.category(sign)
        if sign in (ZERO_WIDTH_JOINER, "\n"):
            kept.append(sign)
        elif category in MARKS and sign not in UNSEEN_SIGNS:
            marks += 1
            if marks <= MARKS_MAX:
                kept.append(sign)
        elif is_seen(sign, category):
            marks = 0
            kept.append(sign)
    return kept


def is_seen(sign: str, category: str) -> bool:
    if sign in UNSEEN_SIGNS or category in ("Cc", "Cf", "Cs", "Co") or ord(sign) in TAGS:
        return False
    return ord(sign) & NONCHARACTER != NONCHARACTER


def joined(signs: list[str]) -> list[str]:
    """Without the joiners that stand elsewhere than between two parts of an emoji."""
    kept: list[str] = []
    for place, sign in enumerate(signs):
        if sign != ZERO_WIDTH_JOINER or joins_emoji(kept, "".join(signs[place + 1 : place + 2])):
            kept.append(sign)
    return kept


def joins_emoji(before: list[str], after: str) -> bool:
    return bool(before and after) and is_emoji_part(before[-1]) and is_emoji_part(after)


def is_emoji_part(sign: str) -> bool:
    return sign == EMOJI_VARIATION or unicodedata.category(sign) in ("So", "Sk")


def one_line(text: str) -> str:
    """For labels and titles: whitespace of any kind is one space."""
    return " ".join(shown(text).split())


def label(text: str) -> str:
    """A button's or field's words; platforms refuse empty ones."""
    return one_line(text) or ELLIPSIS


def kept(text: str) -> str:
    """Words that came in, as they can be stored: lone halves of surrogate pairs and NUL have no place in a database.
    What is longer than anything that is ever taken is cut before anybody looks for a day or a price in it."""
    return (
        text[:KEPT_MAX_CHARACTERS]
        .encode("utf-16-le", "surrogatepass")
        .decode("utf-16-le", "replace")
        .replace("\x00", "")
    )


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes_at_most(text: str) -> int:
    """An upper bound of what is seen as one character: joined emoji count more than once, marks only at the start."""
    return sum(1 for place, sign in enumerate(text) if place == 0 or not extends(sign))


def extends(sign: str) -> bool:
    return sign in (ZERO_WIDTH_JOINER, EMOJI_VARIATION, KEYCAP) or unicodedata.category(sign) in ("Mn", "Me")


def cut_characters(text: str, limit: int) -> str:
    return text if len(text) <= limit else whole(text[: limit - 1]) + ELLIPSIS


def cut_utf16(text: str, limit: int) -> str:
    if utf16_units(text) <= limit:
        return text
    head = text.encode("utf-16-le", "surrogatepass")[: (limit - 1) * 2].decode("utf-16-le", "ignore")
    return whole(head) + ELLIPSIS


def cut_graphemes(text: str, limit: int) -> str:
    seen, end = 0, 0
    for place, sign in enumerate(text):
        seen += place == 0 or not extends(sign)
        if seen < limit:
            end = place + 1
        elif seen > limit:
            return whole(text[:end]) + ELLIPSIS
    return text


def cut_bytes(text: str, limit: int) -> str:
    """For identifiers: no sign is added at the end."""
    return text if len(text.encode()) <= limit else text.encode()[:limit].decode(errors="ignore")


def whole(head: str) -> str:
    """The beginning of a cut text without a joiner that has lost its right half."""
    return head.rstrip(ZERO_WIDTH_JOINER).rstrip()


def pieces(text: str, limit: int) -> list[str]:
    """A long text in parts of at most `limit` UTF-16 units, at line ends where there are some."""
    parts: list[str] = []
    while utf16_units(text) > limit:
        head = text.encode("utf-16-le", "surrogatepass")[: limit * 2].decode("utf-16-le", "ignore")
        end = head.rfind("\n") if head.rfind("\n") > len(head) // 2 else len(head)
        parts.append(text[:end])
        text = text[end:].lstrip("\n")
    return [part for part in (*parts, text) if part.strip()]
