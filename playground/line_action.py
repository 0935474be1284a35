"""One LINE action as something to press: a button, a link that opens, or a calendar to pick a day from."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from playground.html import link, tag

Json = Mapping[str, Any]

PICKER_INPUTS = {"date": "date", "time": "time", "datetime": "datetime-local"}


def line_button(action: Json, class_: str, look: str | None = None) -> Markup:
    label = str(action.get("label") or action.get("text") or action.get("displayText") or action.get("uri") or "…")
    match action.get("type"):
        case "uri":
            return link(action.get("uri"), label, class_=class_, data_label=label, data_style=look)
        case "datetimepicker":
            return day_picker(action, label, class_, look)
        case _:
            return tap_button(label, class_, look)


def tap_button(label: str, class_: str, look: str | None = None) -> Markup:
    return tag("button", label, type="button", class_=class_, data_verb="taps", data_label=label, data_style=look)


def day_picker(action: Json, label: str, class_: str, look: str | None = None) -> Markup:
    """The input lies beside its button, because a hidden calendar cannot be reached from the keyboard."""
    field = tag(
        "input",
        type=PICKER_INPUTS.get(str(action.get("mode")), "date"),
        name="day",
        required=True,
        value=_written(action.get("initial")),
        min=_written(action.get("min")),
        max=_written(action.get("max")),
        aria_label=label,
    )
    send = tag("button", label, type="submit", class_=class_, data_style=look)
    return tag("form", field, send, class_="picker", data_verb="picks", data_label=label)


def _written(day: object) -> str | None:
    """LINE writes 2026-07-24t18:00 in postbacks of older accounts; an input accepts the capital only."""
    return day.replace("t", "T") if isinstance(day, str) else None
