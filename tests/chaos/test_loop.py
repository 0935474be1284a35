"""The crash loop, with real processes: what is broken on purpose is seen, and nothing stays behind. That nothing is
lost is shown by the loop itself: `make chaos`."""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaos.cluster import NoCluster, programs
from tests.end_to_end.served import PROGRAM, environment

# On a busy machine there is too little time to kill anybody.
pytestmark = [pytest.mark.alone, pytest.mark.postgres]
RUN_SECONDS_MAX = 600
START_SECONDS_MAX = 120
UNDER_WAY_SECONDS = 2


@pytest.fixture(autouse=True)
def server_programs() -> None:
    try:
        programs()
    except NoCluster as missing:
        if os.environ.get("ARIGATO_REQUIRE_POSTGRES") == "1":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the run makes its own folder. Not pytest's: PostgreSQL, which is another user, has to pass through."""
    with tempfile.TemporaryDirectory(prefix="chaos-test-") as made:
        place = Path(made)
        place.chmod(0o711)
        yield place
        assert list(place.iterdir()) == []
        assert processes_of(place) == []


def processes_of(folder: Path) -> list[str]:
    """Those that write there, or were told of it."""
    return [path.name for path in Path("/proc").iterdir() if path.name.isdigit() and str(folder) in traces(path)]


def traces(process: Path) -> str:
    try:
        told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except OSError:
        return ""
    return told.decode(errors="replace") if str(os.getpid()) != process.name else ""


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    settings = environment({"ARIGATO_JSON": "1", "TMPDIR": str(folder)})
    return subprocess.Popen(
        [str(PROGRAM), "chaos", *words], env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def told(folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    with started(folder, *words) as running:
        said, trouble = running.communicate(timeout=RUN_SECONDS_MAX)
    assert said, trouble
    figures: dict[str, Any] = json.loads(said.splitlines()[-1])
    return running.returncode, figures


@pytest.mark.parametrize(("safeguard", "rule"), [("key", "M13"), ("fence", "D3")])
def test_a_safeguard_taken_out_is_missed(folder: Path, safeguard: str, rule: str) -> None:
    status, figures = told(folder, "--seconds", "20", "--without", safeguard)

    assert rule in {violation.partition(":")[0] for violation in figures["first_violations"]}
    assert status == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_nothing_behind(folder: Path, how: signal.Signals) -> None:
    with started(folder, "--seconds", "60") as running:
        give_up_at = time.monotonic() + START_SECONDS_MAX
        while not list(folder.glob("*/faults.jsonl")):
            assert time.monotonic() < give_up_at
            assert running.poll() is None, running.communicate()
            time.sleep(0.1)
        time.sleep(UNDER_WAY_SECONDS)
        running.send_signal(how)
        running.communicate(timeout=60)

    assert running.returncode != 0
