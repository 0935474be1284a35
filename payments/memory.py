"""Memory: what the pretend provider and its banks know. It is kept beside our database and not in it, so that it
outlives a restore of it, as a real provider's does."""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import clock

# Nobody knows everything since then: what is missing here proves nothing.
NEVER = datetime.max.replace(tzinfo=UTC)


class Memory:
    """One JSON object a line; several processes may write at once. Without a file it is forgotten with the process."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.unwritten: list[dict[str, Any]] = []
        self.known: dict[str, dict[str, Any]] = {}

    def note(self, line: Mapping[str, Any]) -> Mapping[str, Any]:
        """What happens there under one `reference` happens once. What is given back is what happened first,
        as far as this process knows."""
        first = self.known.setdefault(line["reference"], dict(line))
        if self.path is None:
            self.unwritten.append(dict(line))
            return first
        with self.lock, self.path.open("a", encoding="utf-8") as file:
            if not file.tell():
                file.write(json.dumps({"begun": clock.now().isoformat()}) + "\n")
            # One write, so that no other process writes into the middle of the line.
            file.write(json.dumps(dict(line), ensure_ascii=False) + "\n")
        return first

    def lines(self) -> tuple[datetime, list[dict[str, Any]]]:
        """Since when it is complete, and each reference's first line."""
        if self.path is None:
            return NEVER, firsts(list(self.unwritten))
        if not self.path.exists():
            return NEVER, []
        written = [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]
        begun = [datetime.fromisoformat(line["begun"]) for line in written if "begun" in line]
        return max(begun, default=NEVER), firsts([line for line in written if "begun" not in line])


def firsts(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        found.setdefault(line["reference"], line)
    return list(found.values())
