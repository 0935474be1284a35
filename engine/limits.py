"""Limits: how much one person may do in how long. One table; whoever counts, counts against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

NEW_ACCOUNT = timedelta(days=7)


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
    "jobs_a_day": Limit(20, timedelta(days=1), "each that is held is told to every operator"),
    "hires": Limit(20, timedelta(days=1), "each asks two people, and the payment provider for a page"),
    "thanks": Limit(20, timedelta(days=1), "each is told to somebody, and a tip asks the payment provider for a page"),
    "pages": Limit(20, timedelta(days=1), "each asks the payment provider once more for what it has refused"),
    "questions": Limit(5, timedelta(days=1), "each is told to every operator"),
    "first_unfunded": Limit(1, NEW_ACCOUNT, "in the first week: whoever has never paid asks one worker to wait"),
    "unfunded": Limit(5, timedelta(days=3), "workers wait so long for the money, and take no other work meanwhile"),
    "unpaid": Limit(3, timedelta(days=30), "who has agreed and not paid so often does not mean to pay"),
    "same_words": Limit(3, timedelta(days=1), "what is said to everybody is said to nobody"),
    "same_words_by_others": Limit(5, timedelta(days=1), "many accounts with one text are one sender"),
    "jobs": Limit(5, timedelta(hours=1), "nobody writes a good job in less than ten minutes; the rest is looked at"),
    "applications": Limit(30, timedelta(days=1), "three times the ten that may be open at once"),
    "first_applications": Limit(10, timedelta(days=1), "in the first week: a thousand new accounts take less"),
}
MESSAGES = LIMITS["messages"]
# So long are fingerprints of what was written looked back at, by whatever limit.
SAYINGS_WITHIN = max(LIMITS[name].within for name in ("same_words", "same_words_by_others", "questions"))

# How often something may be refused within the time before operators are told of it. Honest people press old buttons
# and mistype numbers; nobody but us has our secrets, so the doors refuse hardly anybody by mistake.
ALARM_WITHIN = timedelta(hours=1)
ALARM_AGAIN = 10  # times as many within it are another matter than what was told of
# What was not refused but could not be done: of most of that each is one too many.
GIVEN_UP, PARKED, BOOKS_UNREAD = "given_up", "parked", "books_unread"
NOT_DONE = (GIVEN_UP, PARKED, BOOKS_UNREAD)
ALARMS: Mapping[str, int] = {
    GIVEN_UP: 0,
    PARKED: 0,
    BOOKS_UNREAD: 2,  # three looks in vain; of one clock half an hour, sooner if several or a webhook ask
    "handle_used": 200,
    "handle_stale": 200,
    "no_such_door": 200,
    "not_found": 50,
    "only_operators": 20,
    "code_wrong": 10,
    "too_many_codes": 10,
    "handle_unknown": 50,
}
ALARM_ELSE = 100


def alarm(reason: str) -> int:
    return ALARMS.get(reason, ALARM_ELSE)
