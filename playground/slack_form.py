"""A Slack modal as a form: what the person typed becomes view.state.values."""

import json
from typing import Any

from playground.exchange import Delivered
from playground.limits import Check, Problem
from playground.slack_limits import check_view

# In the language of the person, as Slack's own programs say it.
REQUIRED = {"ja": "この項目は必須です。", "en": "Please complete this required field."}
KINDS_OF_OPTION = ("static_select", "radio_buttons")
KINDS_OF_OPTIONS = ("checkboxes", "multi_static_select")
VALUE_KEYS = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
}
INITIAL_KEYS = {
    "datepicker": "initial_date",
    "timepicker": "initial_time",
    "users_select": "initial_user",
    "channels_select": "initial_channel",
    "conversations_select": "initial_conversation",
}


class NoSuchOption(ValueError):
    """The person chose something the list does not have."""


def inputs_of(view: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in view["blocks"] if block["type"] == "input"]


def names_of(block: dict[str, Any]) -> tuple[str, ...]:
    return block["block_id"], block["label"]["text"], block["element"]["action_id"]


def value_of(element: dict[str, Any], said: str | None) -> dict[str, Any]:
    """One entry of view.state.values; unsaid means what the field began with."""
    kind = element["type"]
    if kind in KINDS_OF_OPTION:
        chosen = _option(element, said) if said is not None else element.get("initial_option")
        return {"type": kind, "selected_option": chosen}
    if kind in KINDS_OF_OPTIONS:
        many = said.split(",") if said else []
        options = (
            [_option(element, each.strip()) for each in many] if said is not None else element.get("initial_options")
        )
        return {"type": kind, "selected_options": options or []}
    if kind in VALUE_KEYS:
        return {"type": kind, VALUE_KEYS[kind]: said or element.get(INITIAL_KEYS[kind])}
    return {"type": kind, "value": (said if said is not None else element.get("initial_value")) or None}


def state_of(view: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    state = {block: dict(each) for block, each in view["state"]["values"].items()}
    for block in inputs_of(view):
        said = next((values[name] for name in names_of(block) if name in values), None)
        action_id = block["element"]["action_id"]
        if said is None and action_id in state.get(block["block_id"], {}):
            continue
        state[block["block_id"]] = {action_id: value_of(block["element"], said)}
    return {"values": state}


def empty_fields(view: dict[str, Any], state: dict[str, Any], language: str) -> dict[str, str]:
    """Slack itself refuses to send a form with a hole, or with a text of the wrong length."""
    errors = {}
    for block in inputs_of(view):
        element = block["element"]
        entry = state["values"][block["block_id"]][element["action_id"]]
        value = next(value for name, value in entry.items() if name != "type")
        if not value and not block.get("optional"):
            errors[block["block_id"]] = REQUIRED[language]
        elif isinstance(value, str) and element["type"] == "plain_text_input":
            if len(value) > element.get("max_length", 3000) or len(value) < element.get("min_length", 0):
                errors[block["block_id"]] = "Please enter a text of the right length."
        elif value and element["type"] == "number_input" and not _is_number(str(value), element):
            errors[block["block_id"]] = "Please enter a number in the allowed range."
    return errors


def _is_number(text: str, element: dict[str, Any]) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    low, high = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
    return low <= number <= high and (element["is_decimal_allowed"] or number.is_integer())


def _option(element: dict[str, Any], said: str) -> dict[str, Any]:
    groups = element.get("option_groups") or [element]
    for option in (option for group in groups for option in group.get("options") or []):
        if said in (option["text"]["text"], option.get("value")):
            return dict(option)
    raise NoSuchOption(said)


def json_said(delivered: Delivered) -> dict[str, Any]:
    if not delivered.body.strip():
        return {}
    try:
        said = json.loads(delivered.body)
    except ValueError:
        return {"response_action": "not JSON"}
    return said if isinstance(said, dict) else {"response_action": "not an object"}


def problems_of_answer(said: dict[str, Any]) -> tuple[Problem, ...]:
    """A submission is answered with nothing or with one of four actions; anything else is an error to the person."""
    check = Check()
    action = said.get("response_action")
    if action in ("update", "push"):
        check_view(check, said.get("view"), "modal")
    known = action in ("errors", "update", "push", "clear") or (action is None and not said)
    check.need(known, "response_action", f"{action} is not an answer to view_submission")
    check.need(action != "errors" or bool(said.get("errors")), "errors", "must name a block")
    return tuple(check.problems)
