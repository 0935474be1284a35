"""`arigato chaos`: sets the scene, lets the monkey in, waits until everything has come to rest, and asks the judge."""

import math
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine

import app
import errands
import scheduler
from batches import Hands
from chaos import faces, judge, payees, plan, report, watch
from chaos.cluster import Cluster, cluster
from chaos.dying import listening
from chaos.journal import Journal, Tail
from chaos.monkey import Monkey
from chaos.nursery import Nursery, furnished
from chaos.plan import Plan, Refused
from chaos.report import Report
from house import House
from settings import variable
from storage.check import check

PAYOUTS_A_SECOND = 20  # so few that a run on every change is soon over
TALKERS = 24
DUE_WITHIN = 0.85  # of the time of the faults
LEAD_SECONDS = 1
START_SECONDS = 30
POLL_SECONDS = 0.05
AT_REST_SECONDS = 1.5
STUCK_SECONDS = 60
FIRST_OF_A_KIND = 3


def run(seconds: float, seed: int, payouts: int, without: str, out: Console, err: Console) -> Report:
    """The whole run. Raises Refused or NoCluster, in one sentence, if it cannot be."""
    refuse_another_database()
    with listening(), folder() as place:
        wanted = (
            report.LONG["payouts_paid"] if seconds >= report.LONG_SECONDS else max(1, int(seconds * PAYOUTS_A_SECOND))
        )
        drawn = plan.drawn_up(seconds, seed, payouts or wanted, TALKERS, place, without)
        with cluster(place) as own:
            house = furnished(drawn, app.build(plan.settings_of(drawn, own.url)))
            told = played(drawn, own, house, err)
    say(told, out)
    return told


def refuse_another_database() -> None:
    named = variable("database_url")
    if named in os.environ:
        raise Refused(
            f"{named} names a database, and chaos kills the one it runs on. It makes one of its own and touches no "
            f"other: run it without {named}."
        )


@contextmanager
def folder() -> Iterator[Path]:
    """Gone afterwards, whatever happens; PostgreSQL, which is another user, may pass through."""
    made = Path(tempfile.mkdtemp(prefix="arigato-chaos-"))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def played(drawn: Plan, own: Cluster, house: House, err: Console) -> Report:
    nursery = Nursery(drawn, house)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, auto_refresh=False, transient=True) as progress:
        task = progress.add_task("seeding", total=drawn.seconds)
        try:
            first = prepare(drawn, nursery, house)
            monkey = Monkey(nursery, own, Journal(drawn.journal("faults")), random.Random(drawn.seed))
            monkey.fill()
            payees.fall_due(house.database, first, drawn.payouts, LEAD_SECONDS, drawn.seconds * DUE_WITHIN)
            house.database.dispose()
            shown = Shown(drawn, monkey, progress, task)
            monkey.rage(drawn.seconds, shown.look)
            monkey.calm()
            drain(monkey, shown)
        finally:
            nursery.clear()
    return concluded(drawn, first, monkey, house.database)


def prepare(drawn: Plan, nursery: Nursery, house: House) -> int:
    """Everything there but those who will be killed. The first payee's user id."""
    nursery.outside = [nursery.fork(role) for role in ("bank", "platforms")]
    first = payees.plant(house.database, drawn.payouts)
    with house.database.connect() as connection:
        wrong = check(connection, house.settings.audit_key)
    assert not wrong, f"the seed is sound: {wrong[0]}"
    watch.post_witness(house.database)
    for url in (drawn.bank_url, drawn.platforms_url):
        wait_for(url)
    warm_up(house)
    nursery.fork("watch")
    return first


def wait_for(url: str) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at:
        try:
            httpx2.get(url, timeout=1, trust_env=False)
        except httpx2.HTTPError:
            time.sleep(POLL_SECONDS)
        else:
            return
    raise TimeoutError(f"nobody at {url}")


def warm_up(house: House) -> None:
    """What is prepared once in the parent, each of its thousands of children has: statements, templates, models."""
    with ThreadPoolExecutor(1) as pool:
        scheduler.ring(house)
        errands.work_operations(house, Hands(pool, 1))
        errands.send_all(house, "line", Hands(pool, 1))
    for bot in house.bots.values():
        bot.close()


class Shown:
    """The line that is seen while it runs, from the journals' newest lines."""

    def __init__(self, drawn: Plan, monkey: Monkey, progress: Progress, task: TaskID) -> None:
        self.monkey = monkey
        self.progress = progress
        self.task = task
        self.begun = time.monotonic()
        self.next_at = 0.0
        self.watched = Tail(drawn.journal("watch"))
        self.paid = Tail(drawn.journal("bank"))
        self.payouts = 0
        self.waiting: dict[str, Any] = {}

    def look(self) -> None:
        now = time.monotonic()
        if now < self.next_at:
            return
        self.next_at = now + 0.25
        self.payouts += sum(1 for entry in self.paid.fresh() if entry["kind"] == "paid")
        for entry in self.watched.fresh():
            self.waiting = entry if entry["kind"] == "waiting" else self.waiting
        counts = self.monkey.counts
        kills = f"{counts['worker_killed']:,} workers, {counts['database_killed']} databases killed"
        backlog = report.waits(self.waiting) if self.waiting else 0
        words = f"{kills} · {self.payouts:,} paid · {backlog:,} waiting"
        self.progress.update(self.task, completed=now - self.begun, description=words, refresh=True)


def drain(monkey: Monkey, shown: Shown) -> None:
    """Until nothing waits any more, or it does not get less: then the judge finds what still waits."""
    for pid in monkey.nursery.outside:
        os.kill(pid, signal.SIGUSR1)
    rest_since = moved_at = time.monotonic()
    least = math.inf
    while time.monotonic() - moved_at < STUCK_SECONDS and time.monotonic() - rest_since < AT_REST_SECONDS:
        monkey.turn()
        shown.look()
        left = report.left(shown.waiting) if shown.waiting else math.inf
        if left < least:
            least, moved_at = left, time.monotonic()
        if left:
            rest_since = time.monotonic()


def concluded(drawn: Plan, first: int, monkey: Monkey, database: Engine) -> Report:
    told = Report(drawn.seconds, drawn.seed, monkey.counts)
    with database.connect() as connection:
        # The judge thinks between two questions, for longer than a worker may stand still.
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 0")
        chats = faces.read(connection)
        found = list(judge.judged(drawn, first, chats, connection))
        told.figures = report.counted(drawn, chats, connection)
    found += report.too_late(told.figures)
    found += report.not_reached(told)
    told.violations_count, told.violations = judge.in_short(iter(found), FIRST_OF_A_KIND)
    database.dispose()
    return told


def say(told: Report, out: Console) -> None:
    for name, figure in {**told.faults, **told.figures}.items():
        out.print(f"{name.replace('_', ' '):34}{figure:>12,}", highlight=False)
    for violation in told.violations:
        out.print(f"[bold red]✗[/] {violation}", highlight=False)
    if told.violations_count:
        out.print(f"[bold red]✗[/] {told.violations_count:,} violations")
    else:
        out.print("[green]✓[/] no violation")
