"""The whole story, over real HTTP and the real SDKs, for every client's and every worker's messenger."""

from pathlib import Path

import pytest

import headless
from playground.story import ACTS

PLATFORMS = ("line", "slack", "telegram")
LANGUAGES = ("ja", "en")
SCENES = [name for name, *_ in ACTS]
STAGES = [
    "agreeing", "half_agreed", "awaiting_escrow", "in_progress", "delivered", "changes_requested", "delivered",
    "accepted", "paid_out",
]  # fmt: skip
# Nine pairs; the operators' messenger goes round with them, and the language changes with each.
PAIRS = [
    (client, worker, PLATFORMS[(row + column) % 3], LANGUAGES[(row * 3 + column) % 2])
    for row, client in enumerate(PLATFORMS)
    for column, worker in enumerate(PLATFORMS)
]
# 28,000 yen: what the worker asked for. The fee is a fifth of it, and a tenth of that is tax.
MOVED = [
    ("fund", "outside:pretend", "escrow", 28_000),
    ("release", "escrow", "earnings", 21_840),
    ("fee", "escrow", "platform:fees", 5_600),
    ("fee_tax", "escrow", "platform:tax", 560),
    ("pay_out", "earnings", "outside:pretend", 21_840),
    ("tip", "outside:pretend", "earnings", 300),
]


def play(database_url: str, client: str, worker: str, operator: str, language: str) -> headless.Told:
    people = headless.people_for(client, worker, operator, language)
    return headless.play_on(database_url, people, language, lambda _: None)


def noun(account: str) -> str:
    """escrow:12 is an escrow, whichever; platform:fees is an account by itself."""
    kind, _, rest = account.partition(":")
    return kind if rest.isdigit() else account


def moved(told: headless.Told) -> list[tuple[str, str, str, int]]:
    return [(t["reason"], noun(t["source"]), noun(t["target"]), t["amount"]) for t in told.ledger]


@pytest.mark.parametrize(("client", "worker", "operator", "language"), PAIRS)
def test_story_is_played_on_every_pair_of_messengers(
    tmp_path: Path, client: str, worker: str, operator: str, language: str
) -> None:
    told = play(f"sqlite:///{tmp_path / 'arigato.db'}", client, worker, operator, language)

    assert told.trouble == ""
    assert told.scenes == SCENES
    assert told.stages == STAGES
    assert told.violations == []
    assert moved(told) == MOVED


@pytest.mark.postgres
def test_story_is_played_on_postgres(postgres_url: str) -> None:
    told = play(postgres_url, "line", "slack", "telegram", "ja")

    assert told.trouble == ""
    assert told.scenes == SCENES
    assert told.stages == STAGES
    assert told.violations == []
    assert moved(told) == MOVED
