"""The report: what was done to the product, how far it got, how soon it went on, and what went wrong."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from chaos import faces
from chaos.journal import entries
from chaos.plan import Plan

AFTER_WORKER_SECONDS = 3
AFTER_DATABASE_SECONDS = 10
# The long form does at least this much, or it has shown nothing.
LONG_SECONDS = 600
LONG = {"worker_killed": 2_500, "database_killed": 15, "payouts_paid": 50_000}
TAKEN_OVER = text("SELECT count(*) FROM chaos_takeovers")


@dataclass
class Report:
    seconds: float
    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    figures: dict[str, float] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    violations_count: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "seconds": self.seconds,
            "seed": self.seed,
            **self.figures,
            "faults": dict(sorted(self.faults.items())),
            "violations": self.violations_count,
            "first_violations": self.violations,
        }


def counted(plan: Plan, chats: faces.Chats, connection: Connection) -> dict[str, float]:
    """From the journals: they know what the product cannot."""
    bank = Counter(entry["kind"] for entry in entries(plan.journal("bank")))
    people = Counter(entry["kind"] for entry in entries(plan.journal("said")))
    seen = list(entries(plan.journal("platforms")))
    kinds = Counter(entry["kind"] for entry in seen)
    return {
        "payouts_due": plan.payouts,
        "payouts_paid": bank["paid"],
        "bank_answers_lost": bank["answer_lost"],
        "events_taken": people["taken"],
        "events_delivered": people["answered"],
        "messages_shown": kinds["shown"],
        "refused_by_platforms": kinds["refused"],
        "answers_of_platforms_lost": sum(1 for e in seen if e["kind"] == "shown" and e["fault"]),
        "line_repeats_recognised": kinds["known"],
        "asked_too_early": kinds["early"],
        **{f"seen_again_on_{platform}": times for platform, times in faces.seen_again(chats).items()},
        "leases_taken_over": int(connection.scalar(TAKEN_OVER) or 0),
        **liveness(plan),
        **backlog(plan),
    }


def backlog(plan: Plan) -> dict[str, float]:
    """How much waited at most, and how long it took to work it off when the faults had stopped."""
    calm = next((e["at"] for e in entries(plan.journal("faults")) if e["kind"] == "calm"), 0)
    looks = [e for e in entries(plan.journal("watch")) if e["kind"] == "waiting"]
    busy = [e["at"] for e in looks if waits(e)]
    return {
        "backlog_max": max((waits(e) for e in looks), default=0),
        "drained_after_seconds": round(max(busy[-1] - calm, 0), 2) if busy else 0,
    }


def waits(look: dict[str, Any]) -> int:
    return int(look["events"] + look["messages"] + look["errands"] + look["timers"])


def left(look: dict[str, Any]) -> int:
    """And all that is still to come of it: a timer becomes an errand, that a webhook, and that up to four messages.
    Whatever is done makes it less."""
    timers, errands, events = look["timers"] + look["to_come"], look["errands"], look["events"]
    return int(10 * timers + 7 * errands + 5 * events + look["messages"] + look["unconfirmed"])


def liveness(plan: Plan) -> dict[str, float]:
    """How soon after a death something happened outside again, while there was work."""
    faults = list(entries(plan.journal("faults")))
    progress = [e["at"] for e in entries(plan.journal("bank")) if e["kind"] == "paid"]
    progress += [e["at"] for e in entries(plan.journal("platforms")) if e["kind"] == "shown"]
    progress.sort()
    looks = [(e["at"], waits(e)) for e in entries(plan.journal("watch")) if e["kind"] == "waiting"]
    down = [e["at"] for e in faults if e["kind"] == "database_killed"]
    back = [e["at"] for e in faults if e["kind"] == "database_back"]
    of_workers = [
        gap
        for e in faults
        if e["kind"] == "worker_killed"
        and (gap := until_next(progress, looks, e["at"])) is not None
        and not away(down, back, e["at"], e["at"] + gap)
    ]
    of_database = [gap for at in back if (gap := until_next(progress, looks, at)) is not None]
    return {
        "went_on_after_worker_seconds": round(max(of_workers, default=0), 2),
        "went_on_after_database_seconds": round(max(of_database, default=0), 2),
    }


def until_next(progress: Sequence[float], looks: Sequence[tuple[float, int]], at: float) -> float | None:
    """None where nothing waited."""
    last = bisect_right(looks, (at, 1 << 60)) - 1
    if last < 0 or not looks[last][1]:
        return None
    found = bisect_right(progress, at)
    return progress[found] - at if found < len(progress) else None


def away(down: Sequence[float], back: Sequence[float], start: float, end: float) -> bool:
    """Whether the database was away, or just coming back, in between."""
    return any(gone < end and start < again for gone, again in zip(down, back, strict=False))


def too_late(figures: dict[str, float]) -> list[tuple[str, str]]:
    limits = {"worker": AFTER_WORKER_SECONDS, "database": AFTER_DATABASE_SECONDS}
    return [
        ("F1" if who == "worker" else "F4", f"work stood still for {seconds} s after a {who}'s death, not {most}")
        for who, most in limits.items()
        if (seconds := figures[f"went_on_after_{who}_seconds"]) > most
    ]


def not_reached(told: Report) -> list[tuple[str, str]]:
    if told.seconds < LONG_SECONDS:
        return []
    reached = {**told.figures, **told.faults}
    return [
        ("not reached", f"{reached.get(name, 0):,} {name.replace('_', ' ')} of {least:,}")
        for name, least in LONG.items()
        if reached.get(name, 0) < least
    ]
