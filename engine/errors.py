"""Refusals: a rule said no. Each is a plain fact; its words stand in the templates under its stem."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refused(Exception):
    """The one thing talk.py catches."""


@dataclass(frozen=True)
class BadAnswer(Refused):
    """One of the answers cannot be taken; with another one the same wish may be granted."""


@dataclass(frozen=True)
class NotFound(Refused):
    """Also said of what exists but is not yours, so that nothing is learned by asking."""


@dataclass(frozen=True)
class NotNow(Refused):
    """The move is not in the table from this stage."""

    noun: str
    move: str
    stage: str


@dataclass(frozen=True)
class NotYourTurn(Refused):
    noun: str
    move: str


@dataclass(frozen=True)
class OnlyOperators(Refused):
    pass


@dataclass(frozen=True)
class Suspended(Refused):
    """The person may look, but not act."""


@dataclass(frozen=True)
class OtherSuspended(Refused):
    """Nothing new begins with somebody who may not act."""


@dataclass(frozen=True)
class PriceOutOfRange(BadAnswer):
    lowest: int
    highest: int


@dataclass(frozen=True)
class DueInThePast(BadAnswer):
    pass


@dataclass(frozen=True)
class DuePassed(Refused):
    """A contract cannot begin after the day its work was due."""


@dataclass(frozen=True)
class TooLong(BadAnswer):
    limit: int


@dataclass(frozen=True)
class Empty(BadAnswer):
    pass


@dataclass(frozen=True)
class OwnJob(Refused):
    """Nobody works for himself."""


@dataclass(frozen=True)
class AlreadyApplied(Refused):
    pass


@dataclass(frozen=True)
class TooManyApplications(Refused):
    limit: int


@dataclass(frozen=True)
class AlreadyAgreed(Refused):
    pass


@dataclass(frozen=True)
class TermsChanged(Refused):
    """What was agreed to is not the version on the table."""


@dataclass(frozen=True)
class NoRoundsLeft(Refused):
    limit: int


@dataclass(frozen=True)
class AlreadyExtended(Refused):
    pass


@dataclass(frozen=True)
class AlreadyReviewed(Refused):
    pass


@dataclass(frozen=True)
class ReviewWindowClosed(Refused):
    days: int


@dataclass(frozen=True)
class StarsOutOfRange(BadAnswer):
    pass


@dataclass(frozen=True)
class AlreadyThanked(Refused):
    """One press per giver, receiver and day."""


@dataclass(frozen=True)
class TipOutOfRange(BadAnswer):
    lowest: int
    highest: int


@dataclass(frozen=True)
class TipTooEarly(Refused):
    """A tip follows acceptance, never precedes it."""


@dataclass(frozen=True)
class NotYourself(Refused):
    """An operator does not decide his own case; nobody thanks himself."""
