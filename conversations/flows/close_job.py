"""募集を終える: nobody is hired; those who applied are told."""

from conversations.flow import Begin, Flowing, confirm
from conversations.subjects import subject
from engine.jobs import CloseJob, Job, own
from engine.lifecycle import Role


def close_job(begin: Begin) -> Flowing:
    job = own((yield from subject(begin, Job)), begin.user_id)
    job.lifecycle.find("close", job.stage, Role.CLIENT)
    yield from confirm("card", "close_job.go", "yes", job=job)
    return CloseJob(by=begin.user_id, job_id=job.id)
