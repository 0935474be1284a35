"""メニュー and 進行中: what waits for me comes first, then the newest jobs, or everything under way."""

from datetime import datetime, timedelta

from conversations.flow import Begin, Entry, Flowing, Show, Start, Steps, look
from conversations.offers import board_entry, job_offers, offers
from conversations.queries import ApplicationsOf, Candidates, ContractsOf, JobsOf, OpenJobs
from engine.applications import Application
from engine.contracts import Contract
from engine.jobs import Job
from engine.ports import Staged

WAITING_SHOWN = 3
JOBS_SHOWN = 3
PAGE = 5
BUTTONS = 4


def deadline(thing: Staged) -> datetime | None:
    """When the clock moves it on if nobody does (UTC)."""
    times: list[datetime] = [
        getattr(thing, move.due) for move in thing.lifecycle.moves if move.due and thing.stage in move.sources
    ]
    return min(times, default=None)


def timed(thing: Staged, now: datetime) -> dict[str, object]:
    until = deadline(thing)
    left = max(until - now, timedelta(0)) if until else timedelta(0)
    return {"until": until, "days": left.days, "hours": left.seconds // 3600}


def of_contract(contract: Contract, begin: Begin) -> Entry:
    open_now = offers(contract, begin.user_id)
    role = contract.role_of(begin.user_id)
    facts = {"contract": contract, "role": role, "next": next_step(contract, role, open_now)}
    return Entry("mine.contract", {**facts, **timed(contract, begin.now)}, open_now[:BUTTONS])


def next_step(contract: Contract, role: str, open_now: tuple[Start, ...]) -> str:
    """The flow whose turn it is for me, else whom we wait for: a key of mine.j2's next_ blocks."""
    main = [start.flow for start in open_now if start.style == "primary"]
    return main[0] if main else f"wait_{contract.stage}_{role}"


def of_job(job: Job, candidates: int, begin: Begin) -> Entry:
    facts = {"job": job, "candidates": candidates, **timed(job, begin.now)}
    return Entry("mine.job", facts, job_offers(job, begin.user_id)[:BUTTONS])


def of_application(application: Application, begin: Begin) -> Entry:
    facts = {"application": application, **timed(application, begin.now)}
    return Entry("mine.application", facts, (Start("withdraw", {"application_id": application.id}),))


def under_way(begin: Begin) -> Steps[tuple[tuple[Entry, ...], int]]:
    """Everything of mine, what waits for me first, and how many of them do."""
    contracts = yield from look(ContractsOf(begin.user_id, live=True))
    jobs = yield from look(JobsOf(begin.user_id))
    applications = yield from look(ApplicationsOf(begin.user_id))
    waiting: list[Entry] = []
    others: list[Entry] = []
    for contract in contracts:
        entry = of_contract(contract, begin)
        (waiting if any(start.style == "primary" for start in entry.starts) else others).append(entry)
    for job in jobs:
        candidates = yield from look(Candidates(job.id))
        (waiting if candidates or job.stage in ("held", "rejected") else others).append(
            of_job(job, len(candidates), begin)
        )
    others += [of_application(application, begin) for application in applications]
    return (*waiting, *others), len(waiting)


def home(begin: Begin) -> Flowing:
    entries, waiting = yield from under_way(begin)
    menu = (Start("post_job", style="primary"), Start("find_work"), Start("mine"), Start("money"), Start("help"))
    fresh = yield from look(OpenJobs(begin.user_id, JOBS_SHOWN))
    shown = (*entries[: min(waiting, WAITING_SHOWN)], *map(board_entry, fresh))
    return Show("shown", {"waiting": waiting, "total": len(entries), "jobs": len(fresh)}, shown, menu)


def mine(begin: Begin) -> Flowing:
    offset = begin.args.get("offset", 0)
    entries, waiting = yield from under_way(begin)
    if not entries:
        return Show("none", starts=(Start("post_job", style="primary"), Start("find_work")))
    more = (Start("mine", {"offset": offset + PAGE}, words="more"),) if len(entries) > offset + PAGE else ()
    facts = {"waiting": waiting, "total": len(entries)}
    return Show("shown", facts, entries[offset : offset + PAGE], (*more, Start("why"), Start("home")))
