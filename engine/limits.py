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
}
MESSAGES = LIMITS["messages"]
