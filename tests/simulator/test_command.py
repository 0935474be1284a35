"""The simulator's command line: what cannot be played is refused in a sentence, and the figures are those asked for."""

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli import app
from simulator.command import say
from simulator.report import Report, points

A_SERVER_OR_MEMORY = "--database is sqlite://, in memory, or postgresql://user:password@host/name, to make one on."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--database", "mysql://user:secret@host/name"], A_SERVER_OR_MEMORY),
        (["--database", "sqlite:///market.db"], A_SERVER_OR_MEMORY),
        (["--database", "market"], A_SERVER_OR_MEMORY),
        (["--database", "postgresql://127.0.0.1:1/arigato"], "No database can be made on that server: "),
        (["--database", "postgresql://127.0.0.1:1/arigato", "--jobs", "2"], "No database can be made on that server: "),
        (["--database", "mysql://host/name", "--seed", "1", "--only", "3"], A_SERVER_OR_MEMORY),
        (["--seed", "1", "--only", "a,b"], "--only a,b: it is numbers of steps, comma separated: 3,17,90."),
        (["--only", "3"], "--only leaves out steps of one history: name its --seed, too."),
    ],
)
def test_what_cannot_be_played_is_refused_in_a_sentence(words: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["simulate", "--seeds", "1", "--operations", "1", *words], env={"COLUMNS": "200"})

    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert said in " ".join(done.stderr.split())
    assert len(done.stderr) < 500
    assert "secret" not in done.stderr


def test_only_points_that_must_be_met_are_counted() -> None:
    report, out = Report(seeds=1), Console(record=True, width=200)
    report.sometimes.update([*points()[1:], "met, and not asked for"])

    say(report, out)

    assert f"{len(points()) - 1} of {len(points())} points were met" in out.export_text()
