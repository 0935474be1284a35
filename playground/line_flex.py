"""LINE's rules for Flex messages: which component may stand where, and with what."""

import json
import re
from collections.abc import Callable
from typing import Any

from playground.limits import Check

CheckAction = Callable[[Check, Any, str, int, bool], None]
PLACE = "margin position offsetTop offsetBottom offsetStart offsetEnd"
IN_EVERY_BOX = (
    f"flex spacing {PLACE} backgroundColor borderColor borderWidth cornerRadius width maxWidth height maxHeight "
    "paddingAll paddingTop paddingBottom paddingStart paddingEnd action justifyContent alignItems background"
)
IN_EVERY_TEXT = (
    f"flex text size align gravity color weight style decoration wrap lineSpacing {PLACE} action maxLines contents "
    "adjustMode scaling"
)
COMPONENTS: dict[str, tuple[str, str]] = {  # type: (needed, allowed besides)
    "box": ("layout contents", IN_EVERY_BOX),
    "button": ("action", f"flex color style gravity {PLACE} height adjustMode scaling"),
    "image": ("url", f"flex {PLACE} align gravity size aspectRatio aspectMode backgroundColor action animated"),
    "video": ("url previewUrl altContent", "aspectRatio action"),
    "icon": ("url", f"size aspectRatio {PLACE} scaling"),
    "text": ("", IN_EVERY_TEXT),
    "span": ("", "text size color weight style decoration"),
    "separator": ("", "margin color"),
    "filler": ("", "flex"),
}
BUBBLE = ("type", "direction", "styles", "header", "hero", "body", "footer", "size", "action")
SIZES = (None, "nano", "micro", "deca", "hecto", "kilo", "mega", "giga")
PARTS: dict[str, tuple[str, ...]] = {
    "header": ("box",),
    "hero": ("box", "image", "video"),
    "body": ("box",),
    "footer": ("box",),
}
IN_BASELINE = ("icon", "text", "filler")
IN_BOX = ("box", "button", "image", "text", "separator", "filler", "video")
COLOUR = re.compile(r"#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
BUBBLE_BYTES_MAX = 30 * 1024
CAROUSEL_BYTES_MAX = 50 * 1024


def check_flex(check: Check, contents: Any, where: str, check_action: CheckAction) -> None:
    kind = contents.get("type") if isinstance(contents, dict) else None
    if kind == "bubble":
        _check_bubble(check, contents, where, check_action)
    elif kind == "carousel" and check.shape(contents, where, ("type",), ("contents",)):
        _check_carousel(check, contents, where, check_action)
    else:
        check.fail(f"{where}.type", "must be bubble or carousel")


def _check_carousel(check: Check, carousel: dict[str, Any], where: str, check_action: CheckAction) -> None:
    bubbles = carousel["contents"]
    if not isinstance(bubbles, list) or not 1 <= len(bubbles) <= 12:
        check.fail(f"{where}.contents", "Size must be between 1 and 12")
        return
    check.need(_size(carousel) <= CAROUSEL_BYTES_MAX, where, "at most 50 KB")
    sizes = {bubble.get("size", "mega") for bubble in bubbles if isinstance(bubble, dict)}
    check.need(len(sizes) <= 1, where, "all bubbles of a carousel must have the same size")
    for number, bubble in enumerate(bubbles):
        _check_bubble(check, bubble, f"{where}.contents[{number}]", check_action)


def _check_bubble(check: Check, bubble: Any, where: str, check_action: CheckAction) -> None:
    if not check.shape(bubble, where, BUBBLE, ()):
        return
    check.need(bubble.get("type") == "bubble", f"{where}.type", "must be bubble")
    check.need(bubble.get("size") in SIZES, f"{where}.size", "unknown size")
    check.need(_size(bubble) <= BUBBLE_BYTES_MAX, where, "at most 30 KB")
    check.need(any(bubble.get(part) for part in PARTS), where, "at least one block must be specified")
    for part, kinds in PARTS.items():
        if bubble.get(part) is not None:
            _check_component(check, bubble[part], f"{where}.{part}", kinds, check_action)
    if bubble.get("action") is not None:
        check_action(check, bubble["action"], f"{where}.action", 40, False)


def _check_component(
    check: Check, component: Any, where: str, kinds: tuple[str, ...], check_action: CheckAction
) -> None:
    kind = component.get("type") if isinstance(component, dict) else None
    if kind not in kinds:
        check.fail(f"{where}.type", f"must be one of {', '.join(kinds)}")
        return
    needed, besides = COMPONENTS[kind]
    if not check.shape(component, where, ("type", *besides.split()), needed.split()):
        return
    for name in ("color", "backgroundColor", "borderColor"):
        colour = component.get(name)
        check.need(colour is None or bool(COLOUR.fullmatch(str(colour))), f"{where}.{name}", "invalid color")
    if kind in ("image", "icon"):
        check.need(str(component["url"]).startswith("https://"), f"{where}.url", "must be an https URL")
    if component.get("action") is not None:
        check_action(check, component["action"], f"{where}.action", 40, kind == "button")
    if kind == "box":
        check.need(component["layout"] in ("horizontal", "vertical", "baseline"), f"{where}.layout", "unknown layout")
        _check_all(
            check,
            component["contents"],
            f"{where}.contents",
            IN_BASELINE if component["layout"] == "baseline" else IN_BOX,
            check_action,
        )
    if kind == "text":
        check.need(bool(component.get("text") or component.get("contents")), where, "text must not be empty")
        _check_all(check, component.get("contents") or [], f"{where}.contents", ("span",), check_action)


def _check_all(check: Check, parts: Any, where: str, kinds: tuple[str, ...], check_action: CheckAction) -> None:
    if not isinstance(parts, list):
        check.fail(where, "must be an array")
        return
    for number, part in enumerate(parts):
        _check_component(check, part, f"{where}[{number}]", kinds, check_action)


def _size(part: Any) -> int:
    return len(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode())
