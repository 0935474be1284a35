"""People and what they have on their screens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from conversations.messages import Button, FormSheet, Message, Outgoing, Picker, Sender

REMEMBERED = 30
CODE = re.compile(r"\b[JACU]-[0-9A-Z]{7}\b")
LINK_CODE = re.compile(r"\b[0-9A-Y]{4}-[0-9A-Y]{4}-[0-9A-Y]{4}\b")
TENANT = "tenant"


@dataclass(frozen=True)
class Seen:
    """One message on the screen, or a form."""

    message: Message
    form: FormSheet | None

    @property
    def cards(self) -> list[Button]:
        return [*self.message.buttons, *(button for item in self.message.items for button in item.buttons)]

    @property
    def buttons(self) -> list[Button]:
        return [button for button in (*self.cards, *self.message.quick) if button.handle]

    @property
    def pages(self) -> list[str]:
        return [button.url for button in self.cards if button.url]

    @property
    def picker(self) -> Picker | None:
        return self.message.picker


@dataclass(eq=False)
class Person:
    platform: str
    outside_id: str
    name: str
    language: str
    operator: bool
    worker: bool
    left: bool = False
    misfilled: bool = False
    waits: bool = False  # has said something, and seen nothing since
    seen: list[Seen] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    said: str = ""  # the id of what they said last
    link_code: str = ""  # the newest they were told

    @property
    def profile(self) -> Sender:
        return Sender(self.platform, TENANT, self.outside_id, self.name, self.language)

    @property
    def sender(self) -> Sender:
        """LINE and Slack say no name with a message: they are asked for it."""
        name = self.name if self.platform == "telegram" else ""
        return Sender(self.platform, TENANT, self.outside_id, name, self.language)

    def sees(self, outgoing: Outgoing, words: str) -> None:
        self.waits = False
        self.seen = [*self.seen, Seen(outgoing.message, outgoing.form)][-REMEMBERED:]
        if "-" not in words:
            return
        self.link_code = next(iter(LINK_CODE.findall(words)), self.link_code)
        found = dict.fromkeys(CODE.findall(words))
        self.codes = [*(code for code in self.codes if code not in found), *found][-REMEMBERED:]

    @property
    def newest(self) -> Seen | None:
        return self.seen[-1] if self.seen else None

    def buttons(self) -> Iterator[Button]:
        """Everything that can still be pressed, the newest first."""
        for seen in reversed(self.seen):
            yield from seen.buttons
