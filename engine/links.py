"""連携: a second messenger for one account, by a one-time code, confirmed on both sides."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from engine import codes, errors, moves
from engine.lifecycle import Role
from engine.ports import Command, Decision, Event, Staged, Thing
from engine.users import Address, User

CODE_MINUTES = 10  # for the code to be typed; and as much again for both to confirm
TRIES_MAX = 5  # wrong codes of one person
TRIES_HOURS = 24
TRIES_OF_ALL_MAX = 200  # wrong codes of everybody, an hour
PAYOUT_HOLD_HOURS = 24  # from any change of the messengers of an account
SECRET_BYTES = 16
LIVE = ("offered", "used", "asked")


@dataclass(frozen=True, kw_only=True)
class Link(Staged):
    """`user_id` asked from `address_id`; `other_id` used the code from `other_address_id`. Of the code only the hash is
    kept."""

    noun: ClassVar = "link"
    lifecycle: ClassVar = moves.LINK

    user_id: int
    address_id: int
    code_hash: str = ""
    open_until: datetime | None = None
    other_id: int = 0
    other_address_id: int = 0


@dataclass(frozen=True, kw_only=True)
class LinkTry(Thing):
    """One wrong code. `hour` is the full hour in which it was typed (UTC)."""

    noun: ClassVar = "link_try"
    user_id: int
    tried_at: datetime
    hour: datetime


@dataclass(frozen=True, kw_only=True)
class OfferLink(Command):
    pass


@dataclass(frozen=True, kw_only=True)
class UseCode(Command):
    code: str


@dataclass(frozen=True, kw_only=True)
class ConfirmLink(Command):
    link_id: int


@dataclass(frozen=True, kw_only=True)
class RefuseLink(Command):
    link_id: int


@dataclass(frozen=True, kw_only=True)
class LinkOffered(Event):
    """`code` is told once, and kept by nobody."""

    link: Link
    code: str


@dataclass(frozen=True, kw_only=True)
class CodeWrong(Event):
    """`left` tries until a day has passed."""

    user: User
    left: int


@dataclass(frozen=True, kw_only=True)
class CodeTaken(Event):
    link: Link


@dataclass(frozen=True, kw_only=True)
class LinkAsked(Event):
    """`address` is the one that wants in."""

    link: Link
    address: Address


@dataclass(frozen=True, kw_only=True)
class Linked(Event):
    """`until` then payouts wait."""

    link: Link
    address: Address
    until: datetime


@dataclass(frozen=True, kw_only=True)
class LinkRefused(Event):
    link: Link
    by: int


def held_until(link: Link) -> datetime:
    return link.since + timedelta(hours=PAYOUT_HOLD_HOURS)


def hashed(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def offer(earlier: tuple[Link, ...], link_id: int, address_id: int, random: bytes, now: datetime, by: int) -> Decision:
    """A new code; of those before none is good any more."""
    code = codes.secret(random)
    link = Link(id=link_id, since=now, user_id=by, address_id=address_id, code_hash=hashed(code))
    link = link.take("offer", by=Role.MEMBER, at=now, open_until=now + timedelta(minutes=CODE_MINUTES))
    replaced = tuple(each.take("replace", by=Role.MEMBER, at=now) for each in earlier if each.stage in LIVE)
    return Decision(events=(LinkOffered(link=link, code=codes.grouped(code)),), things=(link, *replaced))


def may_try(mine: tuple[LinkTry, ...], of_all: int, now: datetime) -> int:
    """How many wrong codes this person may still type. Refused TooManyCodes or CodesPaused."""
    lately = sum(now - each.tried_at < timedelta(hours=TRIES_HOURS) for each in mine)
    if lately >= TRIES_MAX:
        raise errors.TooManyCodes(TRIES_MAX, TRIES_HOURS)
    if of_all >= TRIES_OF_ALL_MAX:
        raise errors.CodesPaused
    return TRIES_MAX - lately


def wrong(user: User, left: int, try_id: int, now: datetime) -> Decision:
    tried = LinkTry(id=try_id, user_id=user.id, tried_at=now, hour=hour_of(now))
    return Decision(events=(CodeWrong(user=user, left=left - 1),), things=(tried,))


def use(link: Link, addresses: tuple[Address, ...], *, busy: bool, now: datetime, wanted: UseCode) -> Decision:
    """The code is used up. `busy`: whoever typed it has business of their own."""
    if link.user_id == wanted.by:
        raise errors.OwnCode
    if link.stage != "offered":
        raise errors.CodeUsed
    in_time(link, now)
    may_be_folded(addresses, busy=busy)
    until = now + timedelta(minutes=CODE_MINUTES)
    taken = link.take(
        "use", by=Role.MEMBER, at=now, other_id=wanted.by, other_address_id=addresses[0].id, open_until=until
    )
    return Decision(events=(CodeTaken(link=taken),), things=(taken,))


def in_time(link: Link, now: datetime) -> None:
    if link.open_until is None or now >= link.open_until:
        raise errors.CodeExpired(CODE_MINUTES)


def may_be_folded(addresses: tuple[Address, ...], *, busy: bool) -> None:
    if len(addresses) != 1:
        raise errors.HasOtherAddresses
    if busy:
        raise errors.HasBusiness


def turn(link: Link, by: int, move: str) -> None:
    """Refused NotFound to everyone but the two; NotYourTurn to the one who waits for the other."""
    if by not in (link.user_id, link.other_id):
        raise errors.NotFound
    link.lifecycle.find(move, link.stage, Role.MEMBER)
    if by != (link.user_id if link.stage == "asked" else link.other_id):
        raise errors.NotYourTurn("link", move)


def ask(link: Link, addresses: tuple[Address, ...], now: datetime, wanted: ConfirmLink) -> Decision:
    """The second messenger has said yes; now the first one is asked."""
    turn(link, wanted.by, "confirm")
    in_time(link, now)
    may_be_folded(addresses, busy=False)
    asked = link.take("confirm", by=Role.MEMBER, at=now)
    return Decision(events=(LinkAsked(link=asked, address=addresses[0]),), things=(asked,))


def confirm(
    link: Link,
    other: User,
    addresses: tuple[Address, ...],
    speaks_from: int,
    *,
    busy: bool,
    now: datetime,
    wanted: ConfirmLink,
) -> Decision:
    """The address changes hands: nothing of `other` is left but an ended user. Looked at anew: much can happen between
    two messages."""
    turn(link, wanted.by, "confirm")
    in_time(link, now)
    if speaks_from != link.address_id:
        raise errors.ConfirmWhereAsked
    if other.stage != "active":
        raise errors.OtherSuspended
    may_be_folded(addresses, busy=busy)
    linked = link.take("confirm", by=Role.MEMBER, at=now)
    folded = other.take("fold", by=Role.MEMBER, at=now)
    address = replace(addresses[0], user_id=link.user_id)
    told = Linked(link=linked, address=address, until=held_until(linked))
    return Decision(events=(told,), things=(linked, address, folded))


def refuse(link: Link, now: datetime, wanted: RefuseLink) -> Decision:
    """Either of the two may, whoever's turn it is."""
    if wanted.by not in (link.user_id, link.other_id):
        raise errors.NotFound
    refused = link.take("refuse", by=Role.MEMBER, at=now)
    return Decision(events=(LinkRefused(link=refused, by=wanted.by),), things=(refused,))
