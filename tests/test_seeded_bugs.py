"""The bugs that are put back on purpose can still be put back. That they are seen is shown by `make seeded-bugs`."""

import pytest

from tests.seeded_bugs.bugs import Bug, bugs, git


@pytest.mark.parametrize("bug", bugs(), ids=lambda bug: bug.name)
def test_seeded_bug_can_be_put_back(bug: Bug) -> None:
    answer = git("apply", "--check", str(bug.patch))

    assert answer.stderr == ""
