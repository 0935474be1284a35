"""How the command line speaks: to people in plain words, to programs in JSON."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

# ruff: noqa: PLC0415 - as in cli.py: --help answers in a moment
out = Console()
err = Console(stderr=True)


def fail(problems: list[str]) -> NoReturn:
    for problem in problems:
        err.print(f"[bold red]✗[/] {escape(problem)}", highlight=False)
    raise typer.Exit(1)


@contextmanager
def in_plain_words() -> Iterator[None]:
    """What whoever runs this can mend is said in a line or two; a traceback is for what they cannot."""
    from sqlalchemy.exc import DBAPIError

    from settings import WrongSettings
    from storage.backup import CannotBackUp
    from storage.database import NewerDatabase
    from storage.resume import CannotResume

    try:
        yield
    except WrongSettings as wrong:
        fail(wrong.problems)
    except (CannotBackUp, CannotResume, NewerDatabase) as cannot:
        fail([str(cannot)])
    except DBAPIError as error:
        mend = "Check ARIGATO_DATABASE_URL, that its server runs, and that `arigato migrate` has been run."
        fail([f"The database refused: {str(error.orig).splitlines()[0]}. {mend}"])


@contextmanager
def progress(what: str) -> Iterator[Callable[[float], None]]:
    from rich.progress import Progress

    with Progress(console=err, transient=True, disable=not err.is_terminal) as shown:
        task = shown.add_task(what, total=1.0)
        yield lambda done: shown.update(task, completed=done)


def as_json() -> bool:
    return os.environ.get("ARIGATO_JSON") == "1"
