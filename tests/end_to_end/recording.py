"""The strict recorder of ../shared/tools/conformance and its replay, beside the product as processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo import free_port
from tests.bots import recorder

PLATFORMS = ("line", "slack", "telegram")
SECRETS = {"line": "line-secret", "slack": "slack-secret", "telegram": "telegram-secret"}
REPLAY_SECONDS = 170
Recorders = dict[str, recorder.Recorder]


@dataclass(frozen=True)
class Replayed:
    """How a replay ended, and what it said."""

    status: int
    said: str


def wanted() -> None:
    if recorder.CONFORMANCE.is_dir():
        return
    reason = f"no conformance tools at {recorder.CONFORMANCE}: set ARIGATO_SHARED"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def recording(folder: Path) -> Iterator[Recorders]:
    """One for each platform: a replay clears its recorder's faults, and must not clear another's."""
    wanted()
    started: Recorders = {}
    try:
        for platform in PLATFORMS:
            own = folder / platform
            own.mkdir()
            started[platform] = recorder.start(own, free_port())
        yield started
    finally:
        for made in started.values():
            made.process.terminate()
            made.process.wait(10)


def bases(recorders: Recorders) -> dict[str, str]:
    """The product's settings that point it at the recorders."""
    return {
        "ARIGATO_LINE_API_BASE": f"{recorders['line'].address}/line",
        "ARIGATO_SLACK_API_BASE": f"{recorders['slack'].address}/slack/api/",
        "ARIGATO_TELEGRAM_API_BASE": f"{recorders['telegram'].address}/telegram",
    }


def run(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=recorder.CONFORMANCE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(pythonpath()), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def pythonpath() -> list[str]:
    return [str(recorder.CONFORMANCE), str(Path(__file__).parents[2])]


def replay(recorders: Recorders, url: str, options: Sequence[str]) -> dict[str, Replayed]:
    """All three platforms side by side."""
    running = {
        platform: run(
            "conf.replay",
            platform,
            "--url",
            f"{url}/webhooks/{platform}",
            "--secret",
            SECRETS[platform],
            "--recorder",
            recorders[platform].address,
            *options,
        )
        for platform in PLATFORMS
    }
    ended = {platform: process.communicate(timeout=REPLAY_SECONDS)[0] for platform, process in running.items()}
    return {platform: Replayed(running[platform].returncode, said) for platform, said in ended.items()}


def written_errors(folder: Path) -> list[dict[str, Any]]:
    """The lines of the violations files that fail a run."""
    lines = [line for path in folder.glob("*/violations.jsonl") for line in path.read_text().splitlines()]
    return [violation for violation in map(json.loads, lines) if violation["level"] == "error"]
