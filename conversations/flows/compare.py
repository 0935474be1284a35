"""応募を見る: who would do it, for how much, and what is known of their work; 採用 or 見送り for each."""

from conversations.flow import Begin, Entry, Flowing, Show, Start, confirm, look
from conversations.queries import Candidate, Candidates
from conversations.subjects import offered, subject
from engine.applications import DeclineApplication
from engine.jobs import Job, own

PAGE = 5


def entry(candidate: Candidate) -> Entry:
    args = {"application_id": candidate.application.id}
    facts = {"application": candidate.application, "record": candidate.record}
    return Entry("entry", facts, (Start("hire", args, "primary"), Start("decline", args)))


def compare(begin: Begin) -> Flowing:
    job = own((yield from subject(begin, Job)), begin.user_id)
    offset = begin.args.get("offset", 0)
    candidates = yield from look(Candidates(job.id))
    if not candidates:
        return Show("none", {"job": job}, starts=(Start("mine"),))
    page = candidates[offset : offset + PAGE]
    after = {"job_id": job.id, "offset": offset + PAGE}
    more = (Start("compare", after, words="more"),) if len(candidates) > offset + PAGE else ()
    entries = tuple(entry(candidate) for candidate in page)
    return Show("candidates", {"job": job, "count": len(candidates)}, entries, (*more, Start("mine")))


def decline(begin: Begin) -> Flowing:
    application = yield from offered(begin, "decline")
    yield from confirm("card", "decline.go", "yes", application=application)
    return DeclineApplication(by=begin.user_id, application_id=application.id)
