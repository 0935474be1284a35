"""Many histories: how far they got, what struck, what was met sometimes, and what went wrong."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.moves import LIFECYCLES
from simulator import database, history, judge
from simulator.faults import KINDS
from simulator.history import Result

# Rows of the tables that no history can come to, and why.
UNREACHABLE = {
    judge.point("user", "join", "", "worker"): "who joins is no worker yet",
    judge.point("thanks", "tip_from_wallet", "", "client"): "nothing is ever credited to a wallet",
    judge.point("thanks", "tip_from_wallet", "", "worker"): "only clients tip",
    judge.point("thanks", "say_with_tip", "", "worker"): "only clients tip",
}
REFUSALS = (
    "handle_unknown",
    "handle_used",
    "handle_stale",
    "not_first_hand",
    "only_operators",
    "not_found",
    "not_your_turn",
    "suspended",
    "own_job",
)
OTHERS = ("words misread", "form misread", "a paused worker came too late")


def points() -> tuple[str, ...]:
    """What must be met sometimes: every move of every lifecycle by everyone who may, and every refusal."""
    of_moves = (
        judge.point(lifecycle.noun, move.name, source, role.value)
        for lifecycle in LIFECYCLES
        for move in lifecycle.moves
        for source in move.sources or ("",)
        for role in move.who
    )
    found = (*of_moves, *(f"refused: {reason}" for reason in REFUSALS), *OTHERS)
    return tuple(point for point in dict.fromkeys(found) if point not in UNREACHABLE)


@dataclass
class Report:
    seeds: int = 0
    operations: int = 0
    seconds: float = 0
    faults: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(KINDS, 0)))
    sometimes: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(points(), 0)))
    violations: list[dict[str, Any]] = field(default_factory=list)

    def add(self, result: Result) -> None:
        self.seeds += 1
        self.operations += result.operations
        self.faults.update(result.faults)
        self.sometimes.update(result.sometimes)

    @property
    def never(self) -> list[str]:
        return [point for point in points() if not self.sometimes[point]]

    def as_json(self) -> dict[str, Any]:
        return {
            "seeds": self.seeds,
            "operations": self.operations,
            "operations_per_second": round(self.operations / self.seconds, 1) if self.seconds else 0,
            "faults": dict(sorted(self.faults.items())),
            "sometimes": dict(sorted(self.sometimes.items())),
            "violations": self.violations,
        }


def simulate(
    seeds: Iterable[int], operations: int, url: str, after_each: Callable[[Report], object], shrink_seconds: float
) -> Report:
    report = Report()
    place = database.place(url)
    try:
        for seed in seeds:
            began = time.perf_counter()
            result = history.run(place, seed, operations)
            report.seconds += time.perf_counter() - began
            report.add(result)
            if result.violation:
                shortest = history.shrunk(place, result, operations, shrink_seconds)
                report.violations.append(told(shortest, len(result.steps), operations))
            after_each(report)
    finally:
        place.close()
    return report


def told(result: Result, before: int, operations: int) -> dict[str, Any]:
    assert result.violation, "only what goes wrong is told"
    return {
        "seed": result.seed,
        "rule": result.violation.rule,
        "what": result.violation.what,
        "history": [f"{number}: {name}" for number, name in result.steps],
        "steps_before_shrinking": before,
        "again": f"arigato simulate --seed {result.seed} --operations {operations} "
        f"--only {','.join(str(number) for number, _ in result.steps)}",
    }
