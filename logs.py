"""Logs: one line an event, to standard error; never a local variable and never what an error says of itself, for both
hold secrets and people's words. Who writes waits for nobody: a reader that is stuck costs lines, not transactions."""

import atexit
import logging
import os
import queue
import sys
import threading
import traceback
from functools import cache
from types import TracebackType
from typing import TextIO

import structlog

WAITING_LINES = 10_000
LAST_LINES_WITHIN_SECONDS = 1
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class Sink:
    """A stream that is written to by a thread of its own. What does not fit is lost and counted."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.lost = 0
        self.begin()

    def begin(self) -> None:
        """Also in a forked process: threads stay behind in the one it came from."""
        self.lines: queue.Queue[str] = queue.Queue(WAITING_LINES)
        self.thread = threading.Thread(target=self.pour, name="logs", daemon=True)
        self.thread.start()

    def write(self, text: str) -> int:
        try:
            self.lines.put_nowait(text)
        except queue.Full:
            self.lost += 1
        return len(text)

    def flush(self) -> None:
        """Nobody waits here."""

    def pour(self) -> None:
        lines = self.lines
        while True:
            text = lines.get()
            try:
                self.stream.write(text)
                self.stream.flush()
            except (OSError, ValueError):
                self.lost += 1
            lines.task_done()

    def drain(self) -> None:
        """At the end: what can still be said in a second."""
        waiter = threading.Thread(target=self.lines.join, daemon=True)
        waiter.start()
        waiter.join(LAST_LINES_WITHIN_SECONDS)


@cache
def sink_for(stream: TextIO) -> Sink:
    sink = Sink(stream)
    atexit.register(sink.drain)
    os.register_at_fork(after_in_child=sink.begin)
    return sink


def kind(error: BaseException) -> str:
    """What an error is, and of the database's what the database calls it; not what it says."""
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or getattr(error, "errno", None)
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return f"{name} ({code})" if code else name


def plain(exc_info: ExcInfo) -> str:
    """The way an error took, and that of the errors it came from."""
    told: list[str] = []
    error: BaseException | None = exc_info[1]
    while error:
        told.append(f"{''.join(traceback.format_tb(error.__traceback__))}{kind(error)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(told)


def set_up() -> None:
    """JSON where nobody watches, readable lines on a terminal. What libraries log goes the same way."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(plain),
    ]
    watched = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if watched else structlog.processors.JSONRenderer()
    )
    sink = sink_for(sys.stderr)
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=structlog.WriteLoggerFactory(sink),  # type: ignore[arg-type] # it writes and flushes, and no more
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Not cached: the simulator listens to the same loggers, in processes where others have set them up before.
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sink)
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer], foreign_pre_chain=shared
    )
    handler.setFormatter(formatter)
    logging.getLogger().handlers = [
        *(each for each in logging.getLogger().handlers if not isinstance(each.formatter, type(formatter))),
        handler,
    ]
