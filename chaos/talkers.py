"""Talkers: people who post jobs, press buttons and ask for help while everything is killed around them. Each thing
they say comes one to five times, by either web process; the next one is said when the one before was taken."""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from chaos import wire
from chaos.journal import Journal
from chaos.plan import Plan

PLATFORMS = ("line", "slack", "telegram")
WHO = {"line": "Ucafe{:028x}", "slack": "U8TALK{:05d}", "telegram": "66{:07d}"}
COPIES_MAX = 5
LATE_SECONDS = 3.0  # how much later a copy may come
AGAIN_SECONDS = 0.3
PATIENCE_SECONDS = 3
THINKS_SECONDS = (0.3, 3.0)
SAYS = (
    "カフェの看板{}枚を3万円で来週金曜まで",
    "チラシ{}種類の校正を8000円で来週金曜まで",
    "ヘルプ",
    "仕事を探す",
    "お金",
    "こんにちは",
)
PRESSES = 0.5
OK = 200


@dataclass
class Talker:
    platform: str
    who: str
    shown: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Talkers:
    plan: Plan
    journal: Journal
    tokens: dict[str, str] = field(default_factory=dict)  # LINE's, good for one answer
    people: dict[tuple[str, str], Talker] = field(default_factory=dict)
    running: set[asyncio.Task[None]] = field(default_factory=set)
    number: int = 0
    silent: bool = False

    async def begin(self) -> None:
        self.dice = random.Random(self.plan.seed + 2)
        self.session = ClientSession(timeout=ClientTimeout(total=PATIENCE_SECONDS))
        for number in range(self.plan.talkers):
            platform = PLATFORMS[number % len(PLATFORMS)]
            talker = Talker(platform, WHO[platform].format(number))
            self.people[platform, talker.who] = talker
            self.run(self.talk(talker))

    async def end(self) -> None:
        await self.session.close()

    def run(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    def saw(self, platform: str, who: str, fields: Mapping[str, Any], number: int) -> None:
        """The newest message's buttons are in front of them."""
        talker = self.people.get((platform, who))
        if talker:
            readable = {name: parsed(value) for name, value in fields.items()}
            talker.shown = [{**button, "below": number} for button in wire.buttons(readable)] or talker.shown

    async def talk(self, talker: Talker) -> None:
        sequence = 0
        while not self.silent:
            sequence += 1
            await self.deliver(talker, sequence, self.next_of(talker))
            await asyncio.sleep(self.dice.uniform(*THINKS_SECONDS))

    def next_of(self, talker: Talker) -> wire.Event:
        self.number += 1
        if talker.platform == "line":
            self.tokens[f"{self.number:032x}"] = talker.who
        if talker.shown and self.dice.random() < PRESSES:
            button = self.dice.choice(talker.shown)
            return wire.pressed(talker.platform, self.plan.secrets, talker.who, self.number, button)
        words = self.dice.choice(SAYS).format(self.dice.randint(2, 99))
        return wire.said(talker.platform, self.plan.secrets, talker.who, self.number, words)

    async def deliver(self, talker: Talker, sequence: int, event: wire.Event) -> None:
        """Until it is taken once; its copies come whenever they come."""
        for _ in range(self.dice.randint(0, COPIES_MAX - 1)):
            self.run(self.copy(talker.platform, event, self.dice.uniform(0, LATE_SECONDS)))
        # As a messenger does: there is nothing that could be waited for.
        while not await self.post(talker.platform, event):  # noqa: ASYNC110 - see above
            await asyncio.sleep(AGAIN_SECONDS)
        about = {"platform": talker.platform, "who": talker.who, "tenant": event.tenant, "event": event.id}
        self.journal.note("taken", sequence=sequence, **about)

    async def copy(self, platform: str, event: wire.Event, wait: float) -> None:
        await asyncio.sleep(wait)
        await self.post(platform, event)

    async def post(self, platform: str, event: wire.Event) -> bool:
        url = f"{self.dice.choice(self.plan.web_urls)}/webhooks/{platform}"
        try:
            async with self.session.post(url, data=event.body, headers=event.headers) as answer:
                self.journal.note("answered", event=event.id, status=answer.status)
                return answer.status == OK
        except (ClientError, TimeoutError):
            return False


def parsed(value: Any) -> Any:
    """Telegram's SDK sends forms, with JSON in their fields."""
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value
