"""Slack's rules for blocks and views."""

from typing import Any

from playground.limits import Check

TEXT = ("plain_text", "mrkdwn")
BLOCKS: dict[str, tuple[str, str]] = {  # type: (needed, allowed besides)
    "section": ("", "text fields accessory expand"),
    "header": ("text", ""),
    "divider": ("", ""),
    "image": ("alt_text", "image_url slack_file title"),
    "context": ("elements", ""),
    "actions": ("elements", ""),
    "input": ("label element", "dispatch_action hint optional"),
    "markdown": ("text", ""),
    "rich_text": ("elements", ""),
    "file": ("external_id source", ""),
    "table": ("rows", "column_settings"),
}
CHOICE = "action_id confirm focus_on_load placeholder"
TYPED = "action_id dispatch_action_config focus_on_load initial_value placeholder"
SELECT = f"{CHOICE} options option_groups"
ELEMENTS: dict[str, tuple[str, str]] = {
    "button": ("text", "action_id url value style confirm accessibility_label"),
    "static_select": ("", f"{SELECT} initial_option"),
    "multi_static_select": ("", f"{SELECT} initial_options max_selected_items"),
    "users_select": ("", f"{CHOICE} initial_user"),
    "conversations_select": (
        "",
        f"{CHOICE} initial_conversation default_to_current_conversation response_url_enabled filter",
    ),
    "channels_select": ("", f"{CHOICE} initial_channel response_url_enabled"),
    "overflow": ("options", "action_id confirm"),
    "datepicker": ("", f"{CHOICE} initial_date"),
    "timepicker": ("", f"{CHOICE} initial_time timezone"),
    "datetimepicker": ("", "action_id confirm focus_on_load initial_date_time"),
    "radio_buttons": ("options", "action_id confirm focus_on_load initial_option"),
    "checkboxes": ("options", "action_id confirm focus_on_load initial_options"),
    "plain_text_input": ("", f"{TYPED} max_length min_length multiline"),
    "number_input": ("is_decimal_allowed", f"{TYPED} max_value min_value"),
    "email_text_input": ("", TYPED),
    "url_text_input": ("", TYPED),
    "file_input": ("", "action_id filetypes max_files"),
    "image": ("alt_text", "image_url slack_file"),
}
OPTIONS_MAX = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}
ELEMENTS_MAX = {"context": 10, "actions": 25}
MESSAGE_BLOCKS_MAX = 50
VIEW_BLOCKS_MAX = 100
VIEW = ("type", "callback_id", "external_id", "private_metadata")
MODAL = (*VIEW, "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled")


def check_blocks(check: Check, blocks: Any, where: str, high: int) -> None:
    if not isinstance(blocks, list):
        check.fail(where, "must be an array")
        return
    check.need(len(blocks) <= high, where, f"no more than {high} items allowed")
    ids = [block["block_id"] for block in blocks if isinstance(block, dict) and block.get("block_id")]
    check.need(len(ids) == len(set(ids)), where, "block_id must be unique")
    for number, block in enumerate(blocks):
        _check_block(check, block, f"{where}/{number}")


def check_view(check: Check, view: Any, kind: str) -> None:
    if not isinstance(view, dict) or view.get("type") != kind:
        check.fail("view/type", f"must be a {kind} view")
        return
    if kind == "modal":
        check.shape(view, "view", MODAL, ("title", "blocks"))
        for name in ("title", "submit", "close"):
            if view.get(name) is not None:
                _check_text(check, view[name], f"view/{name}", 24, ("plain_text",))
    else:
        check.shape(view, "view", VIEW, ("blocks",))
    _longest(check, view.get("private_metadata"), "view/private_metadata", 3000)
    for name in ("callback_id", "external_id"):
        _longest(check, view.get(name), f"view/{name}", 255)
    blocks = view.get("blocks") or []
    check_blocks(check, blocks, "view/blocks", VIEW_BLOCKS_MAX)
    inputs = any(isinstance(block, dict) and block.get("type") == "input" for block in blocks)
    check.need(kind == "home" or not inputs or bool(view.get("submit")), "view/submit", "needed with input blocks")


def _check_block(check: Check, block: Any, where: str) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in BLOCKS:
        check.fail(where, f"unsupported type: {kind}")
        return
    needed, besides = BLOCKS[kind]
    if not check.shape(block, where, ("type", "block_id", *besides.split()), needed.split()):
        return
    _longest(check, block.get("block_id"), f"{where}/block_id", 255)
    if kind == "section":
        _check_section(check, block, where)
    elif kind == "header":
        _check_text(check, block["text"], f"{where}/text", 150, ("plain_text",))
    elif kind == "input":
        _check_text(check, block["label"], f"{where}/label", 2000, ("plain_text",))
        if block.get("hint") is not None:
            _check_text(check, block["hint"], f"{where}/hint", 2000, ("plain_text",))
    elif kind == "markdown":
        _longest(check, block["text"], f"{where}/text", 12000)
    elif kind == "image":
        _longest(check, block.get("image_url"), f"{where}/image_url", 3000)
        _longest(check, block["alt_text"], f"{where}/alt_text", 2000)
    if kind not in ("rich_text", "table"):
        _check_elements(check, block, kind, where)


def _check_section(check: Check, section: dict[str, Any], where: str) -> None:
    check.need(bool(section.get("text") or section.get("fields")), where, "text or fields must be specified")
    if section.get("text") is not None:
        _check_text(check, section["text"], f"{where}/text", 3000, TEXT)
    fields = section.get("fields") or []
    check.need(len(fields) <= 10, f"{where}/fields", "no more than 10 items allowed")
    for number, field in enumerate(fields):
        _check_text(check, field, f"{where}/fields/{number}", 2000, TEXT)


def _check_elements(check: Check, block: dict[str, Any], kind: str, where: str) -> None:
    elements = elements_of(block)
    high = ELEMENTS_MAX.get(kind, 1)
    check.need(len(elements) <= high, f"{where}/elements", f"no more than {high} items allowed")
    check.need(kind not in ELEMENTS_MAX or len(elements) > 0, f"{where}/elements", "no fewer than 1 items")
    ids = [each["action_id"] for each in elements if isinstance(each, dict) and each.get("action_id")]
    check.need(len(ids) == len(set(ids)), f"{where}/elements", "action_id must be unique within a block")
    for number, element in enumerate(elements):
        at = f"{where}/elements/{number}"
        if kind == "context" and isinstance(element, dict) and element.get("type") in TEXT:
            _check_text(check, element, at, 3000, TEXT)
        else:
            _check_element(check, element, at)


def _check_element(check: Check, element: Any, where: str) -> None:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in ELEMENTS:
        check.fail(where, f"unsupported type: {kind}")
        return
    needed, besides = ELEMENTS[kind]
    if not check.shape(element, where, ("type", *besides.split()), needed.split()):
        return
    _longest(check, element.get("action_id"), f"{where}/action_id", 255)
    if kind == "button":
        _check_text(check, element["text"], f"{where}/text", 75, ("plain_text",))
        _longest(check, element.get("value"), f"{where}/value", 2000)
        _longest(check, element.get("url"), f"{where}/url", 3000)
        check.need(element.get("style") in (None, "primary", "danger"), f"{where}/style", "must be primary or danger")
    if element.get("placeholder") is not None:
        _check_text(check, element["placeholder"], f"{where}/placeholder", 150, ("plain_text",))
    if kind in ("static_select", "multi_static_select"):
        one = bool(element.get("options")) != bool(element.get("option_groups"))
        check.need(one, where, "exactly one of options and option_groups")
    _check_options(check, element, where)
    if element.get("confirm") is not None:
        confirm = element["confirm"]
        if check.shape(confirm, f"{where}/confirm", ("title", "confirm", "deny", "style"), ("text",)):
            _check_text(check, confirm["text"], f"{where}/confirm/text", 300, TEXT)


def _check_options(check: Check, element: dict[str, Any], where: str) -> None:
    options = element.get("options")
    if options is None:
        return
    high = OPTIONS_MAX.get(element["type"], 100)
    check.need(1 <= len(options) <= high, f"{where}/options", f"between 1 and {high} items allowed")
    texts = TEXT if element["type"] in ("radio_buttons", "checkboxes") else ("plain_text",)
    for number, option in enumerate(options):
        at = f"{where}/options/{number}"
        if check.shape(option, at, ("description", "url", "value"), ("text",)):
            _check_text(check, option["text"], f"{at}/text", 75, texts)
            _longest(check, option.get("value"), f"{at}/value", 150)
            if option.get("description") is not None:
                _check_text(check, option["description"], f"{at}/description", 75, texts)


def _check_text(check: Check, text: Any, where: str, high: int, kinds: tuple[str, ...]) -> None:
    if not check.shape(text, where, ("emoji", "verbatim"), ("type", "text")):
        return
    check.need(text["type"] in kinds, f"{where}/type", f"must be {' or '.join(kinds)}")
    check.length(text["text"], f"{where}/text", 1, high, len(str(text["text"])))


def _longest(check: Check, value: Any, where: str, high: int) -> None:
    if value is not None:
        check.length(value, where, 0, high, len(str(value)))


def elements_of(block: dict[str, Any]) -> list[Any]:
    """The interactive parts, wherever this kind of block keeps them."""
    alone = block.get("element") or block.get("accessory")
    return [alone] if alone else list(block.get("elements") or [])
