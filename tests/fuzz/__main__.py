"""The long form: python -m tests.fuzz [--seconds 60] [NAME ...]; `make fuzz` runs it."""

import argparse
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.fuzz.session import Ran, fuzz
from tests.fuzz.targets import BY_NAME, TARGETS, Target


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz each target for so many seconds.")
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(BY_NAME)}")
    asked.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    wanted = asked.parse_args()
    unknown = sorted(set(wanted.names) - set(BY_NAME))
    if unknown:
        asked.error(f"no such target: {', '.join(unknown)}")
    ran = run_all([BY_NAME[name] for name in wanted.names] or list(TARGETS), wanted.seconds)
    Console().print(shown(ran, wanted.seconds))
    broken = [each for each in ran if each.found]
    for each in broken:
        sys.stdout.write(f"\n{each.target.name}: {each.found}\n{each.said[-3_000:]}\n")
    return 1 if broken else 0


def run_all(chosen: list[Target], seconds: int) -> list[Ran]:
    columns = (TextColumn("{task.description:16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    ran = []
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(chosen[0].name, total=len(chosen))
        for number, each in enumerate(fuzz(chosen, lambda _: f"-max_total_time={seconds}"), start=1):
            ran.append(each)
            following = chosen[number].name if number < len(chosen) else ""
            progress.update(task, advance=1, description=following)
    return ran


def shown(ran: list[Ran], seconds: int) -> Table:
    table = Table("target", "runs", "runs/s", "covered", "result", box=None)
    for each in ran:
        result = f"BROKEN: {each.target.promise}" if each.found else "kept"
        table.add_row(each.target.name, f"{each.runs:,}", f"{each.runs // seconds:,}", f"{each.covered:,}", result)
    return table


if __name__ == "__main__":
    sys.exit(main())
