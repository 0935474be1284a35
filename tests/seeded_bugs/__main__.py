"""`make seeded-bugs`: puts each bug back in a copy of the tree and sees that it is seen."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.seeded_bugs.bugs import ROOT, Bug, bugs, git

SIMULATOR = ("-m", "tests.seeded_bugs.hunt")
WITHIN_SECONDS = 900
AT_ONCE = 2
FAILED = 1  # pytest: tests ran and some failed; anything else is no answer


@dataclass(frozen=True)
class Outcome:
    """`seen`: whether it was found. `how`: after how many operations, or by which test."""

    bug: Bug
    seen: bool
    how: str
    seconds: float


def main(names: list[str]) -> int:
    wanted = [bug for bug in bugs() if not names or any(bug.name.startswith(name) for name in names)]
    console = Console()
    with Progress(console=Console(stderr=True)) as progress, ThreadPoolExecutor(AT_ONCE) as pool:
        task = progress.add_task("seeded bugs", total=len(wanted))
        outcomes = []
        for outcome in pool.map(tried, wanted):
            outcomes.append(outcome)
            progress.advance(task)
    console.print(table(outcomes))
    missed = [outcome.bug.name for outcome in outcomes if not outcome.seen]
    console.print(f"{len(outcomes) - len(missed)} of {len(outcomes)} seen", style="red" if missed else "green")
    return 1 if missed else 0


def tried(bug: Bug) -> Outcome:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="arigato-bug-") as folder:
        tree = copied(Path(folder))
        applied = git("apply", str(bug.patch), at=tree)
        if applied.returncode:
            seen, how = False, f"cannot be put back: {applied.stderr}"
        elif bug.found_by == "simulator":
            seen, how = by_simulator(tree)
        else:
            seen, how = by_tests(tree, bug.found_by)
    return Outcome(bug, seen, how, time.monotonic() - began)


def copied(tree: Path) -> Path:
    """The files that are kept in the repository, as they stand now."""
    listed = git("ls-files", "-z")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    return tree


def by_simulator(tree: Path) -> tuple[bool, str]:
    answer = run(tree, *SIMULATOR)
    if not answer.stdout.strip():
        # The history broke off with an error of the product's own.
        return answer.returncode != 0, "simulator: it broke off"
    said = json.loads(answer.stdout.splitlines()[-1])
    return bool(said["rule"]), f"simulator: {said['rule']} after {said['operations']:,} operations"


def by_tests(tree: Path, arguments: str) -> tuple[bool, str]:
    answer = run(tree, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *arguments.split())
    failed = [line.split(" - ")[0] for line in answer.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return answer.returncode == FAILED and bool(failed), failed[0] if failed else answer.stdout[-300:]


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree, env=environment, capture_output=True, text=True, timeout=WITHIN_SECONDS, check=False,
    )  # fmt: skip


def table(outcomes: list[Outcome]) -> Table:
    made = Table("bug", "what", "seen by", "s")
    for outcome in outcomes:
        mark = "[green]✓[/]" if outcome.seen else "[red]✗[/]"
        made.add_row(f"{mark} {outcome.bug.name}", outcome.bug.title, outcome.how, f"{outcome.seconds:.0f}")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
