"""A price or a day mentioned in a longer text: where it stands, and how surely it is meant as one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

HIDDEN = "\0"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mention(Generic[T]):
    """The stretch of folded text it takes up, particles included; without a value if it cannot be taken as one."""

    start: int
    end: int
    value: T | None
    strength: int


def surest(mentions: Iterable[Mention[T]]) -> tuple[Mention[T], ...]:
    """The mentions meant most surely; none if they disagree, for then only the writer knows."""
    found = tuple(mentions)
    strength = max((each.strength for each in found), default=0)
    best = tuple(each for each in found if each.strength == strength)
    agreed = best and all(each.value == best[0].value for each in best)
    return best if agreed else ()


def hide(folded: str, stretches: Iterable[tuple[int, int]]) -> str:
    """The text with these stretches covered, every other letter in its place."""
    for start, end in stretches:
        folded = folded[:start] + HIDDEN * (end - start) + folded[end:]
    return folded
