"""`arigato simulate`: the progress bar, the words and the figures."""

from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from simulator import database, history
from simulator.report import Report, points, simulate, told


def run(
    seeds: Sequence[int], operations: int, url: str, out: Console, err: Console, jobs: int, again_every: int
) -> Report:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("histories", total=len(seeds))

        def after_each(report: Report) -> None:
            progress.update(task, completed=report.seeds, description=f"{report.operations:,} operations")

        report = simulate(seeds, operations, url, after_each, history.SHRINK_SECONDS, jobs, again_every)
    say(report, out)
    return report


def again(seed: int, only: Sequence[int], operations: int, url: str, out: Console) -> Report:
    """One history, of which only these steps are taken."""
    place, report = database.place(url), Report()
    try:
        result = history.run(place, seed, operations, only)
    finally:
        place.close()
    report.add(result)
    if result.violation:
        report.violations.append(told(result, len(result.steps), operations))
    say(report, out)
    return report


def say(report: Report, out: Console) -> None:
    figures = report.as_json()
    out.print(
        f"{report.seeds:,} histories, {report.operations:,} operations, "
        f"{figures['operations_per_second']:,} operations/s a core, {report.faults.total():,} faults",
        highlight=False,
    )
    if report.played_twice:
        out.print(f"{report.played_twice:,} histories were played twice", highlight=False)
    wanted = len(points())
    out.print(f"{wanted - len(report.never):,} of {wanted:,} points were met", highlight=False)
    for violation in report.violations:
        out.print(f"[bold red]✗[/] seed {violation['seed']}: ", end="")
        out.print(f"{violation['rule']}: {violation['what']}", highlight=False, markup=False)
        for step in violation["history"]:
            out.print(f"    {step}", highlight=False, markup=False)
        out.print(f"  again: {violation['again']}", highlight=False, markup=False, soft_wrap=True)
    for point in report.missed:
        out.print(f"[bold red]✗[/] never met: {point}", highlight=False)
    if report.passed:
        out.print("[green]✓[/] no violation")
