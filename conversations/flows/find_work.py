"""仕事をさがす: the board, five jobs at a time, each with what it would bring."""

from conversations.flow import Begin, Entry, Flowing, Show, Start, look
from conversations.queries import OpenJobs
from engine import money
from engine.jobs import Job

PAGE = 5


def entry(job: Job) -> Entry:
    facts = {"job": job, "share": money.breakdown(job.price, withholds=False)}
    args = {"job_id": job.id}
    return Entry("entry", facts, (Start("apply", args, "primary"), Start("view", args)))


def find_work(begin: Begin) -> Flowing:
    offset = begin.args.get("offset", 0)
    found = yield from look(OpenJobs(begin.user_id, PAGE + 1, offset))
    if not found:
        return Show("none", starts=(Start("post_job"), Start("mine")))
    more = (Start("find_work", {"offset": offset + PAGE}, words="more"),) if len(found) > PAGE else ()
    entries = tuple(entry(job) for job in found[:PAGE])
    return Show("board", {"first": offset + 1, "last": offset + len(entries)}, entries, (*more, Start("home")))
