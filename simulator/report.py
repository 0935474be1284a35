"""Many histories: how far they got, what struck, what was met sometimes, and what went wrong."""

import gc
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from engine.moves import LIFECYCLES
from simulator import database, history, judge
from simulator.database import Place
from simulator.faults import KINDS
from simulator.history import Result

# The form that every change has to pass.
SEEDS = 200
OPERATIONS = 500
AGAIN_EVERY = 20
AT_ONCE = 5  # histories that a process of several plays before it says how they went
# Rows of the tables that no history can come to, or that 200 come to too seldom, and why.
NOT_REQUIRED = {
    judge.point("user", "join", "", "worker"): "who joins is no worker yet",
    judge.point("user", "join_banned", "", "worker"): "who joins is no worker yet",
    judge.point("approval", "lapse", "waiting", "operator"): "too seldom; tried in tests/engine/test_approvals.py",
    judge.point(
        "payment", "pay", "page_problem", "provider"
    ): "a page here does not run out: none is paid instead of the next",
    judge.point("payment", "expire", "page_problem", "client"): "too seldom; tried in tests/engine/test_funding.py",
    judge.point("payment", "expire", "page_problem", "worker"): "too seldom; tried in tests/engine/test_funding.py",
    judge.point("thanks", "tip_from_wallet", "", "client"): "nothing is ever credited to a wallet",
    judge.point("thanks", "tip_from_wallet", "", "worker"): "only clients tip",
    judge.point("thanks", "say_with_tip", "", "worker"): "only clients tip",
    judge.point("user", "fold", "active", "member"): "as links: too seldom",
}
# Played (simulator/linking.py), and too seldom for each of their moves to be met in 200 histories.
UNPLAYED = ("link",)
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
OTHERS = (
    "words misread",
    "form misread",
    "a paused worker came too late",
    "recovery: a restored backup",
    "recovery: broken books",
    "recovery: resumed",
    "chargeback won",
    "chargeback lost",
    "chargeback booked as a loss",
)


def points() -> tuple[str, ...]:
    """What must be met sometimes: every move of every lifecycle by everyone who may, and every refusal."""
    of_moves = (
        judge.point(lifecycle.noun, move.name, source, role.value)
        for lifecycle in LIFECYCLES
        if lifecycle.noun not in UNPLAYED
        for move in lifecycle.moves
        for source in move.sources or ("",)
        for role in move.who
    )
    found = (*of_moves, *(f"refused: {reason}" for reason in REFUSALS), *OTHERS)
    return tuple(point for point in dict.fromkeys(found) if point not in NOT_REQUIRED)


@dataclass
class Report:
    seeds: int = 0
    operations: int = 0
    seconds: float = 0  # of one core
    played_twice: int = 0
    faults: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(KINDS, 0)))
    sometimes: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(points(), 0)))
    violations: list[dict[str, Any]] = field(default_factory=list)

    def add(self, result: Result) -> None:
        self.seeds += 1
        self.operations += result.operations
        self.faults.update(result.faults)
        self.sometimes.update(result.sometimes)

    def take_in(self, other: "Report") -> None:
        self.seeds += other.seeds
        self.operations += other.operations
        self.seconds += other.seconds
        self.played_twice += other.played_twice
        self.faults.update(other.faults)
        self.sometimes.update(other.sometimes)
        self.violations = sorted([*self.violations, *other.violations], key=lambda violation: int(violation["seed"]))

    @property
    def never(self) -> list[str]:
        return [point for point in points() if not self.sometimes[point]]

    @property
    def missed(self) -> list[str]:
        """What was never met although there was enough of everything: the simulator does not see that far any more."""
        return self.never if self.seeds >= SEEDS and self.operations >= SEEDS * OPERATIONS else []

    @property
    def passed(self) -> bool:
        return not self.violations and not self.missed

    def as_json(self) -> dict[str, Any]:
        return {
            "seeds": self.seeds,
            "operations": self.operations,
            "operations_per_second": round(self.operations / self.seconds, 1) if self.seconds else 0,
            "faults": dict(sorted(self.faults.items())),
            "sometimes": dict(sorted(self.sometimes.items())),
            "violations": self.violations,
            "played_twice": self.played_twice,
        }


def simulate(
    seeds: Sequence[int],
    operations: int,
    url: str,
    after_each: Callable[[Report], object],
    shrink_seconds: float,
    jobs: int = 1,
    again_every: int = AGAIN_EVERY,
) -> Report:
    """`after_each` history, or, with several `jobs`, after each few of them. Seeds that `again_every` divides are
    played twice."""
    if jobs == 1:
        return in_a_row(seeds, operations, url, shrink_seconds, again_every, after_each)
    report = Report()
    # New processes, not copies of this one, which may have threads.
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        slices = [seeds[at : at + AT_ONCE] for at in range(0, len(seeds), AT_ONCE)]
        more = (operations, url, shrink_seconds, again_every)
        for part in as_completed([pool.submit(in_a_row, each, *more) for each in slices]):
            report.take_in(part.result())
            after_each(report)
    return report


def in_a_row(
    seeds: Sequence[int],
    operations: int,
    url: str,
    shrink_seconds: float,
    again_every: int,
    after_each: Callable[[Report], object] | None = None,
) -> Report:
    report = Report()
    place = database.place(url)
    try:
        for seed in seeds:
            began = place.seconds()
            result = history.run(place, seed, operations)
            report.seconds += place.seconds() - began
            report.add(result)
            keep_what_is_loaded()
            if result.violation:
                shortest = history.shrunk(place, result, operations, shrink_seconds)
                report.violations.append(told(shortest, len(result.steps), operations))
            elif again_every and seed % again_every == 0:
                play_again(place, result, operations, report)
            if after_each:
                after_each(report)
    finally:
        place.close()
    return report


def keep_what_is_loaded() -> None:
    """Modules, words and statements stay for as long as the process, all of them loaded by its first history: looked at
    by the collector again and again, they cost a tenth of the time."""
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()


def play_again(place: Place, first: Result, operations: int, report: Report) -> None:
    """The same seed is the same history: else none that fails could be played again."""
    second = history.run(place, first.seed, operations)
    report.played_twice += 1
    if (second.hash, second.steps) != (first.hash, first.steps):
        parts = [number for number, (a, b) in enumerate(zip(first.steps, second.steps, strict=False)) if a != b]
        where = f"from step {first.steps[parts[0]][0]} on" if parts else "though its steps were the same"
        report.violations.append(
            {
                "seed": first.seed,
                "rule": "same seed",
                "what": f"it made another history the second time, {where}: {first.hash}, then {second.hash}",
                "history": [],
                "steps_before_shrinking": len(first.steps),
                "again": f"arigato simulate --seed {first.seed} --operations {operations} --twice 1",
            }
        )


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
