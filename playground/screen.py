"""What a person sees of their chat with the bot, on any of the three platforms."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Tap:
    """Something a person can press; `raw` is the platform's own JSON of that action."""

    label: str
    kind: str  # "postback" | "message" | "url" | "date" | "select"
    raw: dict[str, Any]


@dataclass(frozen=True)
class Bubble:
    """One visible message; `raw` is the platform's own message JSON."""

    id: str
    mine: bool
    text: str
    raw: dict[str, Any]
    taps: tuple[Tap, ...]
    edited: bool
    at: float

    def says(self, text: str) -> bool:
        """Labels count: a person reads a button as well as the words above it."""
        return text in self.text or any(text in tap.label for tap in self.taps)


@dataclass(frozen=True)
class Screen:
    """Everything one person sees now."""

    bubbles: tuple[Bubble, ...] = ()
    quick: tuple[Tap, ...] = ()
    menu: tuple[Tap, ...] = ()
    home: Bubble | None = None
    modal: dict[str, Any] | None = None
    ephemeral: tuple[Bubble, ...] = ()
    toast: str | None = None
    modal_taps: tuple[Tap, ...] = field(default=())


def as_text(screen: Screen) -> str:
    """The screen in plain lines, for the message of a failed test."""
    lines = [line for bubble in screen.bubbles for line in _bubble_lines("> " if bubble.mine else "", bubble)]
    if screen.home is not None:
        lines += ["-- home --", *_bubble_lines("", screen.home)]
    lines += [line for bubble in screen.ephemeral for line in _bubble_lines("(only you) ", bubble)]
    if screen.modal is not None:
        title = screen.modal.get("title") or {}
        lines += [f"-- modal: {title.get('text', '')} {_labels(screen.modal_taps)} --"]
    if screen.quick:
        lines += [f"quick: {_labels(screen.quick)}"]
    if screen.menu:
        lines += [f"menu: {_labels(screen.menu)}"]
    if screen.toast:
        lines += [f"toast: {screen.toast}"]
    return "\n".join(lines) or "(nothing)"


def _bubble_lines(prefix: str, bubble: Bubble) -> list[str]:
    buttons = f" {_labels(bubble.taps)}" if bubble.taps else ""
    return [prefix + bubble.text + buttons]


def _labels(taps: Iterable[Tap]) -> str:
    return " ".join(f"[{tap.label}]" for tap in taps)
