"""Playing a history from its seed, and finding the shortest one that goes wrong in the same way."""

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from simulator import judge, moves
from simulator.database import Place
from simulator.faults import Broken
from simulator.finish import finish
from simulator.play import QUIET_EVERY, Play, played
from simulator.prologue import prologue

SHRINK_SECONDS = 60


@dataclass
class Result:
    """`steps`: the number and name of each step taken; left-out ones are not among them."""

    seed: int
    operations: int = 0
    steps: list[tuple[int, str]] = field(default_factory=list)
    violation: Broken | None = None
    hash: str = ""
    faults: Counter[str] = field(default_factory=Counter)
    sometimes: Counter[str] = field(default_factory=Counter)


def run(place: Place, seed: int, operations: int, only: Collection[int] | None = None) -> Result:
    """The whole history, or, with `only`, just these of its steps; then everything must finish."""
    result = Result(seed)
    try:
        with played(place, seed) as play:
            try:
                go_through(play, result, operations, only)
            finally:
                result.operations = play.operations
                result.faults, result.sometimes = play.faults.counts, play.sometimes
                result.hash = play.hash
    except Broken as broken:
        result.violation = broken
    return result


def go_through(play: Play, result: Result, operations: int, only: Collection[int] | None) -> None:
    weights = list(accumulate(moves.drawn(Random(f"weights {play.seed}"))))
    luck = Random(f"steps {play.seed}")
    number, looked = 0, 0
    play.take(-1, prologue)
    last = max(only, default=0) if only is not None else operations * 10
    while number <= last and (only is not None or play.operations < operations):
        [move] = luck.choices(moves.MOVES, cum_weights=weights)
        if only is None or number in only:
            result.steps.append((number, move.name))
            play.take(number, move.act)
        if play.operations - looked >= QUIET_EVERY:
            looked = play.operations
            play.be_quiet(judge.quiet)
        number += 1
    play.take(number, finish)
    play.be_quiet(judge.quiet)
    play.be_quiet(judge.settled)


def shrunk(place: Place, failed: Result, operations: int, seconds: float = SHRINK_SECONDS) -> Result:
    """Leave out steps as long as the same rule is broken: halves first, then smaller and smaller pieces."""
    assert failed.violation, "only what goes wrong is made shorter"
    until = time.monotonic() + seconds
    best = failed
    piece = max(1, len(best.steps) // 2)
    while time.monotonic() < until:
        shorter = without_a_piece(place, best, piece, operations, until)
        if shorter:
            best = shorter
        elif piece == 1:
            break
        else:
            piece = max(1, piece // 2)
    return best


def without_a_piece(place: Place, best: Result, piece: int, operations: int, until: float) -> Result | None:
    assert best.violation, "only what goes wrong is made shorter"
    numbers = [number for number, _ in best.steps]
    for start in range(len(numbers) - piece, -1, -piece) if len(numbers) >= piece else ():
        if time.monotonic() > until:
            return None
        tried = run(place, best.seed, operations, numbers[:start] + numbers[start + piece :])
        if tried.violation and tried.violation.rule == best.violation.rule:
            return tried
    return None
