"""Faults by swarm: each seed draws which kinds there are and how often they strike. One row a kind."""

import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

OFTEN = (0.01, 0.05, 0.25)
SELDOM = (0.001, 0.005, 0.02)
# There are few errands.
ALMOST_ALWAYS = (0.1, 0.3, 0.6)
# There are very few pages and refunds, and much that should follow from each.
VERY_FEW = (0.3, 0.6, 0.9)
# There are dozens of statements in a step.
EACH_STATEMENT = (0.0001, 0.0005, 0.002)

KINDS: Mapping[str, tuple[float, ...]] = {
    "crash at a statement": EACH_STATEMENT,
    "crash before commit": SELDOM,
    "crash after commit": SELDOM,
    "crash before a send": SELDOM,
    "crash after a send": SELDOM,
    "crash before an errand": OFTEN,
    "crash after an errand": OFTEN,
    "database error": EACH_STATEMENT,
    "commit failed": SELDOM,
    "commit lost": SELDOM,
    "delivered twice": OFTEN,
    "delivered late": OFTEN,
    "platform 5xx": OFTEN,
    "platform answer lost": OFTEN,
    "platform 429": OFTEN,
    "platform refuses": SELDOM,
    "form opened too late": ALMOST_ALWAYS,
    "profile unknown": ALMOST_ALWAYS,
    "platform breaks off": ALMOST_ALWAYS,
    "file gone": ALMOST_ALWAYS,
    "errand without answer": ALMOST_ALWAYS,
    "errand answer lost": ALMOST_ALWAYS,
    "errand breaks off": ALMOST_ALWAYS,
    "webhook lost": ALMOST_ALWAYS,
    "bank answers another sum": ALMOST_ALWAYS,
    "bank makes no page": VERY_FEW,
    "bank refunds not": VERY_FEW,
    "bank refuses": ALMOST_ALWAYS,
    "bank refuses at once": ALMOST_ALWAYS,
    "bank contradicts itself": ALMOST_ALWAYS,
    "outage of days": ALMOST_ALWAYS,
    "clock set back": ALMOST_ALWAYS,
    "worker paused": ALMOST_ALWAYS,
}
# What may strike where.
POINTS: Mapping[str, tuple[str, ...]] = {
    "statement": ("crash at a statement", "database error"),
    "before commit": ("crash before commit", "commit failed"),
    "after commit": ("crash after commit", "commit lost"),
    "before send": ("crash before a send",),
    "after send": ("crash after a send",),
    "before errand": ("crash before an errand",),
    "after errand": ("crash after an errand",),
}
# A step that passes more points than this goes round in a circle.
POINTS_A_STEP_MAX = 50_000
SIGN = "injected"


class Crash(BaseException):
    """The process is gone: nobody catches it."""


class Broken(BaseException):
    """Something that must always be true is not. `rule` is its number in the list of invariants, or a word."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(f"{rule}: {what}")
        self.rule = rule
        self.what = what


class Injected(Exception):
    """What breaks off at a platform or a provider."""


def is_injected(error: BaseException | None) -> bool:
    while error is not None:
        if SIGN in str(error) or isinstance(error, Injected | Crash):
            return True
        error = error.__cause__ or error.__context__
    return False


def described(error: BaseException) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({where.filename.rsplit('/', 1)[-1]}:{where.lineno} {where.name})"


@dataclass
class Faults:
    rates: Mapping[str, float]
    dice: Random
    database_error: type[Exception]
    counts: Counter[str] = field(default_factory=Counter)
    passed: int = 0
    off: bool = False

    def strikes(self, kind: str) -> bool:
        rate = self.rates[kind]
        if self.off or not rate or self.dice.random() >= rate:
            return False
        self.counts[kind] += 1
        return True

    def point(self, name: str) -> None:
        """Between any two steps: here the process may end, or the database fail."""
        if self.off:
            return
        self.passed += 1
        if self.passed > POINTS_A_STEP_MAX:
            raise Broken("LV1", "a step does not come to an end")
        for kind in POINTS[name]:
            if self.rates[kind] and self.strikes(kind):
                raise Crash(kind) if kind.startswith("crash") else self.database_error(f"{SIGN}: {kind}")

    @contextmanager
    def unseen(self) -> Iterator[None]:
        """While the simulator itself looks into the database."""
        before, self.off = self.off, True
        try:
            yield
        finally:
            self.off = before


def drawn(dice: Random) -> dict[str, float]:
    """Half of the kinds are away, so that no fault hides behind another."""
    return {kind: dice.choice(rates) if dice.random() < 0.5 else 0.0 for kind, rates in KINDS.items()}
