"""The table of attacks: reliability.md section 3 as data. What the words of a row mean is told in README.md."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # it ships no types

from tests.attacks.speaking import laid_over
from tests.attacks.wire import Json

HERE = Path(__file__).parent
# How many rows each letter has; none is left out, whether or not it applies yet.
LETTERS = {"W": 18, "R": 10, "B": 12, "Z": 19, "L": 12, "I": 15, "X": 10, "C": 9, "E": 16, "P": 10}


@dataclass(frozen=True)
class Case:
    """One way of one row."""

    name: str
    row: Json

    @property
    def twin(self) -> Json:
        """What looks alike and is right, done by people of the same platforms to a deal of its own."""
        return {"platforms": self.row.get("platforms", {}), **self.row["twin"]}


def rows() -> Iterator[Json]:
    for path in sorted(HERE.glob("*.yaml")):
        document: Any = yaml.safe_load(path.read_text())
        twins = document.get("twins", {})
        for row in document["rows"]:
            twin = row.get("twin")
            yield {**row, "twin": twins[twin]} if isinstance(twin, str) else row


def cases() -> Iterator[Case]:
    """Every way of every row that is acted out over HTTP."""
    for row in rows():
        if not row.get("applies", True) or "attack" not in row:
            continue
        plain = {key: value for key, value in row.items() if key != "ways"}
        for number, way in enumerate(row.get("ways") or [{}], start=1):
            name = f"{row['id']}-{way.get('way', number)}" if row.get("ways") else row["id"]
            yield Case(name, laid_over(plain, {key: value for key, value in way.items() if key != "way"}))


def twins() -> Iterator[Case]:
    """Each twin once, however many ways its row has."""
    seen = set()
    for case in cases():
        if case.row.get("twin") and repr((case.row["id"], case.twin)) not in seen:
            seen.add(repr((case.row["id"], case.twin)))
            yield case
