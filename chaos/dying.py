"""Dying: no process of the crash loop outlives the one that started it, and that one clears up when told to end."""

import ctypes
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

PR_SET_PDEATHSIG = 1
told: list[int] = []


def die_with_parent() -> None:
    """Linux kills us with our parent, even if that was killed; elsewhere the parent's own clearing up must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def listening() -> Iterator[None]:
    """Being told to end, by Ctrl-C or otherwise, is an end like any other: everything is cleared away."""
    told.clear()
    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end(number: int, _frame: object) -> NoReturn:
    told.append(number)
    raise SystemExit(128 + number)


def end_if_told() -> None:
    """An exception that is raised while the interpreter forks is lost: who forks all the time has to ask as well."""
    if told:
        raise SystemExit(128 + told[0])
