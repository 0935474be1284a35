"""Batches: several things done in one transaction, each as it would be done alone; where that fails, one by one."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import structlog

import logs
from house import House, world
from storage import database
from storage.store import Conflict, Store

log = structlog.get_logger()

T = TypeVar("T")

TRIES_MAX = 20  # a race that is lost every time is none: something in it cannot be kept
IN_TURN_EVERY = 8  # rounds: however many people say something, what nobody waits for gets done, too
# Somebody may be slow: who came back meanwhile is seen to, and what is new is begun.
WAIT_SECONDS = 0.25


def together(house: House, found: Sequence[T], act: Callable[[Store, Sequence[T]], int]) -> int:
    """How many were done. `act` turns the store to each one's own cause. One that cannot be done takes none of the
    others with it."""
    if len(found) > 1:
        try:
            with world(house, "batch") as store:
                database.wait_briefly(store.connection)
                return act(store, found)
        except Exception as error:
            if database.is_away(error):
                raise
            log.info("one by one", count=len(found), because=logs.kind(error))
    return sum(alone(house, each, act) for each in found)


def alone(house: House, each: T, act: Callable[[Store, Sequence[T]], int]) -> int:
    """However often another is first. 0 if it cannot be done."""
    for tries_left in reversed(range(TRIES_MAX)):
        try:
            with world(house, "alone") as store:
                return act(store, [each])
        except Exception as error:
            if database.is_away(error):
                raise
            if isinstance(error, Conflict) and tries_left:
                continue
            # The edge: whatever it was, it is logged once.
            log.exception("could not be done", what=repr(each))
            break
    return 0


@dataclass
class Hands(Generic[T]):
    """Those who carry things out side by side. What some are still at holds up none of the others: it is asked about
    again in the next round."""

    pool: Executor
    many: int
    busy: dict[Future[Any], T] = field(default_factory=dict)
    came_back: list[tuple[T, Any]] = field(default_factory=list)
    rounds: int = 0  # in which anything was taken

    @property
    def in_turn(self) -> bool:
        """Whether this round takes what has waited longest, else what somebody waits for."""
        return self.rounds % IN_TURN_EVERY == IN_TURN_EVERY - 1

    @property
    def free(self) -> int:
        """How many more they can be given. What is claimed is begun at once: a lease that runs while it waits is over
        when somebody else may have to ask anew, and knows nothing of a Retry-After that died with us."""
        return self.many - len(self.busy)

    @property
    def empty(self) -> bool:
        """Nothing is under way, and how everything went is written down."""
        return not self.busy and not self.came_back

    def take(self, found: Sequence[T], carry_out: Callable[[T], object]) -> None:
        self.rounds += bool(found)
        for each in found:
            self.busy[self.pool.submit(carry_out, each)] = each

    def back(self) -> Sequence[tuple[T, Any]]:
        """What has come back and is not written down yet, with what came of it; waits a moment for the first."""
        done = wait(self.busy, WAIT_SECONDS, FIRST_COMPLETED).done
        for future in [each for each in self.busy if each in done]:
            self.came_back.append((self.busy.pop(future), future.result()))
        return tuple(self.came_back)

    def written_down(self) -> None:
        """Only now is it let go of: while the database is away, nobody forgets how it went."""
        self.came_back.clear()
