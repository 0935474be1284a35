"""What the release before does not know is what waits for its end."""

from pathlib import Path

from conversations.later import LATER
from conversations.router import BY_NAME
from storage import releases
from tests.end_to_end import released

FLOWS = "from conversations.router import BY_NAME; print(*BY_NAME)"


def test_flows_it_does_not_know_are_held_back_and_no_others(tmp_path: Path) -> None:
    tree = released.tree(releases.BEFORE, tmp_path)

    known = released.python(tree, "-c", FLOWS).split()

    assert set(BY_NAME) - set(known) == LATER
