"""The lease of what is being sent, looked at again when the first byte of a request is about to leave.

Who was stopped anywhere before that (while connecting, waiting for a turn, in an earlier request of the same message) does
not send what another has sent meanwhile. Slack and Telegram have no key that would stop it; LINE has."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

current: ContextVar[Callable[[], bool]] = ContextVar("current", default=lambda: True)


class LeaseLost(OSError):
    """For whoever sends, as good as a broken connection."""


@contextmanager
def held(is_held: Callable[[], bool]) -> Iterator[None]:
    """Whatever is sent inside, also by coroutines begun there, is sent only while `is_held()`."""
    before = current.set(is_held)
    try:
        yield
    finally:
        current.reset(before)


def insist() -> None:
    """To be called right before bytes are written. Raises LeaseLost."""
    if not current.get()():
        raise LeaseLost("the lease has run out")
