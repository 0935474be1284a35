"""The main story without a browser: real HTTP, real SDKs, a temporary database, and a transcript anyone can read."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import demo
from playground.phone import Person, Phone
from playground.screen import Bubble
from playground.story import Cast, scenes
from storage import trail
from storage.check import check

SETTLE_SECONDS = 10


@dataclass
class Told:
    """How the story went. `scenes` are those that ended well, `stages` those the contract went through; `messages` is
    all that was said and shown; `violations` what `check` finds, and every rule of a platform that a request broke."""

    scenes: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    messages: list[dict[str, str]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    trouble: str = ""

    def as_json(self) -> dict[str, Any]:
        return vars(self)


def people_for(client: str, worker: str, operator: str, language: str) -> tuple[Person, Person, Person, Person]:
    """Four different people: the workers share a name, whatever the messengers."""
    names = {
        "ja": ("佐藤花子", "山田舞", "山田舞", "高橋葵"),
        "en": ("Hana Sato", "Mai Yamada", "Mai Yamada", "Aoi Takahashi"),
    }
    platforms = (client, worker, worker, operator)
    made = [
        Person(platform, invented(platform, number), name, language)
        for number, (platform, name) in enumerate(zip(platforms, names[language], strict=True), start=1)
    ]
    return (made[0], made[1], made[2], made[3])


def invented(platform: str, number: int) -> str:
    """An id of the platform's own shape."""
    return {"line": f"U{number:032x}", "slack": f"U0STORY{number:03d}", "telegram": str(700_900 + number)}[platform]


def play(client: str, worker: str, operator: str, language: str, say: Callable[[str], object]) -> Told:
    """The story on a database of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="arigato-story-") as folder:
        database_url = f"sqlite:///{Path(folder) / 'arigato.db'}"
        return play_on(database_url, people_for(client, worker, operator, language), language, say)


def play_on(
    database_url: str, people: tuple[Person, Person, Person, Person], language: str, say: Callable[[str], object]
) -> Told:
    """Play every scene, then check the books. Never raises: what went wrong is in `trouble`."""
    with demo.running(demo.free_port(), database_url, operators=(people[3],)) as playground:
        return act(playground, demo.cast_of(playground, people), language, say)


def act(playground: demo.Playground, cast: Cast, language: str, say: Callable[[str], object]) -> Told:
    told = Told()
    seen: dict[tuple[str, str], str] = {}
    for scene in scenes(cast):
        say(f"\n## {scene.title[language]}")
        try:
            scene.act()
        except Exception as trouble:  # noqa: BLE001 - the story says what went wrong and ends
            told.trouble = f"{scene.id}: {type(trouble).__name__}: {trouble}"
            break
        finally:
            told.messages += hear(cast, seen, say)
        told.scenes.append(scene.id)
    settle(playground)
    with playground.house.database.connect() as connection:
        told.violations = [f"{v.rule}: {v.what}" for v in check(connection)] + breaches(playground)
        told.ledger = trail.ledger(connection)
        told.stages = trail.contract_stages(connection)
    for line in told.ledger:
        say(f"¥ {line['source']} → {line['target']}  {line['amount']:,}  {line['reason']}")
    return told


def breaches(playground: demo.Playground) -> list[str]:
    """The platforms' own rules that our requests broke."""
    return [
        f"{platform} {call.method}: {problem}"
        for platform, emulator in playground.emulators.items()
        for call in list(emulator.calls)
        for problem in call.problems
    ]


def settle(playground: demo.Playground) -> None:
    """Until nothing waits to be worked through or sent."""
    give_up_at = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < give_up_at:
        with playground.house.database.connect() as connection:
            if not trail.waiting(connection):
                return
        time.sleep(0.05)


def hear(cast: Cast, seen: dict[tuple[str, str], str], say: Callable[[str], object]) -> list[dict[str, str]]:
    """What is new on each screen, in the order it appeared."""
    fresh: list[tuple[float, Phone, Bubble]] = []
    for phone in cast.phones:
        screen = phone.screen()
        for bubble in (*screen.bubbles, *screen.ephemeral, *([screen.home] if screen.home else [])):
            key = (phone.person.id, bubble.id)
            if seen.get(key) != bubble.text:
                seen[key] = bubble.text
                fresh.append((bubble.at, phone, bubble))
    fresh.sort(key=lambda row: row[0])
    return [one_message(phone, bubble, say) for _, phone, bubble in fresh]


def one_message(phone: Phone, bubble: Bubble, say: Callable[[str], object]) -> dict[str, str]:
    person = phone.person
    where = f"{person.platform:8} {person.name} ({person.id[-4:]})"
    arrow = ">" if bubble.mine else "<"
    buttons = "  " + " ".join(f"[{tap.label}]" for tap in bubble.taps) if bubble.taps else ""
    text = bubble.text.replace("\n", " / ")
    say(f"{where} {arrow} {text}{buttons}")
    who = "person" if bubble.mine else "bot"
    return {"platform": person.platform, "person": person.id, "from": who, "text": bubble.text}
