"""The command line's part for keeping the data safe: backup, restore, resume, and the audit log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from terminal import fail, in_plain_words, out, progress

if TYPE_CHECKING:  # --help answers in a moment
    from collections.abc import Sequence

    from storage.exceptions import Row

# ruff: noqa: PLC0415 - as in cli.py: --help answers in a moment
app = typer.Typer()
audit = typer.Typer(no_args_is_help=True, help="The log of what operators did.")
app.add_typer(audit, name="audit")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to write it; beside it comes FILE.json.")]) -> None:
    """Write one verified file of the whole database, while the service goes on.

    Ends with 1 if the database itself breaks an invariant; the backup is there all the same."""
    from clock import now
    from settings import read
    from storage.backup import back_up

    with in_plain_words(), progress("backup") as done:
        settings = read()
        made = back_up(settings.database_url, file, now(), settings.audit_key, done)
    out.print(f"[green]✓[/] {made.bytes:,} bytes, sha256 {made.sha256}, audit log at {made.audit}", highlight=False)
    if made.violations:
        fail(["The database was backed up as it is, and it is not sound:", *made.violations])


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup; FILE.json has to be beside it.")],
    to: Annotated[str, typer.Option(help="The database's address; without it ARIGATO_DATABASE_URL.")] = "",
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> None:
    """Fill a database from a backup. It sends nothing and pays nobody until `arigato resume`."""
    from clock import now
    from settings import read
    from storage.backup import restore as run

    with in_plain_words(), progress("restore") as done:
        settings = read()
        run(file, to or settings.database_url, now(), settings.audit_key, done, overwrite=force)
    out.print("[green]✓[/] restored, in recovery mode: nothing leaves it until `arigato resume`")


@app.command()
def resume(
    paid: Annotated[
        list[str] | None, typer.Option(help="U-…:yen, a payout that the provider made after the backup. Repeatable.")
    ] = None,
    *,
    none_of_ours: Annotated[
        bool,
        typer.Option("--none-of-ours", help="What else the provider has paid out pays for nothing in this copy."),
    ] = False,
    refunds_seen: Annotated[
        bool, typer.Option("--refunds-seen", help="Whom refunds made after the backup concern know of them.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """End recovery mode: check the data, compare the provider's books with a restored copy, say what will be sent and
    paid, ask, and go on."""
    import logs
    from app import bare
    from recovery import Plan, carry_out, plan
    from settings import read

    with in_plain_words():
        logs.set_up()
        house = bare(read())
        found: Plan | None = plan(house, paid or [], none_of_ours=none_of_ours, refunds_seen=refunds_seen)
        if found is None:
            out.print("[green]✓[/] not in recovery mode")
            return
        for line in found.lines:
            out.print(line, highlight=False, markup=False)
        if not yes:
            typer.confirm("Go on?", abort=True)
        carry_out(house, found)
    out.print("[green]✓[/] resumed")


@app.command()
def reconcile(
    number: Annotated[int, typer.Argument(help="With --by: which exception.")] = 0,
    by: Annotated[str, typer.Option(help="Who looks after that exception from now on.")] = "",
    *,
    loss: Annotated[bool, typer.Option("--loss", help="With --by: what is lost there is a loss of ours.")] = False,
    settled: Annotated[
        bool, typer.Option("--settled", help="With --by: somebody has looked into it, and what it froze goes on.")
    ] = False,
) -> None:
    """Compare the payment provider's own books with ours now, and list what differs.

    Ends with 1 if anything does, or if they could not be compared."""
    import logs
    from app import bare
    from reconciler import book_loss, hand_over, look, settle_by_hand
    from settings import read
    from storage.exceptions import still_open

    with in_plain_words():
        logs.set_up()
        house = bare(read())
        if by and not hand_over(house, number, by):
            fail([f"There is no open exception {number}."])
        if loss and not (by and book_loss(house, number)):
            fail([f"There is no loss {number} of a contract that operators were told of, or nobody named with --by."])
        if settled and not (by and settle_by_hand(house, number)):
            fail([f"There is no exception {number} that operators were told of, or nobody named with --by."])
        not_compared = look(house)
        with house.database.connect() as connection:
            found = still_open(connection)
    if found:
        out.print(listed(found))
    if not_compared:
        fail(not_compared)
    if found:
        raise typer.Exit(1)
    out.print("[green]✓[/] nothing differs")


def listed(found: "Sequence[Row]") -> Table:
    table = Table("no.", "since (UTC)", "provider", "what", "entry", "ours", "theirs", "looks after it")
    for row in found:
        since = f"{row.since:%Y-%m-%d %H:%M}" + ("" if row.confirmed_at else " (waits)")
        amounts = (f"{row.ours:,}", f"{row.theirs:,}")
        table.add_row(str(row.id), since, row.provider, row.kind, row.subject, *amounts, row.keeper)
    return table


@app.command()
def erase(
    numbers: Annotated[list[str], typer.Argument(help="U-…, whom the log says to have left since the backup.")],
) -> None:
    """Erase members again who had left after the backup that was restored; before `arigato resume`."""
    from recovery import erase as run
    from settings import read

    with in_plain_words():
        run(read(), numbers)
    out.print(f"[green]✓[/] {len(numbers)} erased")


@audit.command("verify")
def audit_verify(
    anchor: Annotated[str, typer.Option(help="SEQ:HASH, as printed or written beside a backup before.")] = "",
) -> None:
    """Name the first row of the audit log that is not what was written, exit status 1; else print the anchor.

    Keep the anchor elsewhere: only by it a tail that was cut off is found."""
    from settings import read
    from storage.audit import broken, head, read_anchor
    from storage.database import open_database

    known = read_anchor(anchor)
    if anchor and known is None:
        fail(["--anchor is SEQ:HASH, a number and 64 digits."])
    with in_plain_words():
        settings = read()
        with open_database(settings.database_url).connect() as connection:
            wrong = list(broken(connection, settings.audit_key, known))
            reached = head(connection)
    if wrong:
        fail(wrong)
    out.print(f"[green]✓[/] {reached.seq} rows, anchor {reached}", highlight=False, soft_wrap=True)
