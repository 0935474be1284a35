"""連携の解除: a messenger leaves an account, wished for or disowned; and how long payouts wait after such a change."""

from dataclasses import dataclass, replace
from datetime import datetime

from engine import errors, payouts
from engine.lifecycle import Role
from engine.links import Link, held_until
from engine.ports import Command, Decision, Event
from engine.users import Address, User


@dataclass(frozen=True, kw_only=True)
class DisownLink(Command):
    """それは私ではありません: said on either messenger."""

    link_id: int


@dataclass(frozen=True, kw_only=True)
class Unlink(Command):
    address_id: int


@dataclass(frozen=True, kw_only=True)
class ResumePayouts(Command):
    user_id: int


@dataclass(frozen=True, kw_only=True)
class LinkDisowned(Event):
    """`address` belongs to a user of its own again."""

    link: Link
    address: Address


@dataclass(frozen=True, kw_only=True)
class Unlinked(Event):
    link: Link
    address: Address
    until: datetime


@dataclass(frozen=True, kw_only=True)
class PayoutsResumed(Event):
    user: User
    operator_id: int


@dataclass(frozen=True)
class Hold:
    """Why payouts wait: `until` a moment, or, None, until an operator has looked."""

    until: datetime | None


def hold(links: tuple[Link, ...], now: datetime) -> Hold | None:
    """None: payouts go out. A change of an account's messengers makes them wait, a disowned one until it is checked."""
    if any(link.stage == "disowned" for link in links):
        return Hold(None)
    until = max((held_until(link) for link in links if link.stage in ("linked", "unlinked")), default=now)
    return Hold(until) if until > now else None


def own_again(address: Address, named: User, user_id: int, now: datetime) -> tuple[User, Address]:
    """The address with a new user of its own, who inherits nothing."""
    user = User(id=user_id, since=now, name=named.name, language=named.language)
    return user.take("join", by=Role.CLIENT, at=now), replace(address, user_id=user_id)


def disown(
    link: Link,
    addresses: tuple[Address, ...],
    others: tuple[User, ...],
    user_id: int,
    now: datetime,
    wanted: DisownLink,
) -> Decision:
    """`addresses` and `others`: the one that was linked, and who they were before; none while nobody is linked."""
    if link.user_id != wanted.by:
        raise errors.NotFound
    disowned = link.take("disown", by=Role.MEMBER, at=now)
    user, apart = own_again(addresses[0], others[0], user_id, now)
    return Decision(events=(LinkDisowned(link=disowned, address=apart),), things=(disowned, user, apart))


def unlink(
    me: User,
    mine: tuple[Address, ...],
    links: tuple[Link, ...],
    ids: tuple[int, int],
    *,
    open_business: bool,
    now: datetime,
    wanted: Unlink,
) -> Decision:
    address = next((each for each in mine if each.id == wanted.address_id), None)
    if address is None:
        raise errors.NotFound
    fresh = [held_until(each) for each in links if each.stage == "linked" and held_until(each) > now]
    if fresh:
        raise errors.UnlinkTooSoon(max(fresh))
    if len(mine) == 1 and open_business:
        raise errors.LastAddress
    linked = next((x for x in links if x.stage == "linked" and x.other_address_id == address.id), None)
    first = Link(id=ids[0], since=now, user_id=me.id, address_id=address.id, other_address_id=address.id)
    done = (linked or first).take("unlink" if linked else "unlink_first", by=Role.MEMBER, at=now)
    user, apart = own_again(address, me, ids[1], now)
    told = Unlinked(link=done, address=apart, until=held_until(done))
    return Decision(events=(told,), things=(done, user, apart))


def resume_payouts(user: User, links: tuple[Link, ...], balance: int, now: datetime, wanted: ResumePayouts) -> Decision:
    """An operator has looked: what waits goes out with the next run."""
    disowned = [link for link in links if link.stage == "disowned"]
    if not disowned:
        raise errors.NotNow("link", "resume_payouts", "")
    checked = tuple(link.take("resume_payouts", by=Role.OPERATOR, at=now) for link in disowned)
    told = PayoutsResumed(user=user, operator_id=wanted.by)
    timers = (payouts.due_at_next_run(user.id, now),) if balance else ()
    return Decision(events=(told,), things=checked, timers=timers)
