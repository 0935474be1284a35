"""Every transcript is held again, word for word."""

from pathlib import Path

import pytest

from tests.conversations.transcript import held

TRANSCRIPTS = Path(__file__).parent / "transcripts"


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*/*.md")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_transcript_is_held_as_written(path: Path, pytestconfig: pytest.Config) -> None:
    now = held(path)

    if pytestconfig.getoption("update"):
        path.write_text(now)
    assert now == path.read_text()
