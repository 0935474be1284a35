"""The monkey: kills and stops processes and the database by the clock, and puts new ones in their place."""

import heapq
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from chaos.cluster import START_SECONDS, Cluster
from chaos.dying import end_if_told
from chaos.journal import Journal
from chaos.nursery import Nursery
from chaos.plan import WEBS, WORKERS

KILL_WORKER_EVERY = 0.2
STOP_WORKER_EVERY = 1.0
STOPPED_SECONDS = (1.0, 7.0)
LIVES_ON_SECONDS = 1.0  # how long who was stopped goes on before the end
KILL_CLOCK_EVERY = (1.0, 3.0)
KILL_WEB_EVERY = (4.0, 12.0)
KILL_DATABASE_EVERY = (5.0, 40.0)
DATABASE_DOWN_SECONDS = (0.0, 2.0)
LOOK_SECONDS = 0.02
BEHIND_SECONDS_MAX = 1.0

Act = Callable[[], None]


@dataclass
class Monkey:
    """One thread and no other: it forks. `soon` is what is to be done, and when."""

    nursery: Nursery
    cluster: Cluster
    journal: Journal
    dice: random.Random
    begun: float = field(default_factory=time.monotonic)
    workers: list[int] = field(default_factory=list)
    webs: list[int] = field(default_factory=list)
    stopped: set[int] = field(default_factory=set)
    clock: int = 0
    down: bool = False
    soon: list[tuple[float, int, Act]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    number: int = 0
    due: float = 0  # when what is being done now was to be done

    def fill(self) -> None:
        self.webs = [self.nursery.fork("web", number) for number in range(WEBS)]
        self.workers = [self.nursery.fork("worker") for _ in range(WORKERS)]
        self.clock = self.nursery.fork("clock")

    def after(self, seconds: float, act: Act) -> None:
        self.number += 1
        heapq.heappush(self.soon, (time.monotonic() + seconds, self.number, act))

    def every(self, seconds: float, act: Act) -> None:
        """Again so long after it was due, not after it was done: a busy machine saves nobody. What could not be done in
        time for a while is left out, else there would soon be time for nothing else."""
        self.number += 1
        at = max(self.due, time.monotonic() - BEHIND_SECONDS_MAX) + seconds
        heapq.heappush(self.soon, (at, self.number, act))

    def drawn(self, between: tuple[float, float]) -> float:
        return self.dice.uniform(*between)

    def note(self, kind: str, **what: object) -> None:
        self.counts[kind] += 1
        self.journal.note(kind, **what)

    def rage(self, seconds: float, look: Act) -> None:
        """For so long; `look` is called in between."""
        longest = max(KILL_DATABASE_EVERY[0], min(KILL_DATABASE_EVERY[1], seconds / 3))
        self.database_every = (KILL_DATABASE_EVERY[0], longest)
        self.after(KILL_WORKER_EVERY, self.kill_worker)
        self.after(STOP_WORKER_EVERY, self.stop_worker)
        self.after(self.drawn(KILL_CLOCK_EVERY), self.kill_clock)
        self.after(self.drawn(KILL_WEB_EVERY), self.kill_web)
        self.after(self.drawn(self.database_every), self.kill_database)
        give_up_at = time.monotonic() + seconds
        while time.monotonic() < give_up_at:
            self.turn()
            look()

    def turn(self) -> None:
        """At most one thing, the longest due."""
        end_if_told()
        if self.soon and self.soon[0][0] <= time.monotonic():
            self.due, _, act = heapq.heappop(self.soon)
            act()
        else:
            time.sleep(LOOK_SECONDS)
        self.look_after()

    def look_after(self) -> None:
        """Nobody ends by themselves."""
        pid, status = os.waitpid(-1, os.WNOHANG) if self.nursery.alive else (0, 0)
        if pid and pid in self.nursery.alive:
            self.nursery.alive.discard(pid)
            self.note("died", pid=pid, status=status)

    def calm(self) -> None:
        """No more faults; whoever is stopped goes on and comes to the same end as the others, and everything that was
        taken away is there."""
        self.soon.clear()
        for pid in self.stopped:
            self.wake(pid)
        if self.down:
            self.cluster.wait()
            self.note("database_back")
        self.journal.note("calm")

    # -- what it does

    def kill_worker(self) -> None:
        self.every(KILL_WORKER_EVERY, self.kill_worker)
        slot = self.dice.randrange(WORKERS)
        self.nursery.kill(self.workers[slot])
        self.note("worker_killed", pid=self.workers[slot])
        self.workers[slot] = self.nursery.fork("worker")

    def stop_worker(self) -> None:
        """It stands still with whatever it holds; another takes its place."""
        self.every(STOP_WORKER_EVERY, self.stop_worker)
        slot = self.dice.randrange(WORKERS)
        pid = self.workers[slot]
        os.kill(pid, signal.SIGSTOP)
        self.stopped.add(pid)
        seconds = self.drawn(STOPPED_SECONDS)
        self.note("worker_stopped", pid=pid, seconds=seconds)
        self.workers[slot] = self.nursery.fork("worker")
        self.after(seconds, lambda: self.wake(pid))

    def wake(self, pid: int) -> None:
        os.kill(pid, signal.SIGCONT)
        self.note("worker_woken", pid=pid)
        self.after(LIVES_ON_SECONDS, lambda: self.bury(pid))

    def bury(self, pid: int) -> None:
        self.stopped.discard(pid)
        self.nursery.kill(pid)

    def kill_clock(self) -> None:
        self.after(self.drawn(KILL_CLOCK_EVERY), self.kill_clock)
        self.nursery.kill(self.clock)
        self.note("clock_killed", pid=self.clock)
        self.clock = self.nursery.fork("clock")

    def kill_web(self) -> None:
        self.after(self.drawn(KILL_WEB_EVERY), self.kill_web)
        number = self.dice.randrange(WEBS)
        self.nursery.kill(self.webs[number])
        self.note("web_killed", pid=self.webs[number])
        self.webs[number] = self.nursery.fork("web", number)

    def kill_database(self) -> None:
        self.cluster.kill()
        self.note("database_killed")
        self.down = True
        down = self.drawn(DATABASE_DOWN_SECONDS)
        give_up_at = time.monotonic() + down + START_SECONDS
        self.after(down, lambda: self.bring_back(give_up_at))

    def bring_back(self, give_up_at: float) -> None:
        """Looks again and again: meanwhile the killing goes on."""
        if self.cluster.answers():
            self.down = False
            self.note("database_back")
            self.after(self.drawn(self.database_every), self.kill_database)
            return
        self.cluster.keep_up(give_up_at)
        self.after(LOOK_SECONDS, lambda: self.bring_back(give_up_at))
