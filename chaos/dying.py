"""Dying: a process of the crash loop never outlives the one that started it."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Linux kills us with our parent, even if that was killed; elsewhere the parent's own clearing up must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
