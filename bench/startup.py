"""P7: how long one waits for --help, for doctor, and, after the SDKs are imported, for a server that is ready."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.measure import Say, Size, fresh, median, seconds_of

GOALS = {"command_seconds": 0.4, "ready_seconds": 1}
ROOT = Path(__file__).parent.parent
CLI = "from cli import main; main()"
COMMANDS = {
    "bare_python": [sys.executable, "-c", "pass"],
    "help": [sys.executable, "-c", CLI, "--help"],
    "doctor_offline": [sys.executable, "-c", CLI, "doctor", "--offline"],
}
FAILED = 2  # doctor ends with 1 where it found something, and here it does


def run(size: Size, say: Say) -> dict[str, Any]:
    found: dict[str, Any] = {"goal": GOALS, "seconds": {}}
    with tempfile.TemporaryDirectory(prefix="arigato-bench-") as folder:
        for name, command in COMMANDS.items():
            say(name)
            took = [seconds_of(lambda command=command: once(command, folder)) for _ in range(size.starts)]  # type: ignore[misc]
            found["seconds"][name] = median(took, 2)
    say("serve")
    readied = [ready() for _ in range(size.starts)]
    for name in readied[0]:
        found["seconds"][name] = median([each[name] for each in readied], 2)
    return found


def once(command: list[str], folder: str) -> None:
    # In a folder of its own: neither a .env nor a database of ours is read or made.
    ended = subprocess.run(command, env=environment(), cwd=folder, capture_output=True, timeout=60, check=False)
    assert ended.returncode < FAILED, ended.stderr.decode()


def ready() -> dict[str, float]:
    with fresh("sqlite") as url:
        command = [sys.executable, "-m", "bench.ready", url]
        found = subprocess.run(command, env=environment(), cwd=ROOT, stdout=subprocess.PIPE, timeout=120, check=True)
    made: dict[str, float] = json.loads(found.stdout)
    return made


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ARIGATO_")}
    return kept | {"PYTHONPATH": str(ROOT)}
