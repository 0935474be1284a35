"""The table of faults: every row once, each shown by tests and commands that are there, or saying what is lacking."""

import re
from typing import Any

import yaml  # type: ignore[import-untyped] # it ships no types

from tests.commands import is_command
from tests.source import HOUSE, functions, is_there

FAULTS = 38
ROWS: list[dict[str, Any]] = yaml.safe_load((HOUSE / "tests/faults/faults.yaml").read_text("utf-8"))["rows"]
WORDS = {"id", "title", "test", "command", "lacks", "applies", "why"}


def test_every_fault_is_in_the_table_once() -> None:
    assert [row["id"] for row in ROWS] == [f"F{number}" for number in range(1, FAULTS + 1)]


def test_every_row_says_what_shows_it_or_what_is_lacking() -> None:
    shown = ("test", "command", "lacks")

    assert [row["id"] for row in ROWS if not (any(row.get(word) for word in shown) or row.get("why"))] == []
    assert [row["id"] for row in ROWS if row.get("applies", True) is bool(row.get("why"))] == []
    assert [row["id"] for row in ROWS if set(row) - WORDS] == []


def test_every_test_that_a_row_names_is_there() -> None:
    named = {name for row in ROWS for name in row.get("test", [])}

    assert sorted(name for name in named if not is_there(name)) == []


def test_every_command_that_a_row_names_is_one() -> None:
    assert [name for row in ROWS for name in row.get("command", []) if not is_command(name.split())] == []


def test_every_test_of_a_fault_is_named() -> None:
    """A test here that no row speaks of shows nothing to anybody."""
    named = {name for row in ROWS for name in row.get("test", [])}
    here = {
        f"tests/faults/{path.name}::{test}"
        for path in (HOUSE / "tests/faults").glob("test_*.py")
        for test in functions(path)
        if re.match(r"test_f[0-9]", test)
    }

    assert sorted(here - named) == []
