"""P2: events worked through by one worker, beside a bare escrow lifecycle in SQL on the same database. In turns."""

from typing import Any

import clock
from bench import bare
from bench.measure import Say, Size, databases, fresh, median, seconds_of
from bench.stage import staged
from bench.story import play
from storage.database import migrate, open_database

GOAL_RATIO = 0.3


def run(size: Size, say: Say) -> dict[str, Any]:
    return {"goal": {"ratio": GOAL_RATIO}, "databases": {kind: measured(kind, size, say) for kind in databases()}}


def measured(kind: str, size: Size, say: Say) -> dict[str, float]:
    rounds: list[tuple[float, float]] = []
    with fresh(kind) as url, staged(url) as stage:
        play(stage, 0)
        for number in range(1, size.rounds + 1):
            say(f"{kind}: round {number} of {size.rounds}, bare SQL")
            bare_events = bare_per_second(kind, size.lifecycles)
            say(f"{kind}: round {number} of {size.rounds}, the product")
            stage.spent, stage.worked, stage.events = 0.0, 0.0, 0
            for each in range(size.stories):
                play(stage, number * 1000 + each)
            rounds.append((stage.events / stage.worked, bare_events))
    return {
        "events_per_second": median([ours for ours, _ in rounds], 1),
        "bare_events_per_second": median([theirs for _, theirs in rounds], 1),
        "ratio": median([ours / theirs for ours, theirs in rounds], 3),
    }


def bare_per_second(kind: str, count: int) -> float:
    with fresh(kind) as url:
        engine = open_database(url)
        migrate(engine, clock.now())
        try:
            return count * bare.EVENTS / bare.lifecycles(engine, count, seconds_of)
        finally:
            engine.dispose()
