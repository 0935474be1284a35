"""Chaos runs on what it has made itself, on loopback, and nowhere else."""

import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos import cluster, plan, safeguards
from cli import SafeguardChoice, app

ANOTHER = "postgresql://somebody@db.example.com/arigato"


def drawn(tmp_path: Path) -> plan.Plan:
    return plan.drawn_up(1, 1, 1, 1, tmp_path, "")


def test_chaos_refuses_a_database_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARIGATO_DATABASE_URL", ANOTHER)

    done = CliRunner().invoke(app, ["chaos", "--seconds", "1"])

    assert done.exit_code == 1
    assert "ARIGATO_DATABASE_URL names a database, and chaos kills the one it runs on" in " ".join(done.output.split())


def test_chaos_refuses_a_safeguard_there_is_not_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "mkdtemp", None)

    done = CliRunner().invoke(app, ["chaos", "--seconds", "1", "--without", "nothing"])

    assert done.exit_code == 2
    assert [name for name in safeguards.SAFEGUARDS if name and f"'{name}'" not in done.output] == []


def test_each_safeguard_can_be_chosen() -> None:
    assert {"", *SafeguardChoice} == set(safeguards.SAFEGUARDS)


def test_chaos_without_server_programs_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(cluster, "PLACES", ())

    done = CliRunner().invoke(app, ["chaos", "--seconds", "1"])

    assert done.exit_code == 1
    assert "PostgreSQL's server programs (initdb, postgres) are missing" in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("database_url", ANOTHER),
        ("line_api_base", "https://api.line.me"),
        ("slack_api_base", "https://slack.com/api/"),
        ("telegram_api_base", "https://api.telegram.org"),
        ("public_url", "https://arigato.example.com"),
        ("payments", "stripe"),
    ],
)
def test_chaos_refuses_whatever_is_not_its_own(tmp_path: Path, setting: str, value: str) -> None:
    own = plan.settings_of(drawn(tmp_path), "postgresql://chaos@127.0.0.1:1/arigato")

    with pytest.raises(plan.Refused, match="loopback"):
        plan.only_loopback(own.model_copy(update={setting: value}))


def test_the_settings_of_a_run_name_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ARIGATO_LINE_CHANNEL_TOKEN", "ARIGATO_SLACK_BOT_TOKEN", "ARIGATO_STRIPE_SECRET_KEY"):
        monkeypatch.setenv(name, "sk_live_real")

    own = plan.settings_of(drawn(tmp_path), "postgresql://chaos@127.0.0.1:1/arigato")

    assert (own.real_platforms, own.payments) == ((), "pretend")
    assert "sk_live_real" not in (own.line_channel_token, own.slack_bot_token)
