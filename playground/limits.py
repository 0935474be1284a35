"""What all the platforms' rules share: a breach, and the units in which texts are counted."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

JOINER = "\u200d"


@dataclass(frozen=True)
class Problem:
    """A rule of the platform that a request broke."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass
class Check:
    """Collects the breaches found in one request, so that one answer can name them all."""

    problems: list[Problem] = field(default_factory=list)

    def fail(self, where: str, message: str) -> None:
        self.problems.append(Problem(where, message))

    def need(self, holds: bool, where: str, message: str) -> None:
        if not holds:
            self.fail(where, message)

    def length(self, value: Any, where: str, low: int, high: int, count: int) -> bool:
        if not isinstance(value, str):
            self.fail(where, "must be a string")
            return False
        if not low <= count <= high:
            self.fail(where, f"length must be between {low} and {high}, it is {count}")
            return False
        return True

    def shape(self, value: Any, where: str, allowed: Iterable[str], required: Iterable[str]) -> bool:
        """An object with only known properties and all the needed ones."""
        if not isinstance(value, dict):
            self.fail(where, "must be an object")
            return False
        known = set(allowed) | set(required)
        for name in value:
            self.need(name in known, f"{where}.{name}", "unknown property")
        missing = [name for name in required if value.get(name) is None]
        for name in missing:
            self.fail(f"{where}.{name}", "must be specified")
        return not missing


def utf16(text: str) -> int:
    """LINE and Telegram count UTF-16 code units: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> int:
    """What a person would count as characters; LINE counts labels so."""
    count, previous, flags = 0, "", 0
    for letter in text:
        flag = 0x1F1E6 <= ord(letter) <= 0x1F1FF
        second_of_flag = flag and flags % 2 == 1
        flags = flags + 1 if flag else 0
        if not (_joins(letter) or previous == JOINER or second_of_flag) or not count:
            count += 1
        previous = letter
    return count


def _joins(letter: str) -> bool:
    return (
        letter == JOINER
        or unicodedata.category(letter) in ("Mn", "Me", "Mc")
        or 0x1F3FB <= ord(letter) <= 0x1F3FF
        or 0xE0020 <= ord(letter) <= 0xE007F
    )
