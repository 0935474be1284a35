"""The clock as it is started: what fell due while nobody rang, and what it looks at seldom, waits for no hour."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

import scheduler
from bench.stage import staged
from house import House
from storage import beats
from tests.end_to_end.served import until


def test_the_clock_rings_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "RING_SECONDS", 3600)

    with staged("sqlite://") as stage:

        def has_rung() -> bool:
            with stage.engine.connect() as connection:
                return "clock" in beats.last(connection)

        clock = scheduler.start(stage.house)
        until(has_rung, lambda: "it waits for the hour", 20)
        clock.shutdown()


def test_a_clock_that_is_often_started_anew_looks_at_the_books_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WATCH_FIRST_SECONDS", "RECONCILE_FIRST_SECONDS", "TIDY_FIRST_SECONDS", "SPREAD_SECONDS"):
        monkeypatch.setattr(scheduler, name, 0)
    done: set[str] = set()

    def watch(_: House) -> None:
        done.add("watch")

    def reconcile(_: House) -> None:
        done.add("reconcile")

    def tidy(_: House) -> None:
        done.add("tidy")

    for job in (watch, reconcile, tidy):
        monkeypatch.setattr(scheduler, job.__name__, job)

    with staged("sqlite://") as stage:
        clock = scheduler.start(stage.house)
        until(lambda: done == {"watch", "reconcile", "tidy"}, lambda: f"only {done}", 20)
        clock.shutdown()


def test_clocks_that_start_together_do_not_look_at_the_same_second() -> None:
    with staged("sqlite://") as stage:
        starts: list[dict[str, datetime]] = []
        for dice in (b"\x00\x00", b"\xff\xff"):
            clock = scheduler.start(replace(stage.house, random=lambda _, dice=dice: dice))  # type: ignore[misc] # mypy knows no default there
            starts.append({job.name: job.next_run_time for job in clock.get_jobs()})
            clock.shutdown()

    seldom = ("watch", "reconcile", "tidy")
    early, late = ([start[name] for name in seldom] for start in starts)
    moments = sorted([*early, *late])
    assert moments[-1] - moments[0] < timedelta(minutes=2)
    assert min(later - earlier for earlier, later in pairwise(moments)) >= timedelta(seconds=2)
