"""Slack's interactive elements in messages and on the Home tab: what a person presses, opens or picks."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from playground.html import link, picture, tag
from playground.mrkdwn import text_object

Json = Mapping[str, Any]


def element(raw: Json) -> Markup:
    return ELEMENTS.get(str(raw.get("type")), _unknown)(raw)


def label_of(raw: Json) -> str:
    """The words a person reads on it, which are also how a phone names what is pressed."""
    words = raw.get("text") or raw.get("placeholder")
    return str(words.get("text", "")) if isinstance(words, Mapping) else str(words or "")


def _button(raw: Json) -> Markup:
    kind = f"slack-button slack-{raw['style']}" if raw.get("style") in ("primary", "danger") else "slack-button"
    label = label_of(raw)
    spoken = raw.get("accessibility_label")
    if raw.get("url"):
        return link(raw.get("url"), label, class_=kind, data_verb="opens", data_label=label)
    return tag(
        "button",
        label,
        type="button",
        class_=kind,
        data_verb="taps",
        data_label=label,
        aria_label=str(spoken) if spoken else None,
    )


def _choices(raw: Json) -> Markup:
    """Opens to a list of buttons: a native list would send the first thing an arrow key passes."""
    groups = raw.get("option_groups") or [{"options": raw.get("options")}]
    options = [option for group in groups for option in _options(group)]
    chosen = raw.get("initial_option")
    heading = label_of(chosen if isinstance(chosen, Mapping) else raw) or "⋯"
    return tag(
        "details",
        tag("summary", heading, tag("span", " ▾", aria_hidden="true"), class_="slack-button"),
        tag("div", *[_choice(option) for option in options], class_="slack-menu"),
        class_="slack-choices",
    )


def _choice(option: Json) -> Markup:
    if option.get("url"):
        return link(option.get("url"), label_of(option))
    described = option.get("description")
    return tag(
        "button",
        text_object(option.get("text")),
        tag("small", " ", text_object(described)) if described else None,
        type="button",
        data_verb="taps",
        data_label=label_of(option),
    )


def _open_choices(raw: Json) -> Markup:
    """Radio buttons and checkboxes outside a form act at once, each by itself."""
    return tag("div", *[_choice(option) for option in _options(raw)], class_="slack-menu slack-open")


def _day(raw: Json) -> Markup:
    label = label_of(raw) or str(raw.get("action_id", ""))
    kind = {"timepicker": "time", "datetimepicker": "datetime-local"}.get(str(raw.get("type")), "date")
    field = tag("input", type=kind, name="day", required=True, value=raw.get("initial_date"), aria_label=label)
    send = tag("button", label, type="submit", class_="slack-button")
    return tag("form", field, send, class_="picker", data_verb="picks", data_label=label)


def _field(raw: Json) -> Markup:
    return tag("span", label_of(raw), class_="slack-field")


def _feedback(raw: Json) -> Markup:
    buttons = [raw[key] for key in ("positive_button", "negative_button") if isinstance(raw.get(key), Mapping)]
    return tag("span", *[_button(button) for button in buttons])


def _image(raw: Json) -> Markup:
    return picture(raw.get("image_url"), raw.get("alt_text"), class_="thumb")


def _unknown(raw: Json) -> Markup:
    return tag("span", f"[{raw.get('type', '?')}]", class_="unknown")


def _options(raw: object) -> list[Json]:
    options = raw.get("options") if isinstance(raw, Mapping) else None
    return [option for option in options if isinstance(option, Mapping)] if isinstance(options, list) else []


ELEMENTS: dict[str, Callable[[Json], Markup]] = {
    "button": _button,
    "workflow_button": _button,
    "icon_button": _button,
    "feedback_buttons": _feedback,
    "overflow": _choices,
    "static_select": _choices,
    "multi_static_select": _choices,
    "external_select": _choices,
    "users_select": _choices,
    "conversations_select": _choices,
    "channels_select": _choices,
    "radio_buttons": _open_choices,
    "checkboxes": _open_choices,
    "datepicker": _day,
    "timepicker": _day,
    "datetimepicker": _day,
    "plain_text_input": _field,
    "number_input": _field,
    "email_text_input": _field,
    "url_text_input": _field,
    "file_input": _field,
    "image": _image,
}
