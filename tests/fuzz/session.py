"""A run of targets: their seeds laid out for libFuzzer, their processes started, their last words read."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import CORPUS, Target, inputs

# One run that takes longer is a bug: a grammar that backtracks, a loop that does not move on.
ONE_RUN_SECONDS = 5
LENGTH_MAX_BYTES = 4_096
EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
COVERED = re.compile(r"cov: (\d+)")
FOUND = re.compile(r"Test unit written to (\S+)")


@dataclass(frozen=True)
class Ran:
    target: Target
    runs: int
    covered: int
    found: str  # the file with the input that broke the promise, "" for none
    said: str


def fuzz(targets: Iterable[Target], flag: Callable[[Target], str]) -> Iterator[Ran]:
    """What breaks a promise is kept beside the targets, so that it is tried again for good."""
    command = [sys.executable, "-m", "tests.fuzz.run"]
    with (
        tempfile.TemporaryDirectory() as folder,
        (Path(folder) / "said.txt").open("w+") as aside,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=aside, text=True) as process,
    ):
        assert process.stdin
        assert process.stdout
        for target in targets:
            said = Path(folder) / f"{target.name}.txt"
            process.stdin.write(json.dumps([target.name, str(said), flags(target, Path(folder), flag(target))]) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline().split()
            if not answer:
                raise RuntimeError(f"{target.name} did not run:\n{Path(aside.name).read_text()[-2_000:]}")
            yield ran(target, int(answer[1]), said.read_text(errors="replace"))


def flags(target: Target, folder: Path, length: str) -> list[str]:
    seeds = folder / target.name
    seeds.mkdir()
    for number, each in enumerate(inputs(target)):
        (seeds / f"{number:04}").write_bytes(each)
    kept = CORPUS / target.name
    kept.mkdir(parents=True, exist_ok=True)
    limits = (f"-timeout={ONE_RUN_SECONDS}", f"-max_len={LENGTH_MAX_BYTES}", f"-artifact_prefix={kept}/")
    return [length, *limits, "-print_final_stats=1", "-seed=1", str(seeds)]


def ran(target: Target, exit_code: int, said: str) -> Ran:
    kept = CORPUS / target.name
    if not any(kept.iterdir()):
        kept.rmdir()
    covered = [int(each) for each in COVERED.findall(said)]
    if exit_code and not covered:
        raise RuntimeError(f"{target.name} did not run:\n{said[-2_000:]}")
    executed, kept_as = EXECUTED.search(said), FOUND.search(said)
    found = kept_as[1] if kept_as else "an input that was not kept" if exit_code else ""
    return Ran(target, int(executed[1]) if executed else 0, max(covered, default=0), found, said)
