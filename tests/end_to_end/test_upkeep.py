"""Backup, restore, resume and the audit log, as a person runs them."""

import json
from pathlib import Path

import pytest

from tests.end_to_end import served

KEY = {"ARIGATO_AUDIT_KEY": "0123456789abcdef0123456789abcdef"}


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    return {"ARIGATO_DATABASE_URL": f"sqlite:///{tmp_path / 'arigato.db'}", "COLUMNS": "200", **KEY}


def test_backup_comes_back_and_is_resumed(tmp_path: Path, settings: dict[str, str]) -> None:
    served.command(tmp_path, settings, "seed", "--people", "4")

    backup = served.command(tmp_path, settings, "backup", "monday")
    again = served.command(tmp_path, settings, "restore", "monday")
    restored = served.command(tmp_path, settings, "restore", "monday", "--force")
    doctor = served.command(tmp_path, {**settings, "ARIGATO_JSON": "1"}, "doctor", "--offline")
    resumed = served.command(tmp_path, settings, "resume", "--yes")
    twice = served.command(tmp_path, settings, "resume", "--yes")
    checked = served.command(tmp_path, settings, "check")

    assert (backup.returncode, restored.returncode, resumed.returncode) == (0, 0, 0), backup.stderr + restored.stderr
    assert (again.returncode, "--force" in again.stderr) == (1, True)
    found = {finding["what"]: finding for finding in json.loads(doctor.stdout.splitlines()[-1])}
    assert found["recovery mode"]["level"] == "bad"
    assert "messages of the backup will not be sent" in resumed.stdout
    assert "not in recovery mode" in twice.stdout
    assert "no violation" in checked.stdout


def test_resuming_asks_first(tmp_path: Path, settings: dict[str, str]) -> None:
    served.command(tmp_path, settings, "migrate")
    served.command(tmp_path, settings, "backup", "monday")
    served.command(tmp_path, settings, "restore", "monday", "--force")

    unanswered = served.command(tmp_path, settings, "resume")
    wrong = served.command(tmp_path, settings, "resume", "--yes", "--paid", "everybody")

    assert (unanswered.returncode, wrong.returncode) == (1, 1)
    assert "U-…:yen" in wrong.stderr
    assert "recovery mode" in served.command(tmp_path, settings, "doctor", "--offline").stdout


def test_books_that_cannot_be_read_are_not_said_to_agree(tmp_path: Path, settings: dict[str, str]) -> None:
    stripe = {
        "ARIGATO_PAYMENTS": "stripe",
        "ARIGATO_STRIPE_SECRET_KEY": "sk_test_1",
        "ARIGATO_STRIPE_WEBHOOK_SECRET": "whsec_1",
        "ARIGATO_STRIPE_API_BASE": "http://127.0.0.1:9",
    }
    served.command(tmp_path, settings, "migrate")
    served.command(tmp_path, settings, "backup", "monday")
    served.command(tmp_path, settings, "restore", "monday", "--force")

    reconciled = served.command(tmp_path, {**settings, **stripe}, "reconcile")
    resumed = served.command(tmp_path, {**settings, **stripe}, "resume", "--yes")
    looked = served.command(tmp_path, {**settings, **stripe}, "resume", "--yes", "--none-of-ours")

    assert (reconciled.returncode, reconciled.stdout, resumed.returncode, looked.returncode) == (1, "", 1, 0)
    why = "The books of stripe could not be read (stripe._error.APIConnectionError)"
    assert (why in reconciled.stderr, why in " ".join(resumed.stderr.split())) == (True, True)
    assert "--none-of-ours" in resumed.stderr


def test_audit_log_is_verified_against_an_anchor(tmp_path: Path, settings: dict[str, str]) -> None:
    served.command(tmp_path, settings, "migrate")
    served.command(tmp_path, settings, "backup", "monday")
    served.command(tmp_path, settings, "restore", "monday", "--force")
    served.command(tmp_path, settings, "resume", "--yes")

    verified = served.command(tmp_path, settings, "audit", "verify")
    anchor = verified.stdout.split()[-1]
    same = served.command(tmp_path, settings, "audit", "verify", "--anchor", anchor)
    later = served.command(tmp_path, settings, "audit", "verify", "--anchor", f"2:{anchor[2:]}")
    other_key = served.command(tmp_path, {**settings, "ARIGATO_AUDIT_KEY": "another"}, "audit", "verify")
    no_anchor = served.command(tmp_path, settings, "audit", "verify", "--anchor", "1:2")

    assert (verified.returncode, same.returncode, anchor[:2]) == (0, 0, "1:")
    assert (later.returncode, other_key.returncode, no_anchor.returncode) == (1, 1, 1)
    assert "row 2 is missing" in later.stderr
    assert "row 1 is not what was written" in other_key.stderr
    assert "SEQ:HASH" in no_anchor.stderr


def test_real_messengers_want_a_key_of_their_own(tmp_path: Path, settings: dict[str, str]) -> None:
    real = {**settings, **served.SECRETS, "ARIGATO_ALLOW_PRETEND_MONEY": "true"}

    refused = served.command(tmp_path, {**real, "ARIGATO_AUDIT_KEY": "short"}, "check")

    assert refused.returncode == 1
    assert "ARIGATO_AUDIT_KEY is missing or short" in refused.stderr
