"""The inspector's timeline: webhook in, command, stage, ledger lines, API calls out, in the order they happened."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

SIGNS = {
    "webhook": "→", "command": "!", "stage": "◆", "transfer": "¥", "timer": "◷", "operation": "⇄", "call": "←",
}  # fmt: skip
ENTRIES_KEPT = 400
CHARACTERS_SHOWN = 20_000


@dataclass(frozen=True)
class Step:
    """One thing the product itself did; `kind` is command, stage, transfer, timer or operation."""

    id: int
    at: str
    kind: str
    summary: str
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One line of the timeline."""

    number: int
    at: float
    kind: str
    platform: str
    summary: str
    raw: Mapping[str, Any]
    troubles: tuple[str, ...]


@dataclass(frozen=True)
class Turn:
    """What followed from one webhook or one ring of the clock."""

    entries: tuple[Entry, ...]

    @property
    def number(self) -> int:
        return self.entries[0].number


class Timeline:
    """Collects from two sides: the platforms report as they happen, the product's own trail is read."""

    def __init__(self, trail: Callable[[int], Sequence[Step]]) -> None:
        self._trail = trail
        self._seen = 0
        self._reported: list[Entry] = []
        self._entries: deque[Entry] = deque(maxlen=ENTRIES_KEPT)
        self._count = 0
        self._held: dict[str, int] = {}
        self._lock = threading.Lock()

    def report(self, kind: str, details: Mapping[str, Any]) -> None:
        """The hook for an emulator. A long poll that brought nothing is no news."""
        if details.get("method") == "getUpdates" and not _brought(details.get("answer")):
            return
        with self._lock:
            self._reported.append(_reported(kind, details))

    def turns(self) -> list[Turn]:
        """Newest turn first; inside a turn top down, as it went."""
        self._read()
        turns: list[list[Entry]] = []
        for entry in list(self._entries):
            if not turns or _opens_turn(entry, turns[-1]):
                turns.append([entry])
            else:
                turns[-1].append(entry)
        return [Turn(tuple(entries)) for entries in reversed(turns)]

    def _read(self) -> None:
        """Only what arrived together is sorted by time: the clock may have been moved in between."""
        with self._lock:
            steps = list(self._trail(self._seen))
            fresh = [*self._reported, *map(_stepped, steps)]
            self._reported = []
            self._seen = max([self._seen, *(step.id for step in steps)])
            for entry in sorted(fresh, key=lambda entry: entry.at):
                self._count += 1
                self._entries.append(_numbered(self._weighed(entry), self._count))

    def _weighed(self, entry: Entry) -> Entry:
        """A transfer says what the escrow it touched holds after it."""
        if entry.kind != "transfer":
            return entry
        said = entry.summary
        for side, sign in (("source", -1), ("target", 1)):
            account = str(entry.raw.get(side, ""))
            if account.startswith("escrow:"):
                self._held[account] = self._held.get(account, 0) + sign * int(entry.raw.get("amount", 0))
                said += f" · {account} = {self._held[account]:,}"
        return replace(entry, summary=said)


def _opens_turn(entry: Entry, turn: Sequence[Entry]) -> bool:
    """A webhook begins one; so does a second command, which came from the clock or from money. What Slack tells of the
    bot's own messages begins nothing."""
    if entry.kind == "webhook":
        return not _is_echo(entry.raw.get("body"))
    return entry.kind == "command" and any(one.kind == "command" for one in turn)


def _reported(kind: str, details: Mapping[str, Any]) -> Entry:
    status = details.get("status", 0)
    bad = not (isinstance(status, int) and 200 <= status < 300)
    troubles = [str(problem) for problem in details.get("problems", ())]
    if bad:
        troubles.append(f"HTTP {status}")
    platform = str(details.get("platform", ""))
    words = _webhook_words(details) if kind == "webhook" else str(details.get("method", kind))
    return Entry(0, float(details.get("at", 0)), kind, platform, words, dict(details), tuple(troubles))


def _brought(answer: object) -> bool:
    return isinstance(answer, Mapping) and bool(answer.get("result", True))


def _stepped(step: Step) -> Entry:
    return Entry(0, _timestamp(step.at), step.kind, "", step.summary, step.raw, ())


def _numbered(entry: Entry, number: int) -> Entry:
    return replace(entry, number=number)


def _is_echo(body: object) -> bool:
    match body:
        case {"event": {"bot_id": str()} | {"message": {"bot_id": str()}}}:
            return True
        case _:
            return False


def _timestamp(written: str) -> float:
    moment = datetime.fromisoformat(written)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _webhook_words(details: Mapping[str, Any]) -> str:
    """The kind of what came in, wherever the platform writes it."""
    body = details.get("body")
    return ", ".join(dict.fromkeys(_kinds(body))) or "webhook"


def _kinds(body: object) -> Iterable[str]:
    match body:
        case {"events": [*events]}:
            return [str(event.get("type")) for event in events if isinstance(event, Mapping)]
        case {"event": {"type": kind}} | {"type": kind}:
            return [str(kind)]
        case {"command": command}:
            return [str(command)]
        case {"update_id": _, **rest}:
            return [str(key) for key in rest]
        case _:
            return []
