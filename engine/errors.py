"""Refusals: a rule said no. Each is a plain fact; its words stand in the templates under its stem.

Not frozen, unlike all other data: Python itself writes the traceback into an exception on its way."""

from dataclasses import dataclass
from datetime import datetime


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
class OtherGone(Refused):
    """Nothing is said of or to somebody who has left."""


@dataclass(unsafe_hash=True)
class ErasureDeferred(Refused):
    """An operator looks into something: it is kept until that is decided."""


@dataclass(unsafe_hash=True)
class DealsOpen(Refused):
    """A member leaves when the last contract has ended."""

    number: int


@dataclass(unsafe_hash=True)
class MoneyOpen(Refused):
    """A member leaves when all their money has reached them."""

    amount: int


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
class CodeExpired(Refused):
    minutes: int


@dataclass(unsafe_hash=True)
class CodeUsed(Refused):
    """It is good for one use."""


@dataclass(unsafe_hash=True)
class OwnCode(Refused):
    """A code is for the other messenger."""


@dataclass(unsafe_hash=True)
class TooManyCodes(Refused):
    """Wrong codes by one person, within `hours`."""

    limit: int
    hours: int


@dataclass(unsafe_hash=True)
class CodesPaused(Refused):
    """Too many wrong codes by everybody together, within an hour."""


@dataclass(unsafe_hash=True)
class OperatorsStayApart(Refused):
    """An operator's rights are those of one address."""


@dataclass(unsafe_hash=True)
class HasBusiness(Refused):
    """Two accounts with a history are not made one."""


@dataclass(unsafe_hash=True)
class HasOtherAddresses(Refused):
    """Of an account with several messengers no single one is taken along."""


@dataclass(unsafe_hash=True)
class ConfirmWhereAsked(Refused):
    """The code was made for one account and one messenger of it."""


@dataclass(unsafe_hash=True)
class UnlinkTooSoon(Refused):
    """As long as a new messenger is being looked at, nobody can take the older one away."""

    until: datetime


@dataclass(unsafe_hash=True)
class LastAddress(Refused):
    """While something is open, a way to reach the person stays."""


@dataclass(unsafe_hash=True)
class NotYourself(Refused):
    """An operator does not decide his own case; nobody thanks himself."""


@dataclass(unsafe_hash=True)
class NeedsAnother(Refused):
    """Above the limit two operators decide, and this one has had their say."""

    hours: int


@dataclass(unsafe_hash=True)
class NoLongerValid(Refused):
    """The button was about what has moved on since."""

    noun: str
    stage: str


@dataclass(unsafe_hash=True)
class TooManyToday(Refused):
    """More of this noun in a day than the limit (engine/limits.py)."""

    limit: int
    noun: str


@dataclass(unsafe_hash=True)
class FundFirst(Refused):
    """So many may wait for the client's money at once."""

    limit: int


@dataclass(unsafe_hash=True)
class TooManyUnpaid(Refused):
    """Hired, agreed to and never paid, so often within `days`."""

    limit: int
    days: int


@dataclass(unsafe_hash=True)
class SameWords(BadAnswer):
    """The same text was sent to others already."""


@dataclass(unsafe_hash=True)
class TooManyLinks(BadAnswer):
    limit: int


@dataclass(unsafe_hash=True)
class ContactTooEarly(BadAnswer):
    """Numbers, addresses and deals outside wait until the money is held."""
