"""Logs: one line an event, to standard error; never a local variable, for locals hold secrets."""

import logging
import sys

import structlog


def set_up() -> None:
    """JSON where nobody watches, readable lines on a terminal."""
    watched = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([renderer] if watched else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Not cached: the simulator listens to the same loggers, in processes where others have set them up before.
        cache_logger_on_first_use=False,
    )
