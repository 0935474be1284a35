"""The clock as it is started: what fell due while nobody rang does not wait until it would ring anyway."""

import pytest

import scheduler
from bench.stage import staged
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
