"""Operators and jobs: what waits, one job with its history, hold, publish, reject."""

from conversations.flow import Begin, Entry, Flowing, Show, Start, Steps, look
from conversations.queries import HistoryOf, Queue
from conversations.subjects import reason, subject
from engine.jobs import HoldJob, Job, PublishJob, RejectJob
from engine.lifecycle import Role

QUEUE_SHOWN = 5
STEPS_SHOWN = 10


def offers(job: Job, operator_id: int) -> tuple[Start, ...]:
    """The moves open to this operator; nobody decides about a job of their own."""
    if job.client_id == operator_id:
        return ()
    names = job.lifecycle.open_to(job.stage, Role.OPERATOR)
    return tuple(Start(name, {"job_id": job.id}, "primary" if name == "publish" else "") for name in names)


def queue(begin: Begin) -> Flowing:
    found = yield from look(Queue(QUEUE_SHOWN + 1))
    if not found:
        return Show("empty", starts=(Start("figures"),))
    entries = tuple(
        Entry("entry", {"job": job}, (*offers(job, begin.user_id), Start("job", {"job_id": job.id})))
        for job in found[:QUEUE_SHOWN]
    )
    more = len(found) > QUEUE_SHOWN
    return Show("list", {"count": len(entries), "more": more}, entries, (Start("figures"),), about="queue")


def job(begin: Begin) -> Flowing:
    found = yield from subject(begin, Job)
    history = yield from look(HistoryOf(Job.noun, found.id))
    entries = tuple(Entry("step", {"step": step}) for step in history[-STEPS_SHOWN:])
    starts = (*offers(found, begin.user_id), Start("user", {"user_id": found.client_id}))
    return Show("shown", {"job": found}, entries, starts, about=f"job:{found.id}")


def moderated(begin: Begin, move: str) -> Steps[Job]:
    """A job the move can be made of now; else it is refused before a reason is asked."""
    found = yield from subject(begin, Job)
    found.lifecycle.find(move, found.stage, Role.OPERATOR)
    return found


def hold(begin: Begin) -> Flowing:
    found = yield from moderated(begin, "hold")
    why = begin.args.get("rest") or (yield from reason(job=found))
    return HoldJob(by=begin.user_id, job_id=found.id, reason=why)


def publish(begin: Begin) -> Flowing:
    found = yield from moderated(begin, "publish")
    return PublishJob(by=begin.user_id, job_id=found.id)


def reject(begin: Begin) -> Flowing:
    found = yield from moderated(begin, "reject")
    why = begin.args.get("rest") or (yield from reason(job=found))
    return RejectJob(by=begin.user_id, job_id=found.id, reason=why)
