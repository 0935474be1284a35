"""応募: a worker's own price and words, with what would be left of it."""

from collections.abc import Mapping
from typing import Any

from conversations.flow import Begin, Flowing, Question, fill, look
from conversations.queries import ApplicationsOf, ById
from conversations.subjects import subject
from engine import money
from engine.applications import Apply
from engine.errors import AlreadyApplied, NotFound, NotNow, OwnJob
from engine.jobs import Job
from engine.users import User, both_active


def may_apply(job: Job, user_id: int) -> None:
    """Said before the questions rather than after them; the rule says it again."""
    if job.client_id == user_id:
        raise OwnJob
    if job.stage in ("held", "appealed", "rejected"):
        raise NotFound
    if job.stage != "open":
        raise NotNow("job", "apply", job.stage)


def apply(begin: Begin) -> Flowing:
    job = yield from subject(begin, Job)
    may_apply(job, begin.user_id)
    earlier = yield from look(ApplicationsOf(begin.user_id))
    if any(application.job_id == job.id for application in earlier):
        raise AlreadyApplied
    worker = yield from look(ById(User, begin.user_id))
    client = yield from look(ById(User, job.client_id))
    assert worker, "who speaks has joined"
    assert client, "a job has an author"
    both_active(worker, client)
    withholds = client.withholds

    def card(answers: Mapping[str, Any]) -> Mapping[str, object]:
        return {**answers, "job": job, "share": money.breakdown(answers["price"], withholds=withholds)}

    facts = {"job": job, "share": money.breakdown(job.price, withholds=withholds)}
    questions = (Question("price", "yen", facts), Question("words", "long_text", facts))
    # The job's own price is offered; the card shows it and can change it.
    known = begin.args.get("known", {"price": job.price})
    answers = yield from fill(questions, known, card, "apply.go")
    return Apply(by=begin.user_id, job_id=job.id, price=answers["price"], words=answers["words"])
