"""A FormSheet as Slack's modal, and what comes back of it. Each input's block id carries the kind of its question, so
that the door can check the field and answer beside it before anything is stored."""

from collections.abc import Callable
from datetime import date

from bots import text
from bots.door import Json, part, word
from bots.slack.blocks import plain
from conversations.messages import FormField, FormSheet

TITLE_MAX, LABEL_MAX, HINT_MAX, TEXT_MAX = 24, 2000, 2000, 3000
OPTIONS_MAX, OPTION_TEXT_MAX, OPTION_VALUE_MAX = 100, 75, 75
FIELDS_MAX = 40
METADATA_MAX = 3000
INPUT = "value"
OPTIONAL, NEEDED = "optional", "needed"
# (kind, text, language) -> the sentence that says what is wrong, or None.
Check = Callable[[str, str, str], str | None]


def modal(sheet: FormSheet, language: str) -> Json:
    """`private_metadata` carries the handle and nothing that is trusted for more."""
    blocks: list[Json] = []
    words = text.cut_characters(text.shown(sheet.text).strip(), TEXT_MAX)
    if words:
        blocks.append({"type": "section", "text": plain(words, TEXT_MAX)})
    blocks += [input_block(field) for field in sheet.fields[:FIELDS_MAX]]
    return {
        "type": "modal",
        "callback_id": f"form:{language}",
        "private_metadata": sheet.handle[:METADATA_MAX],
        "title": plain(sheet.title, TITLE_MAX),
        "submit": plain(sheet.submit, TITLE_MAX),
        "close": plain(sheet.cancel, TITLE_MAX),
        "blocks": blocks,
    }


def input_block(field: FormField) -> Json:
    made: Json = {
        "type": "input",
        "block_id": f"{field.kind}:{OPTIONAL if field.optional else NEEDED}:{field.key}",
        "label": plain(field.label, LABEL_MAX),
        "optional": field.optional,
        "element": element(field),
    }
    if field.hint:
        made["hint"] = plain(field.hint, HINT_MAX)
    return made


def element(field: FormField) -> Json:
    if field.kind == "choice" and field.options:
        return select(field)
    if field.kind == "day":
        made: Json = {"type": "datepicker", "action_id": INPUT}
        return {**made, "initial_date": field.value} if is_day(field.value) else made
    made = {"type": "plain_text_input", "action_id": INPUT, "multiline": field.kind == "long_text"}
    value = text.cut_characters(text.shown(field.value), TEXT_MAX)
    return {**made, "initial_value": value} if value else made


def select(field: FormField) -> Json:
    options = [
        {"text": plain(label, OPTION_TEXT_MAX), "value": value[:OPTION_VALUE_MAX]}
        for value, label in field.options[:OPTIONS_MAX]
    ]
    made: Json = {"type": "static_select", "action_id": INPUT, "options": options}
    chosen = next((each for each in options if each["value"] == field.value), None)
    return {**made, "initial_option": chosen} if chosen else made


def is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def values(view: Json) -> dict[str, tuple[str, str, str, bool]]:
    """block id -> (kind, key, what was entered, whether it may be left out)."""
    found: dict[str, tuple[str, str, str, bool]] = {}
    for block_id, inputs in part(view, "state", "values").items():
        kind, _, rest = block_id.partition(":")
        need, _, key = rest.partition(":")
        if key and need in (OPTIONAL, NEEDED):
            found[block_id] = (kind, key, entered(part(inputs, INPUT)), need == OPTIONAL)
    return found


def entered(value: Json) -> str:
    chosen = word(value, "selected_date") or word(value, "selected_option", "value")
    return text.kept(chosen or word(value, "value"))


def errors(view: Json, check: Check | None) -> dict[str, str]:
    """What is wrong, by block id, as Slack wants it in `response_action: errors`."""
    if check is None:
        return {}
    language = word(view, "callback_id").removeprefix("form:")
    found = {
        block_id: check(kind, value, language if language in ("ja", "en") else "ja")
        for block_id, (kind, _, value, optional) in values(view).items()
        if value or not optional
    }
    return {block_id: text.shown(sentence) for block_id, sentence in found.items() if sentence}
