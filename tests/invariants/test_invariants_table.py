"""The table of invariants: every one in it once, each asked for by what is there, or saying what of it is lacking."""

from typing import Any

import yaml  # type: ignore[import-untyped] # it ships no types

from storage import audit, check
from storage.check import questions
from tests.commands import is_command
from tests.source import HOUSE, is_there

KINDS = {"M": 16, "S": 9, "D": 11, "T": 4, "A": 7, "LV": 4}
ROWS: list[dict[str, Any]] = yaml.safe_load((HOUSE / "tests/invariants/invariants.yaml").read_text("utf-8"))["rows"]
WORDS = {"id", "title", "check", "test", "command", "lacks"}


def named(word: str) -> set[str]:
    return {name for row in ROWS for name in row.get(word, [])}


def test_every_invariant_is_in_the_table_once() -> None:
    numbered = [f"{kind}{number}" for kind, many in KINDS.items() for number in range(1, many + 1)]

    assert [row["id"] for row in ROWS] == [*numbered, "isolation"]


def test_every_row_says_by_what_it_is_shown() -> None:
    assert [row["id"] for row in ROWS if not (row.get("check") or row.get("test")) or set(row) - WORDS] == []


def test_every_test_and_command_that_a_row_names_is_there() -> None:
    assert sorted(name for name in named("test") if not is_there(name)) == []
    assert [name for name in sorted(named("command")) if not is_command(name.split())] == []


def test_everything_the_check_asks_belongs_to_a_row() -> None:
    """By a question's own words, or by the function that asks."""
    asks = {finder for _, finder in check.FINDERS} | {check.missing_keys, audit.broken}
    functions = {f"{finder.__module__.replace('.', '/')}.py::{finder.__name__}" for finder in asks}

    assert named("check") == {question.promise for question in questions()} | functions


def test_every_question_stands_where_its_number_says() -> None:
    """What F28 promises of the provider's books is part of M13."""
    rows = {name: row["id"] for row in ROWS for name in row.get("check", [])}

    assert [q.promise for q in questions() if rows[q.promise] != {"F28": "M13"}.get(q.rule, q.rule)] == []
