"""Who is told of what happens to an account's messengers: more often than not, on all of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from conversations.flow import Start
from conversations.notice import Buttons, Notice
from conversations.ports import World
from conversations.queries import AddressesOf, Operators
from engine.links import CodeTaken, CodeWrong, LinkAsked, Linked, LinkOffered, LinkRefused
from engine.ports import Event
from engine.unlinking import LinkDisowned, PayoutsResumed, Unlinked
from engine.users import Address


def owner(event: Any, _: World) -> Iterable[int]:
    return (event.link.user_id,)


def other(event: Any, _: World) -> Iterable[int]:
    return (event.link.other_id,)


def both(event: Any, _: World) -> Iterable[int]:
    return (event.link.user_id, event.link.other_id)


def subject(event: Any, _: World) -> Iterable[int]:
    return (event.user.id,)


def apart(event: Any, _: World) -> Iterable[int]:
    """The user that the address belongs to from now on."""
    return (event.address.user_id,)


def operators(_: Any, world: World) -> Iterable[int]:
    return world.look(Operators())


def acting(event: Any, _: World) -> Iterable[int]:
    return (event.operator_id,)


def everywhere(_: Any, world: World, reader: int) -> Iterable[Address]:
    return (address for address in world.look(AddressesOf(reader)) if not address.blocked)


def where_asked(event: Any, world: World, reader: int) -> Iterable[Address]:
    return (address for address in world.look(AddressesOf(reader)) if address.id == event.link.address_id)


def of_link(*flows: str) -> Buttons:
    """The first is the main one."""
    return lambda event, _: tuple(
        Start(flow, {"link_id": event.link.id}, "" if number else "primary") for number, flow in enumerate(flows)
    )


def never_mine(event: Any, _: int) -> tuple[Start, ...]:
    return (Start("disown_link", {"link_id": event.link.id}),)


def look_into(event: Any, _: int) -> tuple[Start, ...]:
    about = {"user_id": event.link.user_id}
    return (Start("user", about), Start("resume_payouts", about))


def to_a_person(_: Any, __: int) -> tuple[Start, ...]:
    return (Start("human"),)


LINK_NOTICES: Mapping[type[Event], tuple[Notice, ...]] = {
    LinkOffered: (Notice(owner, "link.offered"),),
    CodeWrong: (Notice(subject, "use_code.wrong"),),
    CodeTaken: (Notice(other, "use_code.taken", of_link("confirm_link", "refuse_link")),),
    LinkAsked: (
        Notice(other, "confirm_link.waits"),
        Notice(owner, "confirm_link.asked", of_link("confirm_link", "refuse_link"), at=where_asked),
    ),
    Linked: (Notice(owner, "confirm_link.linked", never_mine, at=everywhere),),
    LinkRefused: (Notice(both, "refuse_link.refused"),),
    LinkDisowned: (
        Notice(owner, "disown_link.disowned", to_a_person, at=everywhere),
        Notice(apart, "disown_link.apart", to_a_person),
        Notice(operators, "disown_link.told", look_into),
    ),
    Unlinked: (
        Notice(owner, "unlink.unlinked", to_a_person, at=everywhere),
        Notice(apart, "unlink.apart", to_a_person),
    ),
    PayoutsResumed: (
        Notice(subject, "resume_payouts.told", at=everywhere),
        Notice(acting, "resume_payouts.done"),
    ),
}
