"""Refusals: a rule said no. Each is a plain fact; its words stand in the templates under its stem.

Not frozen, unlike all other data: Python itself writes the traceback into an exception on its way."""

from dataclasses import dataclass


@dataclass(unsafe_hash=True)
class Refused(Exception):
    """The one thing talk.py catches."""


@dataclass(unsafe_hash=True)
class BadAnswer(Refused):
    """One of the answers cannot be taken; with another one the same wish may be granted."""


@dataclass(unsafe_hash=True)
class NotFound(Refused):
    """Also said of what exists but is not yours, so that nothing is learned by asking."""


@dataclass(unsafe_hash=True)
class NotNow(Refused):
    """The move is not in the table from this stage."""

    noun: str
    move: str
    stage: str


@dataclass(unsafe_hash=True)
class NotYourTurn(Refused):
    noun: str
    move: str


@dataclass(unsafe_hash=True)
class OnlyOperators(Refused):
    pass


@dataclass(unsafe_hash=True)
class Suspended(Refused):
    """The person may look, but not act."""


@dataclass(unsafe_hash=True)
class OtherSuspended(Refused):
    """Nothing new begins with somebody who may not act."""


@dataclass(unsafe_hash=True)
class PriceOutOfRange(BadAnswer):
    lowest: int
    highest: int


@dataclass(unsafe_hash=True)
class DueInThePast(BadAnswer):
    pass


@dataclass(unsafe_hash=True)
class DueTooFar(BadAnswer):
    """A slip of the pen; and beyond the calendar's last day no deadline can be counted."""

    days: int


@dataclass(unsafe_hash=True)
class DuePassed(Refused):
    """A contract cannot begin after the day its work was due."""


@dataclass(unsafe_hash=True)
class TooLong(BadAnswer):
    limit: int


@dataclass(unsafe_hash=True)
class Empty(BadAnswer):
    pass


@dataclass(unsafe_hash=True)
class OwnJob(Refused):
    """Nobody works for himself."""


@dataclass(unsafe_hash=True)
class AlreadyApplied(Refused):
    pass


@dataclass(unsafe_hash=True)
class TooManyApplications(Refused):
    limit: int


@dataclass(unsafe_hash=True)
class AlreadyAgreed(Refused):
    pass


@dataclass(unsafe_hash=True)
class TermsChanged(Refused):
    """What was agreed to is not the version on the table."""


@dataclass(unsafe_hash=True)
class NoRoundsLeft(Refused):
    limit: int


@dataclass(unsafe_hash=True)
class AlreadyExtended(Refused):
    pass


@dataclass(unsafe_hash=True)
class AlreadyReviewed(Refused):
    pass


@dataclass(unsafe_hash=True)
class ReviewWindowClosed(Refused):
    days: int


@dataclass(unsafe_hash=True)
class StarsOutOfRange(BadAnswer):
    pass


@dataclass(unsafe_hash=True)
class AlreadyThanked(Refused):
    """One press per giver, receiver and day."""


@dataclass(unsafe_hash=True)
class TipOutOfRange(BadAnswer):
    lowest: int
    highest: int


@dataclass(unsafe_hash=True)
class TipTooEarly(Refused):
    """A tip follows acceptance, never precedes it."""


@dataclass(unsafe_hash=True)
class NotYourself(Refused):
    """An operator does not decide his own case; nobody thanks himself."""
