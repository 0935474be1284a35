"""`make seeded-bugs`: puts each bug back in a copy of the tree and sees that it is seen."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.seeded_bugs.bugs import ROOT, Bug, bugs, git
from tests.seeded_bugs.hunt import OPERATIONS_MAX

SIMULATOR = ("-m", "tests.seeded_bugs.hunt")
WITHIN_SECONDS = 900
AT_ONCE = 2
# pytest: all that ran passed; tests ran and some failed. Anything else is no answer.
PASSED, FAILED = 0, 1
# A test that failed, or that the checks before and behind it failed: never a file that could not be read.
NAMED = r"^(?:FAILED|ERROR) (\S+::.+?)(?: - .*)?$"

FOUND, NOTHING, BROKE_OFF = "found", "nothing", "broke off"
UNBROKEN = Bug(Path("none.patch"), "The tree as it stands: the same tests and operations find nothing", "", "", "")


@dataclass(frozen=True)
class Answer:
    """What a search came to: `test` is the one that failed, `operations` how many the simulator played."""

    verdict: str
    how: str
    test: str = ""
    operations: int = 0


@dataclass(frozen=True)
class Outcome:
    bug: Bug
    answer: Answer
    seconds: float

    @property
    def right(self) -> bool:
        return self.answer.verdict == (NOTHING if self.bug is UNBROKEN else FOUND)


def main(names: list[str]) -> int:
    wanted = [bug for bug in bugs() if not names or any(bug.name.startswith(name) for name in names)]
    console = Console()
    with Progress(console=Console(stderr=True)) as progress, ThreadPoolExecutor(AT_ONCE) as pool:
        task = progress.add_task("seeded bugs", total=len(wanted) + 1)
        outcomes = []
        for outcome in pool.map(lambda bug: timed(bug, partial(put_back, bug)), wanted):
            outcomes.append(outcome)
            progress.advance(task)
        control = timed(UNBROKEN, partial(left_alone, [outcome.answer for outcome in outcomes]))
        progress.advance(task)
    console.print(table([control, *outcomes]))
    seen = sum(outcome.right for outcome in outcomes)
    whole = control.right and seen == len(outcomes)
    console.print(f"{seen} of {len(outcomes)} seen", style="green" if whole else "red")
    return 0 if whole else 1


def timed(bug: Bug, search: Callable[[Path], Answer]) -> Outcome:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="arigato-bug-") as folder:
        answer = search(copied(Path(folder)))
    return Outcome(bug, answer, time.monotonic() - began)


def put_back(bug: Bug, tree: Path) -> Answer:
    applied = git("apply", str(bug.patch), at=tree)
    if applied.returncode:
        return Answer(BROKE_OFF, f"cannot be put back: {applied.stderr}")
    return searched(tree, bug.found_by)


def left_alone(answers: Sequence[Answer], tree: Path) -> Answer:
    """What has found the bugs, where there are none: what fails here, too, has found nothing."""
    tests = [answer.test for answer in answers if answer.test]
    operations = max((answer.operations for answer in answers), default=0)
    found = by_tests(tree, tests) if tests else Answer(NOTHING, "")
    return found if found.verdict != NOTHING or not operations else by_simulator(tree, operations)


def copied(tree: Path) -> Path:
    """The files that are kept in the repository, as they stand now."""
    listed = git("ls-files", "-z")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    return tree


def searched(tree: Path, found_by: str) -> Answer:
    """Only a rule or a test with a name has found anything: a tree that cannot be imported breaks the search off."""
    return by_simulator(tree, OPERATIONS_MAX) if found_by == "simulator" else by_tests(tree, found_by.split())


def by_simulator(tree: Path, operations: int) -> Answer:
    answer = run(tree, *SIMULATOR, str(operations))
    if not answer.stdout.strip():
        return Answer(BROKE_OFF, f"simulator {BROKE_OFF}: {answer.stderr[-300:]}")
    said = json.loads(answer.stdout.splitlines()[-1])
    verdict = FOUND if said["rule"] else NOTHING
    how = f"simulator: {said['rule'] or NOTHING} after {said['operations']:,} operations"
    return Answer(verdict, how, operations=said["operations"])


def by_tests(tree: Path, arguments: Sequence[str]) -> Answer:
    answer = run(tree, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *arguments)
    failed = re.search(NAMED, answer.stdout, re.MULTILINE)
    if answer.returncode == FAILED and failed:
        return Answer(FOUND, failed[1], test=failed[1])
    if answer.returncode == PASSED:
        return Answer(NOTHING, f"tests: {NOTHING}")
    return Answer(BROKE_OFF, f"tests {BROKE_OFF}: {answer.stdout[-300:]}")


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree, env=environment, capture_output=True, text=True, timeout=WITHIN_SECONDS, check=False,
    )  # fmt: skip


def table(outcomes: list[Outcome]) -> Table:
    made = Table("bug", "what", "seen by", "s")
    for outcome in outcomes:
        mark = "[green]✓[/]" if outcome.right else "[red]✗[/]"
        made.add_row(f"{mark} {outcome.bug.name}", outcome.bug.title, outcome.answer.how, f"{outcome.seconds:.0f}")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
