"""The installed program's other commands, each as a person runs it."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from playground.story import ACTS
from tests.end_to_end import served

SDKS = ("aiogram", "linebot", "slack_bolt", "slack_sdk", "sqlalchemy", "uvicorn")


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    return {"ARIGATO_DATABASE_URL": f"sqlite:///{tmp_path / 'arigato.db'}"}


def test_help_needs_no_sdk(tmp_path: Path) -> None:
    program = (
        "import sys, cli\n"
        "sys.argv = ['arigato', '--help']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        f"print(sorted(set(sys.modules) & set({SDKS})))\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )

    assert "marketplace" in ended.stdout
    assert ended.stdout.splitlines()[-1] == "[]"


def test_serve_with_nothing_set_says_what_to_set(tmp_path: Path, settings: dict[str, str]) -> None:
    ended = served.command(tmp_path, settings, "serve")

    assert ended.returncode == 1
    assert "ARIGATO_LINE_CHANNEL_SECRET" in ended.stderr
    assert "ARIGATO_LINE_CHANNEL_TOKEN" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_serve_half_set_names_what_is_missing(tmp_path: Path, settings: dict[str, str]) -> None:
    ended = served.command(tmp_path, {**settings, "ARIGATO_LINE_CHANNEL_SECRET": "secret"}, "serve")

    assert ended.returncode == 1
    assert "ARIGATO_LINE_CHANNEL_TOKEN is missing" in ended.stderr


def test_migrate_brings_a_new_database_up_and_may_be_repeated(tmp_path: Path, settings: dict[str, str]) -> None:
    first = served.command(tmp_path, settings, "migrate")
    second = served.command(tmp_path, settings, "migrate")

    assert (first.returncode, second.returncode) == (0, 0)
    assert "the database is current" in second.stdout


def test_check_finds_nothing_in_what_seed_planted(tmp_path: Path, settings: dict[str, str]) -> None:
    planted = served.command(tmp_path, settings, "seed", "--people", "8")

    checked = served.command(tmp_path, settings, "check")

    assert (planted.returncode, checked.returncode) == (0, 0), planted.stderr + checked.stdout
    assert "8 people" in planted.stderr
    assert "no violation" in checked.stdout
    with closing(sqlite3.connect(tmp_path / "arigato.db")) as connection:
        assert connection.execute("SELECT DISTINCT state FROM operations").fetchall() == [("done",)]


def test_check_names_each_violation_on_a_line(tmp_path: Path, settings: dict[str, str]) -> None:
    served.command(tmp_path, settings, "seed", "--people", "4")
    with sqlite3.connect(tmp_path / "arigato.db") as connection:
        connection.execute("UPDATE contracts SET stage = 'in_progress'")
    connection.close()

    checked = served.command(tmp_path, settings, "check")

    assert checked.returncode == 1
    assert checked.stdout.count("\n") >= 2
    assert all(": " in line for line in checked.stdout.splitlines())


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "arigato migrate"),
        ({"ARIGATO_OPERATORS": "somebody"}, "ARIGATO_OPERATORS"),
        ({"ARIGATO_OPERATORS": "slack:U0123ABCD"}, "ARIGATO_SLACK_TEAM"),
        ({"ARIGATO_DATABASE_URL": "mysql://localhost/arigato"}, "ARIGATO_DATABASE_URL"),
        ({"ARIGATO_DATABASE_URL": "postgresql://127.0.0.1:1/arigato"}, "ARIGATO_DATABASE_URL"),
    ],
)
def test_check_says_in_plain_words_what_hinders_it(
    tmp_path: Path, settings: dict[str, str], variables: dict[str, str], said: str
) -> None:
    ended = served.command(tmp_path, settings | variables, "check")

    assert ended.returncode == 1
    assert said in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr


def test_doctor_tells_what_is_wrong_and_how_to_mend_it(tmp_path: Path, settings: dict[str, str]) -> None:
    ended = served.command(tmp_path, {**settings, "ARIGATO_JSON": "1"}, "doctor", "--offline")
    findings = {finding["what"]: finding for finding in json.loads(ended.stdout.splitlines()[-1])}

    assert ended.returncode == 1
    assert findings["platforms"]["level"] == "bad"
    assert findings["database"]["level"] == "bad"
    assert "arigato migrate" in findings["database"]["mend"]


def test_doctor_is_content_with_a_whole_set_up(tmp_path: Path, settings: dict[str, str]) -> None:
    whole = {
        **settings,
        **served.SECRETS,
        "ARIGATO_ALLOW_PRETEND_MONEY": "true",
        "ARIGATO_PUBLIC_URL": "https://arigato.example",
        "ARIGATO_OPERATORS": "telegram:4242",
    }
    served.command(tmp_path, whole, "migrate")

    ended = served.command(tmp_path, whole, "doctor", "--offline")

    assert ended.returncode == 0, ended.stdout
    assert "https://arigato.example/webhooks/telegram" in ended.stdout


def test_story_ends_with_one_line_of_json(tmp_path: Path) -> None:
    ended = served.command(tmp_path, {"ARIGATO_JSON": "1"}, "story", "--client", "telegram", "--worker", "line")
    told = json.loads(ended.stdout.splitlines()[-1])

    assert ended.returncode == 0, ended.stderr
    assert told["scenes"] == [name for name, *_ in ACTS]
    assert (told["stages"][0], told["stages"][-1]) == ("agreeing", "paid_out")
    assert told["violations"] == []
    assert {"platform", "person", "from", "text"} == set(told["messages"][0])
    assert [line["reason"] for line in told["ledger"]] == ["fund", "release", "fee", "fee_tax", "pay_out", "tip"]
