"""How long anybody waits for a lock, as PostgreSQL itself says it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

# The one line in which migrators stand, and nobody else.
MIGRATORS = 7246002
SAMPLE_SECONDS = 0.02
WAITING = """
SELECT COALESCE(MAX(EXTRACT(EPOCH FROM clock_timestamp() - l.waitstart)), 0),
       count(*) FILTER (WHERE l.mode = 'AccessExclusiveLock')
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE NOT l.granted AND a.datname = current_database()
  AND NOT (l.locktype = 'advisory' AND l.classid = 0 AND l.objid = %s)
"""


@dataclass
class Waits:
    """`longest` in seconds; `seen` is how many looks found somebody waiting, `for_tables` how many found somebody who
    wanted a table alone."""

    longest: float = 0
    seen: int = 0
    for_tables: int = 0


@contextmanager
def watched(address: str) -> Iterator[Waits]:
    waits, over = Waits(), threading.Event()

    def look() -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            while not over.wait(SAMPLE_SECONDS):
                found = connection.execute(WAITING.encode(), [MIGRATORS]).fetchone()
                assert found, "an aggregate is one row"
                waits.longest = max(waits.longest, float(found[0]))
                waits.seen += found[0] > 0
                waits.for_tables += found[1] > 0

    thread = threading.Thread(target=look, name="waits")
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()
