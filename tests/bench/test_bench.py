"""Each benchmark runs, in a size that says nothing about speed, and prints the one line it promises."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import NAMES, parser

# Whole processes one after the other, some with the SDKs: minutes, however small the size.
pytestmark = pytest.mark.alone
ROOT = Path(__file__).parent.parent.parent
DATABASES = {"sqlite", "postgresql"}
PLATFORMS = {"line", "slack", "telegram"}
# What one of a benchmark's innermost measurements holds.
PROMISED = {
    "story": {"stories_per_second", "events_per_second", "events_per_story", "statements_per_event"},
    "events": {"events_per_second", "bare_events_per_second", "ratio"},
    "timers": {"10", "100", "look_ratio", "tick_ratio", "fired_ratio"},
    "outbox": PLATFORMS,
}


def run(name: str) -> dict[str, Any]:
    environment = {key: value for key, value in os.environ.items() if key != "ARIGATO_DATABASE_URL"}
    command = [sys.executable, "-m", "bench", name, "--tiny"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    lines = ended.stdout.decode().splitlines()
    assert len(lines) == 1
    found: dict[str, Any] = json.loads(lines[0])
    assert found["benchmark"] == name
    assert found["machine"].keys() == {"python", "cores"}
    return found


@pytest.mark.parametrize("name", PROMISED)
def test_bench_measures_each_database(name: str) -> None:
    found = run(name)

    databases = found["databases"]
    assert "sqlite" in databases
    assert databases.keys() <= DATABASES
    assert {kind: each.keys() for kind, each in databases.items()} == dict.fromkeys(databases, PROMISED[name])
    if name == "story":
        assert found["http"].keys() == {"seconds", "scenes", "trouble"}
        assert found["http"]["trouble"] == ""


def test_bench_webhook_sets_every_platform_beside_its_echo_bot() -> None:
    found = run("webhook")

    assert found["platforms"].keys() == PLATFORMS
    for platform in found["platforms"].values():
        ours = platform.keys() - {"echo"}
        assert "sqlite" in ours
        assert all(platform[kind].keys() >= {"requests_per_second", "p99_ms", "ratio"} for kind in ours)
        assert {each["failed"] for each in platform.values()} == {0}


def test_bench_startup_times_what_people_wait_for() -> None:
    found = run("startup")

    assert found["seconds"].keys() == {
        "bare_python",
        "help",
        "doctor_offline",
        "sdk_imports",
        "serve_ready_after_imports",
    }


def test_bench_takes_all_if_none_is_named() -> None:
    assert parser().parse_args([]).names == []
    assert NAMES.keys() == {"webhook", "startup", *PROMISED}


def test_bench_refuses_a_name_it_does_not_know() -> None:
    command = [sys.executable, "-m", "bench", "weather"]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)

    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"there is no benchmark weather" in ended.stderr
