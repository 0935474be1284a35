"""Pacing: what somebody has done lately, held against the table of limits."""

from engine import errors
from engine.limits import LIMITS, NEW_ACCOUNT
from engine.ports import Facts
from engine.users import User


def posted_lately(facts: Facts, user_id: int) -> int:
    """Jobs by when they were posted, whatever has become of them since."""
    return facts.taken(user_id, "job", ("post", "post_doubtful"), facts.now - LIMITS["jobs"].within)


def may_apply(facts: Facts, worker: User) -> None:
    """Refused TooManyToday; who is new is held to less."""
    limit = LIMITS["first_applications" if facts.now - worker.since < NEW_ACCOUNT else "applications"]
    if facts.taken(worker.id, "application", ("apply",), facts.now - limit.within) >= limit.most:
        raise errors.TooManyToday(limit.most)
