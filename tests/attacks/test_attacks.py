"""Every attack of the tables, against the real server over HTTP, and its legal twin."""

import re
from collections import Counter
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet

from tests.attacks import table
from tests.attacks.acting import Act, Acts, sentence
from tests.attacks.server import changed
from tests.attacks.table import Case
from tests.attacks.wire import Json
from tests.source import is_there

T = TypeVar("T")
CASES = tuple(table.cases())
SENTENCE = re.compile(r"[A-Z]\S*( \S+){3,}\.")


def told(case: Case) -> ParameterSet:
    """Two groups, so that two processes share the table; each has a server of its own."""
    group = "doors" if case.name[0] in "WR" else "chats"
    return pytest.param(case, id=case.name, marks=pytest.mark.xdist_group(f"attacks-{group}"))


def steps(found: T | list[T]) -> list[T]:
    return found if isinstance(found, list) else [found]


def brought(act: Act, row: Json) -> None:
    """The deal and all that comes before, none of which is refused."""
    act.deal.at(row.get("deal", ""))
    for role in row.get("people", []):
        act.deal.person(role)
    wanted = steps(row["attack"]) + steps(row.get("before", []))
    for role in (step["who"] for step in wanted if step.get("who")):
        act.deal.person(role)
    for step in steps(row.get("before", [])):
        assert act.does(step).status == 200, step
    act.server.settle()
    act.server.events.taken()


@pytest.mark.parametrize("case", [told(case) for case in CASES])
def test_attack_is_refused_and_changes_nothing(case: Case, acts: Acts) -> None:
    row, act = case.row, acts(case.row)
    brought(act, row)
    before, noted, said, moved = act.server.rows(), act.server.noted(), act.last_said(), act.moved()

    replies = [act.does(step) for step in steps(row["attack"])]

    events = row.get("events", [row["event"]] if row.get("event") else [])
    assert [reply.status for reply in replies] == [row.get("status", 200)] * len(replies)
    assert act.server.events_after(len(events)) == events
    expected = Counter([*events, *row.get("noted", [])])
    assert act.server.noted_after(noted, expected) == expected
    assert act.moves(moved) == row.get("moves", [])
    assert set(changed(before, act.server.rows())) <= set(row.get("changes", []))
    if "answer" in row:
        person = steps(row["attack"])[-1]["who"]
        told = [words for words in act.answers(person, said) if words]
        assert told[:1] == ([sentence(row["answer"], row.get("facts"))] if row["answer"] else [])
    for secret in row.get("hides", []):
        assert not re.search(act.filled(secret).encode(), replies[-1].body)


@pytest.mark.parametrize("case", [told(case) for case in table.twins()])
def test_legal_twin_is_accepted(case: Case, acts: Acts) -> None:
    row, act = case.twin, acts(case.twin)
    brought(act, row)
    before, noted, moved = act.server.rows(), act.server.noted(), act.moved()

    replies = [act.does(step) for step in steps(row["attack"])]

    after = act.server.rows()
    assert [reply.status for reply in replies] == [200] * len(replies)
    assert act.server.events.taken() == []
    assert act.server.noted() == noted
    assert act.moves(moved) == row.get("moves", [])
    # Those that came in: an erasure also empties what was heard before, however much that is by now.
    assert after["inbox"].total() - before["inbox"].total() == row.get("inbox", 1)
    if "reply" in row:
        assert re.search(row["reply"].encode(), replies[-1].body)


def test_every_row_is_in_the_table_once() -> None:
    found = sorted(row["id"] for row in table.rows())

    assert found == sorted(
        f"{letter}{number}" for letter, count in table.LETTERS.items() for number in range(1, count + 1)
    )


def test_every_test_that_a_row_names_is_there() -> None:
    """By its name: a file may be there and show something else."""
    named = [(row["id"], name) for row in table.rows() for name in steps(row.get("test", []))]

    assert [name for _, name in named if not is_there(name)] == []
    assert [row for row, name in named if "::" not in name] == []


def test_what_a_row_lacks_is_said_in_a_sentence() -> None:
    said = [row["lacks"] for row in table.rows() if "lacks" in row]

    assert [words for words in said if not SENTENCE.fullmatch(words)] == []


def test_every_row_that_applies_is_acted_out_and_every_other_says_why() -> None:
    lacking = [
        row["id"]
        for row in table.rows()
        if not ((row.get("attack") or row.get("test")) if row.get("applies", True) else row.get("why"))
    ]

    assert lacking == []
