"""仕事を見る: one job as its reader may see it. A deep link leads here."""

from conversations.flow import Begin, Flowing, Show, Start, look
from conversations.offers import job_offers
from conversations.queries import ById
from conversations.subjects import subject
from engine import money
from engine.errors import NotFound
from engine.jobs import Job
from engine.users import User

PUBLIC = ("open", "filled", "closed", "expired")


def seen_by(job: Job, user_id: int) -> Job:
    """What was never published is known to its author only."""
    if job.client_id != user_id and job.stage not in PUBLIC:
        raise NotFound
    return job


def view(begin: Begin) -> Flowing:
    job = seen_by((yield from subject(begin, Job)), begin.user_id)
    client = yield from look(ById(User, job.client_id))
    share = money.breakdown(job.price, withholds=bool(client and client.withholds))
    return Show("job", {"job": job, "share": share}, starts=(*job_offers(job, begin.user_id), Start("find_work")))
