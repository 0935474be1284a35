"""A Slack modal as a form: its blocks, a field for each input, and room for the error the product may answer with."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from playground.html import EMPTY, tag
from playground.mrkdwn import text_object
from playground.render_slack import block, objects

Json = Mapping[str, Any]

TEXT_KINDS = {
    "number_input": "number",
    "email_text_input": "email",
    "url_text_input": "url",
    "plain_text_input": "text",
}
DAY_KINDS = {"datepicker": "date", "timepicker": "time", "datetimepicker": "datetime-local"}


def slack_modal(view: Json, words: Mapping[str, str]) -> Markup:
    """The fields are named by their block, as Slack names the errors."""
    body = [_field(part, words) if part.get("type") == "input" else block(part)
            for part in objects(view.get("blocks"))]  # fmt: skip
    return tag("div", *body, class_="blocks")


def _field(part: Json, words: Mapping[str, str]) -> Markup:
    name = str(part.get("block_id", ""))
    inner = part.get("element")
    control = _control(inner if isinstance(inner, Mapping) else {}, name, part.get("optional") is not True)
    hint = part.get("hint")
    return tag(
        "label",
        tag(
            "span",
            text_object(part.get("label")),
            tag("small", " ", words["optional"]) if part.get("optional") is True else EMPTY,
            class_="block-label",
        ),
        control,
        tag("span", text_object(hint), class_="hint") if hint else EMPTY,
        tag("span", class_="error", role="alert", data_error=name),
        class_="modal-field",
    )


def _control(inner: Json, name: str, required: bool) -> Markup:
    return CONTROLS.get(str(inner.get("type")), _text)(inner, name, required)


def _text(inner: Json, name: str, required: bool) -> Markup:
    value = inner.get("initial_value")
    placeholder = text_object(inner.get("placeholder")).striptags() or None
    if inner.get("multiline") is True:
        return tag("textarea", str(value or ""), name=name, rows=4, placeholder=placeholder)
    kind = TEXT_KINDS.get(str(inner.get("type")), "text")
    # Slack itself checks nothing before sending but emptiness, so the product's own errors can be seen.
    return tag("input", type="text", inputmode="numeric" if kind == "number" else None, name=name,
               value=str(value) if value is not None else None, placeholder=placeholder)  # fmt: skip


def _day(inner: Json, name: str, required: bool) -> Markup:
    kind = DAY_KINDS[str(inner.get("type"))]
    value = inner.get("initial_date") or inner.get("initial_time")
    return tag("input", type=kind, name=name, value=str(value) if value else None)


def _select(inner: Json, name: str, required: bool) -> Markup:
    groups = inner.get("option_groups") or [inner]
    options = [option for group in groups for option in objects(group.get("options"))]
    chosen = _value(inner.get("initial_option"))
    empty = [] if required and chosen is not None else [tag("option", "–", value="")]
    written = [tag("option", text_object(option.get("text")), value=_value(option), selected=_value(option) == chosen)
               for option in options]  # fmt: skip
    return tag("select", *empty, *written, name=name)


def _choices(inner: Json, name: str, required: bool) -> Markup:
    kind = "radio" if inner.get("type") == "radio_buttons" else "checkbox"
    chosen = [_value(inner.get("initial_option")), *map(_value, objects(inner.get("initial_options")))]
    written = [
        tag("label", tag("input", type=kind, name=name, value=_value(option), checked=_value(option) in chosen),
            " ", text_object(option.get("text")))
        for option in objects(inner.get("options"))
    ]  # fmt: skip
    return tag("span", *written, class_="modal-choices", role="group")


def _value(option: object) -> str | None:
    return str(option.get("value")) if isinstance(option, Mapping) else None


CONTROLS: dict[str, Callable[[Json, str, bool], Markup]] = {
    "static_select": _select,
    "radio_buttons": _choices,
    "checkboxes": _choices,
    "datepicker": _day,
    "timepicker": _day,
    "datetimepicker": _day,
}
