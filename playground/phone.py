"""A phone: how a test, the story and the page act as one person on one platform."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Protocol

from playground.exchange import Exchange
from playground.screen import Bubble, Screen, Tap, as_text


@dataclass(frozen=True)
class Person:
    """Somebody with an account on a platform. Two people may share a name; the id is who they are."""

    platform: str
    id: str
    name: str
    language: str


class NotOnScreen(AssertionError):
    """The person wanted to press something that is not there."""

    def __init__(self, wanted: str, screen: Screen) -> None:
        super().__init__(f"{wanted!r} is not on the screen:\n{as_text(screen)}")


class NotSeen(AssertionError):
    """The person waited for words that did not come."""

    def __init__(self, wanted: str, screen: Screen) -> None:
        super().__init__(f"{wanted!r} did not appear:\n{as_text(screen)}")


class Phone(Protocol):
    """One person on one platform. Every method is synchronous and may be called from any thread."""

    @property
    def person(self) -> Person: ...

    @property
    def opened(self) -> list[str]:
        """The links the person has opened, newest last: the phone does not follow them by itself."""

    def follows(self) -> None:
        """LINE: adds the bot as a friend. Telegram: /start. Slack: opens the messages tab of the app."""

    def says(self, text: str) -> None: ...

    def taps(self, label: str) -> None:
        """Presses the newest visible thing with this label."""

    def taps_old(self, bubble_id: str, label: str, place: int = 0) -> None:
        """Presses a button of any message still in the chat, however stale. In a list of cards many buttons have
        one label: `place` counts them from 0."""

    def picks(self, label: str, day: date) -> None:
        """Chooses a day in a date picker."""

    def commands(self, text: str) -> None:
        """Slack: a slash command. Elsewhere the same as saying it."""

    def opens_home(self) -> None:
        """Slack: opens the Home tab. Elsewhere says the word of the menu."""

    def submits(self, values: dict[str, str]) -> dict[str, str]:
        """Fills and sends the open Slack modal; gives back the errors shown beside the fields."""

    def sends_file(self, name: str, content: bytes) -> None: ...

    def blocks(self) -> None:
        """Wants nothing more from the bot."""

    def screen(self) -> Screen: ...

    def sees(self, text: str, seconds: float = 10) -> Bubble:
        """Waits until something newer than the person's last act reads so."""


def wait_until_seen(
    exchange: Exchange,
    text: str,
    *,
    after: float,
    seconds: float,
    visible: Callable[[], list[Bubble]],
    screen: Callable[[], Screen],
) -> Bubble:
    give_up_at = time.monotonic() + seconds
    with exchange.changed:
        while True:
            for bubble in reversed(visible()):
                if bubble.at > after and not bubble.mine and bubble.says(text):
                    return bubble
            left = give_up_at - time.monotonic()
            if left <= 0:
                raise NotSeen(text, screen())
            exchange.changed.wait(left)


def find_tap(label: str, taps: Iterable[Tap], place: int = 0) -> Tap | None:
    return next(islice((tap for tap in taps if tap.label == label), place, None), None)
