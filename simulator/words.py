"""Who the people are and what they say: names and sentences stand in words.toml, a language each."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random

from simulator.people import Person

PEOPLE = ("line", "slack", "telegram", "line", "slack")
OPERATORS = ("telegram", "slack")
LANGUAGES = ("ja", "en")

# What a question wants to hear: flow, its questions that are answered in words, in their order.
ASKED: Mapping[str, tuple[str, ...]] = {
    "post_job": ("title", "price", "due", "description"),
    "apply": ("price", "words"),
    "deliver": ("work",),
    "extend_review": ("reason",),
    "request_changes": ("reason",),
    "appeal_job": ("reason",),
    "hold": ("reason",),
    "reject": ("reason",),
    "suspend": ("reason",),
    "restore": ("reason",),
    "human": ("words",),
    "say_thanks": ("words",),
    "review": ("comment", "again"),
}


@cache
def said(language: str) -> Mapping[str, list[str]]:
    written = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    found: Mapping[str, list[str]] = written[language]
    return found


def some(dice: Random, language: str, kind: str) -> str:
    return dice.choice(said(language)[kind])


def people(dice: Random) -> list[Person]:
    """Two operators, and a few others; some share a name."""
    count = dice.randint(2, len(PEOPLE))
    others = dice.sample(PEOPLE, count)
    places = [*((platform, True) for platform in OPERATORS), *((platform, False) for platform in others)]
    return [
        Person(platform, f"id-{number}", some(dice, language, "names"), language, operator, worker=number % 2 == 0)
        for number, (platform, operator) in enumerate(places, start=1)
        for language in (dice.choice(LANGUAGES),)
    ]
