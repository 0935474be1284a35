"""P3: what a tick costs while many timers are pending and none is due, and how fast due ones fire."""

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import text

import scheduler
import seeds
from bench.measure import Say, Size, databases, fresh, median, seconds_of
from bench.stage import Stage, staged
from storage import database, timers

GOALS = {"tick_ms": 2, "fired_per_second": 2000, "ratio": 1.2}
LONG_AFTER = timedelta(days=365)
FAR_AWAY = 10**12  # no thing has such an id
SOURCES = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) SELECT i FROM n",
    "postgresql": "SELECT i FROM generate_series(1, :count) AS i",
}


def run(size: Size, say: Say) -> dict[str, Any]:
    return {"goal": GOALS, "databases": {kind: measured(kind, size, say) for kind in databases()}}


def measured(kind: str, size: Size, say: Say) -> dict[str, Any]:
    few, many = size.pending
    found: dict[str, Any] = {}
    for pending in (few, many):
        say(f"{kind}: {pending:,} timers pending")
        with fresh(kind) as url, staged(url) as stage:
            found[str(pending)] = ticked(stage, kind, pending, size)
    few_found, many_found = found[str(few)], found[str(many)]
    return found | {
        "look_ratio": round(many_found["look_ms"] / few_found["look_ms"], 2),
        "tick_ratio": round(many_found["tick_ms"] / few_found["tick_ms"], 2),
        "fired_ratio": round(few_found["fired_per_second"] / many_found["fired_per_second"], 2),
    }


def ticked(stage: Stage, kind: str, pending: int, size: Size) -> dict[str, float]:
    """None is due at first; then a year passes for the jobs that were posted, and not for the others."""
    plant(stage, size.due)
    with database.begin(stage.engine) as connection:
        wanted = f"INSERT INTO timers (noun, thing_id, name, due_at) SELECT 'job', {FAR_AWAY} + i, 'expire', :due "
        due = "2999-01-01 00:00:00.000000" if kind == "sqlite" else stage.clock.now() + 10 * LONG_AFTER
        connection.execute(text(f"{wanted} FROM ({SOURCES[kind]}) AS numbers"), {"count": pending, "due": due})
    looks = [seconds_of(lambda: look(stage)) for _ in range(size.ticks)]
    ticks = [seconds_of(lambda: scheduler.ring(stage.house)) for _ in range(size.ticks)]
    stage.clock.move(LONG_AFTER.total_seconds())
    fired, begun = 0, time.perf_counter()
    while more := scheduler.ring(stage.house):
        fired += more
    spent = time.perf_counter() - begun
    assert fired >= size.due, "each job has a timer"
    return {
        "look_ms": round(median(looks, 6) * 1000, 3),
        "tick_ms": round(median(ticks, 6) * 1000, 2),
        "fired": fired,
        "fired_per_second": round(fired / spent, 1),
    }


def look(stage: Stage) -> None:
    """The part of a tick that could depend on what is pending; the rest is the beat's commit."""
    with stage.engine.connect() as connection:
        assert timers.due(connection, stage.clock.now(), scheduler.AT_ONCE) == [], "none is due"


def plant(stage: Stage, count: int) -> None:
    """So many open jobs, each of somebody else: whoever posts many in an hour is screened."""
    now = stage.clock.now()
    for number in range(count):
        seeds.post(stage.engine, now, seeds.join(stage.engine, now + timedelta(microseconds=number), number), number)
