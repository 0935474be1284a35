"""A user is a member of the marketplace; an address is an account of theirs on a messenger."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from engine import errors, moves, texts
from engine.lifecycle import Role
from engine.ports import Command, Decision, Event, Staged, Thing

NAME_MAX_CHARACTERS = 60


@dataclass(frozen=True, kw_only=True)
class User(Staged):
    noun: ClassVar = "user"
    lifecycle: ClassVar = moves.USER

    name: str
    language: str
    withholds: bool = False  # a business with the duty to withhold tax (源泉徴収)


@dataclass(frozen=True, kw_only=True)
class Address(Thing):
    """Who they are on a platform is (platform, tenant, outside_id), never the name."""

    noun: ClassVar = "address"
    user_id: int
    platform: str
    tenant: str
    outside_id: str
    blocked: bool = False  # the person blocked the bot: nothing can be sent


@dataclass(frozen=True, kw_only=True)
class Join(Command):
    """Somebody spoke to us for the first time."""

    platform: str
    tenant: str
    outside_id: str
    name: str
    language: str


@dataclass(frozen=True, kw_only=True)
class SetLanguage(Command):
    language: str


@dataclass(frozen=True, kw_only=True)
class AskHuman(Command):
    """人に相談: the operators are told what somebody needs."""

    words: str


@dataclass(frozen=True, kw_only=True)
class Suspend(Command):
    user_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Restore(Command):
    user_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Joined(Event):
    user: User


@dataclass(frozen=True, kw_only=True)
class LanguageSet(Event):
    user: User


@dataclass(frozen=True, kw_only=True)
class HumanAsked(Event):
    user: User
    words: str


@dataclass(frozen=True, kw_only=True)
class UserSuspended(Event):
    user: User
    operator_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class UserRestored(Event):
    user: User
    operator_id: int
    reason: str


def join(user_id: int, address_id: int, now: datetime, wanted: Join, *, banned: bool) -> Decision:
    name = wanted.name.strip()[:NAME_MAX_CHARACTERS] or "?"
    user = User(id=user_id, since=now, name=name, language=wanted.language)
    user = user.take("join_banned" if banned else "join", by=Role.CLIENT, at=now)
    address = Address(
        id=address_id,
        user_id=user_id,
        platform=wanted.platform,
        tenant=wanted.tenant,
        outside_id=wanted.outside_id,
    )
    return Decision(events=(Joined(user=user),), things=(user, address))


def set_language(user: User, wanted: SetLanguage) -> Decision:
    changed = replace(user, language=wanted.language)
    return Decision(events=(LanguageSet(user=changed),), things=(changed,))


def ask_human(user: User, wanted: AskHuman) -> Decision:
    words = texts.bounded(wanted.words, texts.WORDS_MAX_CHARACTERS)
    return Decision(events=(HumanAsked(user=user, words=words),))


def suspend(user: User, now: datetime, wanted: Suspend) -> Decision:
    if user.id == wanted.by:
        raise errors.NotYourself
    reason = texts.bounded(wanted.reason, texts.REASON_MAX_CHARACTERS)
    changed = user.take("suspend", by=Role.OPERATOR, at=now)
    return Decision(
        events=(UserSuspended(user=changed, operator_id=wanted.by, reason=reason),),
        things=(changed,),
    )


def restore(user: User, now: datetime, wanted: Restore) -> Decision:
    if user.id == wanted.by:
        raise errors.NotYourself
    reason = texts.bounded(wanted.reason, texts.REASON_MAX_CHARACTERS)
    changed = user.take("restore", by=Role.OPERATOR, at=now)
    return Decision(
        events=(UserRestored(user=changed, operator_id=wanted.by, reason=reason),),
        things=(changed,),
    )


def both_active(me: User, other: User) -> None:
    """Refused Suspended or OtherSuspended: before the two of them have a contract."""
    active(me)
    here(other)
    if other.stage == "suspended":
        raise errors.OtherSuspended


def here(other: User) -> None:
    """Refused OtherGone: nobody is there to be told."""
    if other.stage == "erased":
        raise errors.OtherGone


def active(user: User) -> User:
    """Refused Suspended: the person may look, but not act."""
    if user.stage == "suspended":
        raise errors.Suspended
    return user
