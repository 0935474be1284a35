"""The bugs that are put back on purpose can still be put back. That they are seen is shown by `make seeded-bugs`."""

from pathlib import Path

import pytest

from tests.seeded_bugs.__main__ import BROKE_OFF, FOUND, UNBROKEN, Answer, Outcome, copied, left_alone, searched
from tests.seeded_bugs.bugs import Bug, bugs, git

# Those of the list of what really happened to systems like this one: it numbers them oddly.
NUMBERS = list(range(1, 48, 2))


def test_every_bug_of_the_list_is_here() -> None:
    assert [int(bug.name.partition("-")[0]) for bug in bugs()] == NUMBERS


@pytest.mark.parametrize("bug", bugs(), ids=lambda bug: bug.name)
def test_seeded_bug_can_be_put_back(bug: Bug) -> None:
    answer = git("apply", "--check", str(bug.patch))

    assert answer.stderr == ""


def test_a_tree_that_cannot_be_imported_is_no_bug_that_was_seen(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    (tree / "errands.py").write_text("import nothing_of_this_name\n", "utf-8")

    answers = [searched(tree, found_by) for found_by in ("simulator", "tests/payments/test_reconciler.py")]

    assert [answer.verdict for answer in answers] == [BROKE_OFF, BROKE_OFF]


def test_a_test_that_fails_in_every_tree_has_found_nothing(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    (tree / "tests/test_always.py").write_text("def test_fails() -> None:\n    assert False\n", "utf-8")

    control = left_alone([Answer(FOUND, "", test="tests/test_always.py::test_fails")], tree)

    assert (control.verdict, Outcome(UNBROKEN, control, 0).right) == (FOUND, False)
