"""The command line. Each command imports what it needs when it runs: --help answers in a moment, SDKs take seconds."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

import upkeep
from terminal import as_json, err, fail, in_plain_words, out

# ruff: noqa: PLC0415 - see above: a command line that takes eight seconds to say --help is not used
app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Arigato: a job marketplace that lives inside LINE, Slack and Telegram.\n\n"
    "Start with `arigato demo`: everything on this machine, nothing to set up. "
    "Then copy .env.example to .env, let `arigato doctor` tell what is missing, and `arigato serve`.",
)
app.add_typer(upkeep.app)


class SafeguardChoice(StrEnum):
    KEY = "key"
    FENCE = "fence"
    LEASE = "lease"


class RoleChoice(StrEnum):
    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    CLOCK = "clock"


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the playground's page is; 0 chooses a free port.")] = 8765,
    data: Annotated[
        Path | None, typer.Option(help="A folder for the database; without it a new one each time.")
    ] = None,
    *,
    seed: Annotated[bool, typer.Option(help="Begin with believable people and jobs.")] = True,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """Start the product with LINE, Slack and Telegram emulated, and a page with the three chats side by side."""
    from demo import run

    with in_plain_words():
        run(port, data, seed=seed, open_browser=open_browser)


@app.command()
def story(
    client: Annotated[str, typer.Option(help="The client's messenger.")] = "line",
    worker: Annotated[str, typer.Option(help="The worker's messenger.")] = "slack",
    operator: Annotated[str, typer.Option(help="The operator's messenger.")] = "telegram",
    language: Annotated[str, typer.Option(help="ja or en.")] = "ja",
) -> None:
    """Play the main story over real HTTP, print who said what on which platform, and check the books.

    With ARIGATO_JSON=1 the last line is one JSON object: stages, messages, ledger, violations.
    Ends with 0 only if everything ended as it should."""
    from headless import play

    told = play(client, worker, operator, language, out.print)
    if as_json():
        print(json.dumps(told.as_json(), ensure_ascii=False))  # noqa: T201 - the line another program reads
    if told.trouble or told.violations:
        fail([*([told.trouble] if told.trouble else []), *told.violations])


@app.command()
def serve(
    role: Annotated[
        RoleChoice, typer.Option(help="all: one process; or split into web, worker and clock.")
    ] = RoleChoice.ALL,
) -> None:
    """Serve the platforms that are set up in the environment (see .env.example)."""
    from app import serve as run
    from settings import read

    with in_plain_words():
        run(read(), role.value)


@app.command()
def check() -> None:
    """Check every invariant of the database: one line for each violation, exit status 1 if there is any."""
    from settings import read
    from storage.check import check as violations
    from storage.database import open_database

    with in_plain_words():
        settings = read()
        with open_database(settings.database_url).connect() as connection:
            found = violations(connection, settings.audit_key)
    for violation in found:
        out.print(str(violation), highlight=False, markup=False)
    if found:
        raise typer.Exit(1)
    out.print("[green]✓[/] no violation")


@app.command()
def doctor(
    *,
    live: Annotated[bool, typer.Option("--live/--offline", help="Also ask the platforms (takes some seconds).")] = True,
) -> None:
    """Say what is wrong with configuration, tokens, webhook addresses and database, and how to mend it."""
    from doctor import examine

    findings = examine(live=live)
    if as_json():
        print(json.dumps([vars(f) for f in findings], ensure_ascii=False))  # noqa: T201 - read by another program
    else:
        # Folded: a variable's name cut short cannot be set.
        table = Table("", *(Column(name, overflow="fold") for name in ("what", "found", "what to do")))
        signs = {"ok": "[green]✓ ok[/]", "warn": "[yellow]! look[/]", "bad": "[red]✗ bad[/]"}
        for finding in findings:
            table.add_row(signs[finding.level], finding.what, finding.found, finding.mend)
        out.print(table)
    if any(f.level == "bad" for f in findings):
        raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """Bring the database to this version's tables. Safe to run again."""
    from clock import now
    from settings import read
    from storage.database import migrate as run
    from storage.database import open_database

    with in_plain_words():
        settings = read()
        run(open_database(settings.database_url), now(), out.print, audit_key=settings.audit_key)
    out.print("[green]✓[/] the database is current")


@app.command()
def seed(
    people: Annotated[int, typer.Option(min=2, help="How many people.")] = 24,
) -> None:
    """Fill the database with believable people, jobs and finished contracts in Japanese and English."""
    from seeds import plant_at
    from settings import read

    with in_plain_words():
        settings = read()
        if settings.real_platforms:
            fail([f"These people are made up, and {', '.join(settings.real_platforms)} is real: use another database."])
        if settings.payments != "pretend":
            fail([f"These people pay with pretend money, and ARIGATO_PAYMENTS is {settings.payments}."])
        plant_at(settings, people, err)


@app.command()
def simulate(
    seeds: Annotated[int, typer.Option(min=1, help="How many histories.")] = 200,
    operations: Annotated[int, typer.Option(min=1, help="How many operations each of them has.")] = 500,
    first_seed: Annotated[int, typer.Option(help="The seed of the first; the others follow.")] = 1,
    seed: Annotated[int | None, typer.Option(help="Only this one.")] = None,
    only: Annotated[str, typer.Option(help="With --seed: only these of its steps, comma separated.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="How many processes play them side by side.")] = 1,
    twice: Annotated[
        int, typer.Option(min=0, help="Every how many-th seed is played twice, and must be the same; 0: none.")
    ] = 20,
    database: Annotated[
        str, typer.Option(help="PostgreSQL on which to make a database for it; sqlite:// is SQLite in memory.")
    ] = "sqlite://",
) -> None:
    """Play random histories of people, money and faults, and check that every promise is kept.

    A seed always makes the same history. With ARIGATO_JSON=1 the last line is one JSON object. Ends with 1 on a
    violation, with the shortest history that shows it, and if 200 histories never met what must be met sometimes."""
    from simulator import command
    from simulator.database import NoDatabase

    steps = [each.strip() for each in only.split(",") if only]
    if not all(each.isdecimal() for each in steps):
        fail([f"--only {only}: it is numbers of steps, comma separated: 3,17,90."])
    if steps and seed is None:
        fail(["--only leaves out steps of one history: name its --seed, too."])
    try:
        if seed is not None and steps:
            report = command.again(seed, list(map(int, steps)), operations, database, out)
        else:
            numbers = range(first_seed, first_seed + seeds) if seed is None else [seed]
            report = command.run(numbers, operations, database, out, err, jobs, twice)
    except NoDatabase as cannot:
        fail([str(cannot)])
    if as_json():
        print(json.dumps(report.as_json(), ensure_ascii=False))  # noqa: T201 - the line another program reads
    if not report.passed:
        raise typer.Exit(1)


@app.command()
def chaos(
    seconds: Annotated[float, typer.Option(min=1, help="How long everything is killed.")] = 60,
    minutes: Annotated[float, typer.Option(min=0, help="The same in minutes: 10 is the long form.")] = 0,
    seed: Annotated[int, typer.Option(help="Of the dice that say who is killed, and when.")] = 1,
    payouts: Annotated[int, typer.Option(min=0, help="How many fall due; 0: as many as the time is for.")] = 0,
    without: Annotated[
        SafeguardChoice | None, typer.Option(help="Take out a safeguard, to see its loss found.")
    ] = None,
) -> None:
    """Kill workers, clock, web and database of a product that pays and talks, on a PostgreSQL of its own.

    Nobody may be paid twice or not at all, no message lost, doubled or out of order. With ARIGATO_JSON=1 the last line
    is one JSON object. Ends with 1 on a violation."""
    from chaos.cluster import NoCluster
    from chaos.command import run
    from chaos.plan import Refused

    try:
        report = run(minutes * 60 or seconds, seed, payouts, without.value if without else "", out, err)
    except (NoCluster, Refused) as cannot:
        fail([str(cannot)])
    if as_json():
        print(json.dumps(report.as_json(), ensure_ascii=False))  # noqa: T201 - the line another program reads
    if report.violations:
        raise typer.Exit(1)


@app.command()
def env() -> None:
    """Print .env.example, made from the settings themselves."""
    from settings import example

    sys.stdout.write(example())


def main() -> None:
    app()
