"""What the page may ask for: an act of a person on a phone, a move of the clock, a scene, a fault."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from playground.faults import FAULTS
from playground.phone import Phone
from playground.stage import House

Json = Mapping[str, Any]


class Unreadable(Exception):
    """The page, or somebody pretending to be it, asked for something that makes no sense."""


def act(house: House, wanted: Json) -> dict[str, Any]:
    """Gives back the errors beside a form's fields; everything else shows on the phones."""
    platform, _, id = _text(wanted, "phone").partition(":")
    person = house.person(platform, id)
    verb = VERBS.get(_text(wanted, "verb"))
    arguments = wanted.get("arguments", {})
    if person is None or verb is None or not isinstance(arguments, Mapping):
        raise Unreadable
    return {"errors": verb(house.phone(person), arguments) or {}}


def move_clock(house: House, wanted: Json) -> None:
    match wanted.get("to"):
        case "deadline":
            house.stage.clock.to_next_deadline()
        case int(seconds) if seconds > 0 and seconds is not True:
            house.stage.clock.move(float(seconds))
        case _:
            raise Unreadable


def play(house: House, wanted: Json) -> None:
    """One scene, or all that are left."""
    tour = house.tours.get(_text(wanted, "language"))
    if tour is None:
        raise Unreadable
    once = wanted.get("scenes") != "all"
    while tour.play() and not once:
        pass


def switch_fault(house: House, wanted: Json) -> None:
    """Switching one off takes away only what it set, so that other faults stay."""
    emulator = house.stage.emulators.get(_text(wanted, "platform"))
    settings = FAULTS.get(_text(wanted, "fault"))
    if emulator is None or settings is None:
        raise Unreadable
    if wanted.get("on") is True:
        emulator.faults.update(settings)
    else:
        for key in settings:
            emulator.faults.pop(key, None)


def _says(phone: Phone, arguments: Json) -> None:
    text = _text(arguments, "text")
    if text.startswith("/"):
        phone.commands(text)
    else:
        phone.says(text)


def _taps(phone: Phone, arguments: Json) -> None:
    """A button of a message is pressed on that message, however old; one of a menu has no message."""
    bubble = arguments.get("bubble")
    if isinstance(bubble, str) and bubble:
        phone.taps_old(bubble, _text(arguments, "label"), _place(arguments))
    else:
        phone.taps(_text(arguments, "label"))


def _place(arguments: Json) -> int:
    """Each card of a list has its own button with the same label, so the page says which one it is."""
    match arguments.get("place", 0):
        case int(place) if place >= 0:
            return place
        case _:
            raise Unreadable


def _picks(phone: Phone, arguments: Json) -> None:
    try:
        day = date.fromisoformat(_text(arguments, "day")[:10])
    except ValueError:
        raise Unreadable from None
    phone.picks(_text(arguments, "label"), day)


def _submits(phone: Phone, arguments: Json) -> dict[str, str]:
    values = arguments.get("values")
    if not isinstance(values, Mapping):
        raise Unreadable
    return phone.submits({str(key): str(value) for key, value in values.items()})


def _text(wanted: Json, key: str) -> str:
    value = wanted.get(key)
    if not isinstance(value, str):
        raise Unreadable
    return value


VERBS: dict[str, Callable[[Phone, Json], dict[str, str] | None]] = {
    "follows": lambda phone, _: phone.follows(),
    "blocks": lambda phone, _: phone.blocks(),
    "opens_home": lambda phone, _: phone.opens_home(),
    "says": _says,
    "taps": _taps,
    "picks": _picks,
    "submits": _submits,
}
