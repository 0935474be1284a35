"""Typed text: one form for comparing, the original letters for showing."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

ZERO_WIDTH_JOINER = "\u200d"
# A letter buried under more marks than this is counted as several, so that nobody passes a limit with marks alone.
GRAPHEME_LENGTH_MAX = 32
FULL_WIDTH_DIGITS = frozenset("０１２３４５６７８９")
ASCII_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Folded:
    """Text in the form the grammars read, which still knows where each letter came from."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def cut(self, start: int, end: int) -> str:
        """The original letters behind a stretch of the folded text."""
        return self.original[self.starts[start] : self.ends[end - 1]] if start < end else ""


def fold(text: str) -> Folded:
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for cluster in graphemes(text):
        for letter in _fold_cluster(cluster):
            letters.append(letter)
            starts.append(at)
            ends.append(at + len(cluster))
        at += len(cluster)
    return Folded(text, "".join(letters), tuple(starts), tuple(ends))


def normalise(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def matches(said: str, label: str) -> bool:
    """Whether somebody typed the words of a button, with or without its emoji and punctuation."""
    return not forms(said).isdisjoint(forms(label))


def forms(text: str) -> frozenset[tuple[str, str]]:
    """The forms in which words are compared: as they are, and without what stands around them. Empty ones are none."""
    whole = normalise(text)
    return frozenset(form for form in (("whole", whole), ("bare", _words(whole))) if form[1])


def short(text: str, limit: int) -> str:
    """At most so many letters as a person counts them, the last one an ellipsis if something was left out."""
    clusters = graphemes(text)
    if len(clusters) <= limit:
        return text
    if limit < 1:
        return ""
    return "".join(clusters[: limit - 1]).rstrip() + "…"


def graphemes(text: str) -> list[str]:
    return list(_graphemes(text))


def _graphemes(text: str) -> Iterator[str]:
    start = 0
    for at in range(1, len(text)):
        if at - start >= GRAPHEME_LENGTH_MAX or not _continues(text, start, at):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _continues(text: str, start: int, at: int) -> bool:
    """Whether the letter at this place belongs to the one that began at start."""
    before, letter = text[at - 1], text[at]
    if letter == "\n":
        return before == "\r"
    if before in "\r\n":
        return False
    if _extends(letter):
        return True
    if before == ZERO_WIDTH_JOINER:
        return start < at - 1 and unicodedata.category(letter) == "So"
    if _is_regional(letter) and _is_regional(before):
        return (at - start) % 2 == 1
    return False


def _extends(letter: str) -> bool:
    return (
        letter == ZERO_WIDTH_JOINER
        or unicodedata.category(letter) in ("Mn", "Me", "Mc")
        or letter in "\uff9e\uff9f"  # half-width voicing marks
        or "\U0001f3fb" <= letter <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= letter <= "\U000e007f"  # the letters inside a flag
        or "\u1160" <= letter <= "\u11ff"  # Hangul vowels and finals
    )


def _is_regional(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _fold_cluster(cluster: str) -> str:
    """A raised or circled digit, kanji or not, stays what it is: read as plain, 10² yen would become 102 yen."""
    folded = unicodedata.normalize("NFKC", cluster)
    made_digits = ASCII_DIGITS.intersection(folded) and not (ASCII_DIGITS | FULL_WIDTH_DIGITS).issuperset(cluster)
    marked = any(unicodedata.category(sign) == "No" for sign in cluster)
    return cluster if made_digits or marked else folded.casefold()


def _words(text: str) -> str:
    """The text between its first and its last letter or digit."""
    places = [at for at, letter in enumerate(text) if letter.isalnum()]
    return text[places[0] : places[-1] + 1] if places else ""
