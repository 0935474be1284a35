"""What a person does on a phone, whichever messenger is on it: says, presses what reads so, fills in, pays."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx2

from conversations import render
from conversations.router import BY_NAME
from playground.phone import NotOnScreen, NotSeen, Phone
from playground.screen import Tap

WAIT_SECONDS = 20
FORM_SECONDS = 4  # a trigger is good for three
POLL_SECONDS = 0.05
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/pretend/pay/[\w.-]+")


def word(phone: Phone, words: str, **facts: object) -> str:
    """A label as this person reads it."""
    return render.line(phone.person.language, words, facts)


def answered(phone: Phone) -> None:
    phone.sees("", WAIT_SECONDS)


def visible(phone: Phone) -> Sequence[Tap]:
    """What can be pressed now, newest first."""
    screen = phone.screen()
    bubbles = (*screen.bubbles, *screen.ephemeral, *([screen.home] if screen.home else []))
    return [*screen.quick, *(tap for bubble in reversed(bubbles) for tap in bubble.taps)]


def says(phone: Phone, text: str) -> None:
    phone.says(text)
    answered(phone)


def taps(phone: Phone, words: str, **facts: object) -> None:
    """Presses it as soon as it is there: other news may come in between."""
    press(phone, word(phone, words, **facts))


def press(phone: Phone, label: str) -> None:
    """The newest tap that reads so. In a list a platform may add what it is about: "Apply: Logo for my cafe"."""
    until(lambda: bool(reading(phone, label)), lambda: NotOnScreen(label, phone.screen()))
    phone.taps(reading(phone, label)[0])
    answered(phone)


def reading(phone: Phone, label: str) -> list[str]:
    return [
        tap.label for tap in visible(phone) if tap.label == label or tap.label.startswith((f"{label}:", f"{label}："))
    ]


def until(done: Callable[[], bool], trouble: Callable[[], Exception]) -> None:
    give_up_at = time.monotonic() + WAIT_SECONDS
    while not done():
        if time.monotonic() > give_up_at:
            raise trouble()
        time.sleep(POLL_SECONDS)


def wants(phone: Phone, flow: str) -> None:
    """Asks for a flow by its word: on Slack with the slash command, elsewhere by saying it."""
    if phone.person.platform == "slack":
        phone.commands(f"/arigato {BY_NAME[flow].command}")
        answered(phone)
    else:
        says(phone, word(phone, f"{flow}.menu"))


def form_of(phone: Phone) -> Mapping[str, Any] | None:
    """On Slack a form opens; other news may come before. If it comes too late, the questions are asked in chat."""
    give_up_at = time.monotonic() + (FORM_SECONDS if phone.person.platform == "slack" else 0)
    while phone.screen().modal is None and time.monotonic() < give_up_at:
        time.sleep(POLL_SECONDS)
    return phone.screen().modal


def fill_in(phone: Phone, answers: Mapping[str, str], go: str) -> None:
    """All answers in the form if one has opened, else question after question; then the card's primary button, which
    a form shows only where what was filled in changes what the card says."""
    form = form_of(phone)
    if form:
        fields = [str(block.get("block_id", "")) for block in form["blocks"]]
        problems = phone.submits({next(f for f in fields if f.endswith(f":{key}")): v for key, v in answers.items()})
        assert not problems, f"the form was refused: {problems}"
        answered(phone)
        if not reading(phone, word(phone, go)):
            return
    else:
        for value in answers.values():
            says(phone, value)
    taps(phone, go)


def pay(phone: Phone) -> None:
    """Opens the newest pay page that was not opened yet, and pays what it says."""
    until(lambda: bool(pages(phone)), lambda: NotSeen("/pretend/", phone.screen()))
    url = pages(phone)[0]
    phone.opened.append(url)
    httpx2.post(url, data={"choice": "pay"}, timeout=WAIT_SECONDS).raise_for_status()


def pages(phone: Phone) -> list[str]:
    """Behind a button, or, since Telegram takes no buttons to loopback addresses, in the text."""
    bubbles = reversed(phone.screen().bubbles)
    shown = [address for b in bubbles for address in ADDRESS.findall(f"{b.text} {b.raw}")]
    return [address for address in shown if address not in phone.opened]
