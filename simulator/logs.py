"""What the worker logs, heard by the simulator: an error that nobody injected is a find, even if it was survived."""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from typing import Any, Self

import structlog

from simulator.faults import described, is_injected

# The bank answers about another sum on purpose, payers' banks take money back, and what a restored copy has lost is
# unknown; at the end none is left.
EXPECTED = ("answer", "unknown", "disputed", "lost")
# Books are broken on purpose, and mended.
BROKEN = "an invariant is broken"


class Heard:
    """While it is open, logs go nowhere else."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def __enter__(self) -> Self:
        self.before = structlog.get_config()
        structlog.configure(
            processors=[self.hear],
            wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
            cache_logger_on_first_use=False,
        )
        return self

    def __exit__(self, *_: object) -> None:
        structlog.configure(**self.before)

    def hear(self, _logger: object, _method: str, told: MutableMapping[str, Any]) -> str:
        error = sys.exc_info()[1]
        given = told.get("exc_info")
        error = given if isinstance(given, BaseException) else error
        expected = told.get("kind") in EXPECTED or str(told.get("event")).startswith(BROKEN)
        if not expected and not is_injected(error):
            self.found.append(f"{told.get('event')}: {described(error) if error else told}")
        raise structlog.DropEvent

    def unexpected(self) -> Iterator[str]:
        while self.found:
            yield self.found.pop(0)
