"""What is logged says where something failed, and not whose words were in it; and nobody waits for the reader."""

import logging
import os
import sys
import time

import pytest
import structlog
from sqlalchemy import insert

import clock
import logs
from storage import tables
from storage.database import begin, migrate, open_database

SECRET = "canary-in-an-error"


def logged(capfd: pytest.CaptureFixture[str]) -> str:
    logs.sink_for(sys.stderr).drain()
    return capfd.readouterr().err


def test_an_error_is_told_without_its_words(capfd: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    try:
        try:
            int(SECRET)
        except ValueError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError:
        structlog.get_logger().exception("an event failed", event_id="e-1")
        logging.getLogger("bots.web").exception("events of %s were not stored", "line")

    told = logged(capfd)

    assert SECRET not in told
    assert (told.count("\nRuntimeError") or told.count("\\nRuntimeError")) == 2
    assert told.count("test_logs.py") == 4  # both errors, twice
    assert "events of line were not stored" in told


def test_an_error_of_the_database_does_not_say_what_was_written(capfd: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    engine = open_database("sqlite://")
    migrate(engine, clock.now())
    row = {"path": SECRET, "balance": -1, "version": 1, "floor": 0}
    with pytest.raises(Exception, match="CHECK") as raised, begin(engine) as connection:
        connection.execute(insert(tables.accounts), row)
    structlog.get_logger().error("an event failed", exc_info=raised.value)
    engine.dispose()

    assert SECRET not in str(raised.value)
    assert (SECRET in (told := logged(capfd)), "SQLITE_CONSTRAINT_CHECK" in told) == (False, True)


def test_a_reader_that_is_stuck_costs_lines_and_no_time() -> None:
    read, write = os.pipe()
    with os.fdopen(write, "w") as stream:
        sink = logs.Sink(stream)
        began = time.monotonic()
        for _ in range(2 * logs.WAITING_LINES):
            sink.write("x" * 100 + "\n")
        took = time.monotonic() - began

        assert took < 1
        assert sink.lost > 0
        # Somebody reads again: the thread gets on, and the stream can be closed.
        drained = 0
        while drained < 100 * (2 * logs.WAITING_LINES - sink.lost):
            drained += len(os.read(read, 1 << 20))
        sink.drain()
    os.close(read)
