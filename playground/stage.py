"""The stage of a playground: the three platforms, their people, a clock that moves, and what has happened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from playground.bell import Bell
from playground.inspector import Step, Timeline
from playground.phone import Person, Phone
from playground.tour import Scene, Tour

PLATFORMS = ("line", "slack", "telegram")
LANGUAGES = ("ja", "en")


class Emulated(Protocol):
    """What the page needs of an emulator."""

    @property
    def platform(self) -> str: ...

    @property
    def faults(self) -> dict[str, Any]: ...

    def phone(self, person: Person) -> Phone: ...

    def listen(self, hook: Callable[[str, dict[str, Any]], None]) -> None: ...


class Clock(Protocol):
    """The product's clock, which the page may move but never set back."""

    def now(self) -> datetime: ...

    def move(self, seconds: float) -> None: ...

    def to_next_deadline(self) -> None: ...


@dataclass(frozen=True)
class Stage:
    """Everything the page is given. `trail` gives the product's own steps newer than an id; `scenes` are told in each
    language, by people who speak it."""

    emulators: Mapping[str, Emulated]
    people: tuple[Person, ...]
    clock: Clock
    trail: Callable[[int], Sequence[Step]]
    scenes: Mapping[str, tuple[Scene, ...]]
    language: str
    bell: Bell = field(default_factory=Bell)


@dataclass(frozen=True)
class View:
    """What one browser window looks at: a language for the page and a person on each phone."""

    language: str
    people: Mapping[str, Person]


@dataclass(frozen=True)
class House:
    """The stage with what the page itself remembers while it runs."""

    stage: Stage
    timeline: Timeline
    tours: Mapping[str, Tour]
    bell: Bell

    def phone(self, person: Person) -> Phone:
        return self.stage.emulators[person.platform].phone(person)

    def person(self, platform: str, id: str) -> Person | None:
        return next((one for one in self.stage.people if (one.platform, one.id) == (platform, id)), None)

    def view(self, asked: Mapping[str, str]) -> View:
        """Of the address's query: unknown people and languages fall back to the first, so old links still open."""
        language = asked.get("language", self.stage.language)
        if language not in LANGUAGES:
            language = self.stage.language
        people = {
            platform: self.person(platform, asked.get(platform, "")) or self._first(platform, language)
            for platform in self.stage.emulators
        }
        return View(language, {platform: person for platform, person in people.items() if person is not None})

    def _first(self, platform: str, language: str) -> Person | None:
        """One who speaks the page's language, if there is one."""
        here = [one for one in self.stage.people if one.platform == platform]
        return next((one for one in here if one.language == language), next(iter(here), None))


def house(stage: Stage) -> House:
    """Listens to the platforms from now on."""
    bell = stage.bell
    built = House(stage, Timeline(stage.trail), {name: Tour(stage.scenes[name], bell.ring) for name in LANGUAGES}, bell)

    def heard(kind: str, details: dict[str, Any]) -> None:
        built.timeline.report(kind, details)
        bell.ring()

    for emulator in stage.emulators.values():
        emulator.listen(heard)
    return built
