"""LINE's rules for what may be sent: messages, quick replies, templates, rich menus."""

import re
from typing import Any

from playground.limits import Check, graphemes, utf16
from playground.line_flex import check_flex

MESSAGES_MAX = 5
QUICK_REPLIES_MAX = 13
ALT_TEXT_MAX = 400
COMMON = ("type", "quickReply", "sender")
SHAPES: dict[str, tuple[str, str]] = {  # type: (needed, allowed besides)
    "text": ("text", "emojis quoteToken"),
    "sticker": ("packageId stickerId", "quoteToken"),
    "image": ("originalContentUrl previewImageUrl", ""),
    "video": ("originalContentUrl previewImageUrl", "trackingId"),
    "audio": ("originalContentUrl duration", ""),
    "location": ("title address latitude longitude", ""),
    "imagemap": ("baseUrl altText baseSize actions", "video"),
    "template": ("altText template", ""),
    "flex": ("altText contents", ""),
}
ACTIONS: dict[str, tuple[str, str]] = {
    "postback": ("data", "label displayText text inputOption fillInText"),
    "message": ("text", "label"),
    "uri": ("uri", "label altUri"),
    "datetimepicker": ("data mode", "label initial max min"),
    "richmenuswitch": ("richMenuAliasId data", "label"),
    "clipboard": ("clipboardText", "label"),
    "camera": ("", "label"),
    "cameraRoll": ("", "label"),
    "location": ("", "label"),
}
UTF16_MAX = {"data": 300, "text": 300, "uri": 1000, "clipboardText": 1000}
TEMPLATES: dict[str, tuple[str, str]] = {
    "buttons": (
        "text actions",
        "thumbnailImageUrl imageAspectRatio imageSize imageBackgroundColor title defaultAction",
    ),
    "confirm": ("text actions", ""),
    "carousel": ("columns", "imageAspectRatio imageSize"),
    "image_carousel": ("columns", ""),
}
COLUMN = ("thumbnailImageUrl", "imageBackgroundColor", "title", "text", "defaultAction", "actions")


def check_messages(check: Check, messages: Any) -> None:
    if not isinstance(messages, list) or not 1 <= len(messages) <= MESSAGES_MAX:
        check.fail("messages", f"Size must be between 1 and {MESSAGES_MAX}")
        return
    for number, message in enumerate(messages):
        check_message(check, message, f"messages[{number}]")


def check_message(check: Check, message: Any, where: str) -> None:
    kind = message.get("type") if isinstance(message, dict) else None
    if kind not in SHAPES:
        check.fail(f"{where}.type", "Must be one of the supported message types")
        return
    needed, besides = SHAPES[kind]
    if not check.shape(message, where, (*COMMON, *besides.split()), needed.split()):
        return
    if kind == "text":
        check.length(message["text"], f"{where}.text", 1, 5000, utf16(str(message["text"]).strip() and message["text"]))
    if "altText" in message:
        check.length(message["altText"], f"{where}.altText", 1, ALT_TEXT_MAX, utf16(str(message["altText"])))
    for name in ("originalContentUrl", "previewImageUrl", "baseUrl"):
        url = message.get(name, "https://")
        check.need(str(url).startswith("https://") and len(url) <= 2000, f"{where}.{name}", "must be an https URL")
    if kind == "template":
        _check_template(check, message["template"], f"{where}.template")
    if kind == "flex":
        check_flex(check, message["contents"], f"{where}.contents", check_action)
    if message.get("quickReply") is not None:
        _check_quick_reply(check, message["quickReply"], f"{where}.quickReply")
    if message.get("sender") is not None and check.shape(message["sender"], f"{where}.sender", ("name", "iconUrl"), ()):
        name = message["sender"].get("name") or ""
        check.length(name, f"{where}.sender.name", 0, 20, graphemes(str(name)))


def _check_quick_reply(check: Check, quick: Any, where: str) -> None:
    if not check.shape(quick, where, (), ("items",)):
        return
    items = quick["items"]
    if not isinstance(items, list) or not 1 <= len(items) <= QUICK_REPLIES_MAX:
        check.fail(f"{where}.items", f"Size must be between 1 and {QUICK_REPLIES_MAX}")
        return
    for number, item in enumerate(items):
        at = f"{where}.items[{number}]"
        if check.shape(item, at, ("type", "imageUrl"), ("action",)):
            check_action(check, item["action"], f"{at}.action", 20, True)


def check_action(check: Check, action: Any, where: str, label_max: int, label_needed: bool) -> None:
    """`label_max` differs with the place: 20 in quick replies and templates, 40 in Flex."""
    kind = action.get("type") if isinstance(action, dict) else None
    if kind not in ACTIONS:
        check.fail(f"{where}.type", "Must be one of the supported action types")
        return
    needed, besides = ACTIONS[kind]
    if not check.shape(action, where, ("type", *besides.split()), needed.split()):
        return
    label = action.get("label")
    check.need(bool(label) or not label_needed, f"{where}.label", "must not be empty")
    if label is not None:
        check.length(label, f"{where}.label", 0, label_max, graphemes(str(label)))
    for name, high in UTF16_MAX.items():
        if action.get(name) is not None:
            check.length(action[name], f"{where}.{name}", 1, high, utf16(str(action[name])))
    for name in ("displayText", "fillInText"):
        if action.get(name) is not None:
            check.length(action[name], f"{where}.{name}", 1, 300, graphemes(str(action[name])))
    if kind == "uri":
        known = re.match(r"(https?|line|tel|mailto):", str(action["uri"]))
        check.need(known is not None, f"{where}.uri", "Must be a valid URI")
    if kind == "datetimepicker":
        check.need(action["mode"] in ("date", "time", "datetime"), f"{where}.mode", "Must be date, time or datetime")


def _check_template(check: Check, template: Any, where: str) -> None:
    kind = template.get("type") if isinstance(template, dict) else None
    if kind not in TEMPLATES:
        check.fail(f"{where}.type", "Must be one of the supported template types")
        return
    needed, besides = TEMPLATES[kind]
    if not check.shape(template, where, ("type", *besides.split()), needed.split()):
        return
    if kind == "buttons":
        _check_column(check, template, where, (160, 60), (1, 4))
    elif kind == "confirm":
        check.length(template["text"], f"{where}.text", 1, 240, graphemes(str(template["text"])))
        _check_actions(check, template["actions"], where, (2, 2))
    else:
        _check_columns(check, template["columns"], where, kind)


def _check_columns(check: Check, columns: Any, where: str, kind: str) -> None:
    if not isinstance(columns, list) or not 1 <= len(columns) <= 10:
        check.fail(f"{where}.columns", "Size must be between 1 and 10")
        return
    for number, column in enumerate(columns):
        at = f"{where}.columns[{number}]"
        if kind == "image_carousel":
            if check.shape(column, at, (), ("imageUrl", "action")):
                check_action(check, column["action"], f"{at}.action", 12, False)
        elif check.shape(column, at, COLUMN, ("text", "actions")):
            _check_column(check, column, at, (120, 60), (1, 3))
    for same in ("title", "thumbnailImageUrl"):
        uses = {bool(column.get(same)) for column in columns if isinstance(column, dict)}
        check.need(len(uses) <= 1, f"{where}.columns", f"{same} must be in all columns or in none")
    if kind == "carousel":
        sizes = {len(column.get("actions") or []) for column in columns if isinstance(column, dict)}
        check.need(len(sizes) <= 1, f"{where}.columns", "every column must have the same number of actions")


def _check_column(check: Check, column: Any, where: str, texts: tuple[int, int], actions: tuple[int, int]) -> None:
    high = texts[1] if column.get("title") or column.get("thumbnailImageUrl") else texts[0]
    check.length(column["text"], f"{where}.text", 1, high, graphemes(str(column["text"])))
    if column.get("title") is not None:
        check.length(column["title"], f"{where}.title", 1, 40, graphemes(str(column["title"])))
    _check_actions(check, column["actions"], where, actions)


def _check_actions(check: Check, actions: Any, where: str, sizes: tuple[int, int]) -> None:
    if not isinstance(actions, list) or not sizes[0] <= len(actions) <= sizes[1]:
        check.fail(f"{where}.actions", f"Size must be between {sizes[0]} and {sizes[1]}")
        return
    for number, action in enumerate(actions):
        check_action(check, action, f"{where}.actions[{number}]", 20, True)


def check_menu(check: Check, menu: dict[str, Any]) -> None:
    """A rich menu as it is created."""
    if not check.shape(menu, "richmenu", (), ("size", "selected", "name", "chatBarText", "areas")):
        return
    size = menu["size"]
    if check.shape(size, "size", (), ("width", "height")):
        width, height = size["width"], size["height"]
        check.need(800 <= width <= 2500, "size.width", "must be between 800 and 2500")
        check.need(
            height >= 250 and width / height >= 1.45, "size.height", "at least 250, and width / height at least 1.45"
        )
    check.length(menu["name"], "name", 1, 300, graphemes(str(menu["name"])))
    check.length(menu["chatBarText"], "chatBarText", 1, 14, graphemes(str(menu["chatBarText"])))
    areas = menu["areas"]
    if not isinstance(areas, list) or len(areas) > 20:
        check.fail("areas", "Size must be between 0 and 20")
        return
    for number, area in enumerate(areas):
        at = f"areas[{number}]"
        if check.shape(area, at, (), ("bounds", "action")):
            check.shape(area["bounds"], f"{at}.bounds", (), ("x", "y", "width", "height"))
            check_action(check, area["action"], f"{at}.action", 20, False)
