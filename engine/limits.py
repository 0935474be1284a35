"""Limits: how much one person may do in how long. One table; whoever counts, counts against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limit:
    """At most `most` of something `within` a time, because `why`."""

    most: int
    within: timedelta
    why: str


LIMITS: Mapping[str, Limit] = {
    "messages": Limit(
        60, timedelta(minutes=1), "Telegram lets a bot say one thing a second in a chat: faster cannot be answered"
    ),
    "jobs": Limit(5, timedelta(hours=1), "nobody writes a good job in less than ten minutes; the rest is looked at"),
    "applications": Limit(30, timedelta(days=1), "three times the ten that may be open at once"),
    "first_applications": Limit(10, timedelta(days=1), "in the first week: a thousand new accounts take less"),
}
NEW_ACCOUNT = timedelta(days=7)
MESSAGES = LIMITS["messages"]
