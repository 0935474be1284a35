"""A journal: what was done and seen outside the product, one JSON line each. It does not know the database."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Journal:
    """Written line by line: what stands in it outlives the process that wrote it."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, kind: str, **what: Any) -> None:
        line = json.dumps({"at": time.time(), "kind": kind, **what}, ensure_ascii=False)
        os.write(self.file, f"{line}\n".encode())


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """In the order in which they were written."""
    return iter(Tail(path).fresh())


class Tail:
    """What has been added to a journal since the last look. A line that is not whole is not there yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read = 0

    def fresh(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(self.read)
            whole = file.read().rpartition(b"\n")[0]
        self.read += len(whole) + 1 if whole else 0
        return [json.loads(line) for line in whole.splitlines()]
