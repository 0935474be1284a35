"""異議を申し立てる: a post that was held or rejected is looked at once more, with its author's reason."""

from conversations.flow import Begin, Flowing, ask
from conversations.subjects import subject
from engine.jobs import AppealJob, Job, own
from engine.lifecycle import Role


def appeal_job(begin: Begin) -> Flowing:
    job = own((yield from subject(begin, Job)), begin.user_id)
    job.lifecycle.find("appeal", job.stage, Role.CLIENT)
    reason = yield from ask("reason", "long_text", job=job)
    return AppealJob(by=begin.user_id, job_id=job.id, reason=reason)
