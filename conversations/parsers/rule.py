"""One row of a grammar: a phrase, and what it means at a given moment."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from conversations.parsers.dates import Moment, Reading

Meaning = Callable[[re.Match[str], Moment], Reading | None]


@dataclass(frozen=True, slots=True)
class Rule:
    phrase: re.Pattern[str]
    meaning: Meaning


def rule(phrase: str, meaning: Meaning) -> Rule:
    return Rule(re.compile(phrase), meaning)
