"""The lease of what is being sent, looked at again when the first byte of a request is about to leave.

Who was stopped anywhere before that (while connecting, waiting for a turn, in an earlier request of one message) sends
nothing that another has sent meanwhile. Only a push on LINE has a key that would stop it."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

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


class Careful(http.client.HTTPConnection):
    """For the SDKs that send by http.client, of itself or below urllib3."""

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        insist()
        super().send(data)
