"""How a Flex component looks: LINE's words for size and room, as the few CSS declarations they mean."""

from collections.abc import Collection, Mapping
from typing import Any

from playground.html import colour, length

Json = Mapping[str, Any]
Look = dict[str, str | None]

BUBBLE_SIZES = ("nano", "micro", "deca", "hecto", "kilo", "mega", "giga")
LAYOUTS = ("vertical", "horizontal", "baseline")
ROOM = {"none": "0px", "xs": "2px", "sm": "4px", "md": "8px", "lg": "12px", "xl": "16px", "xxl": "20px"}
FONT_SIZES = {
    "xxs": "11px", "xs": "12px", "sm": "13px", "md": "15px", "lg": "17px", "xl": "20px", "xxl": "26px",
    "3xl": "32px", "4xl": "44px", "5xl": "60px",
}  # fmt: skip
IMAGE_SIZES = {
    "xxs": "40px", "xs": "60px", "sm": "80px", "md": "100px", "lg": "120px", "xl": "140px", "xxl": "160px",
    "3xl": "180px", "4xl": "200px", "5xl": "220px", "full": "100%",
}  # fmt: skip
SIDES = {"start": "flex-start", "end": "flex-end", "center": "center", "flex-start": "flex-start",
         "flex-end": "flex-end", "space-between": "space-between", "space-around": "space-around",
         "space-evenly": "space-evenly", "top": "flex-start", "bottom": "flex-end"}  # fmt: skip
CORNERS = {"xs": "2px", "sm": "4px", "md": "8px", "lg": "12px", "xl": "16px", "xxl": "20px"}
BORDERS = {"none": "0px", "light": "0.5px", "normal": "1px", "medium": "2px", "semi-bold": "3px", "bold": "4px"}


def known(value: object, allowed: Collection[str], otherwise: str) -> str:
    return value if isinstance(value, str) and value in allowed else otherwise


def room(value: object) -> str | None:
    return ROOM.get(str(value)) or length(value)


def font_size(value: object) -> str | None:
    return FONT_SIZES.get(str(value)) or length(value)


def place(part: Json, direction: str) -> Look:
    """What the parent decides: the share of its room, the distance to the one before, and free positions."""
    margin = room(part.get("margin"))
    return {
        "flex": _share(part, direction),
        "margin_top": margin if direction == "vertical" else None,
        "margin_inline_start": None if direction == "vertical" else margin,
        "align_self": SIDES.get(str(part.get("gravity"))) if direction == "horizontal" else None,
        "position": "absolute" if part.get("position") == "absolute" else None,
        "top": room(part.get("offsetTop")),
        "bottom": room(part.get("offsetBottom")),
        "inset_inline_start": room(part.get("offsetStart")),
        "inset_inline_end": room(part.get("offsetEnd")),
    }


def box(part: Json) -> Look:
    border = BORDERS.get(str(part.get("borderWidth"))) or length(part.get("borderWidth"))
    return {
        "background_color": colour(part.get("backgroundColor")),
        "background_image": _gradient(part.get("background")),
        "border_radius": CORNERS.get(str(part.get("cornerRadius"))) or length(part.get("cornerRadius")),
        "border": f"{border} solid {colour(part.get('borderColor')) or '#b7b7b7'}" if border else None,
        "width": length(part.get("width")),
        "height": length(part.get("height")),
        "max_width": length(part.get("maxWidth")),
        "max_height": length(part.get("maxHeight")),
        "justify_content": SIDES.get(str(part.get("justifyContent"))),
        "align_items": SIDES.get(str(part.get("alignItems"))),
        "padding": room(part.get("paddingAll")),
        "padding_top": room(part.get("paddingTop")),
        "padding_bottom": room(part.get("paddingBottom")),
        "padding_inline_start": room(part.get("paddingStart")),
        "padding_inline_end": room(part.get("paddingEnd")),
    }


def text(part: Json) -> Look:
    lines_max = part.get("maxLines")
    return {
        "font_size": font_size(part.get("size")),
        "color": colour(part.get("color")),
        "font_weight": "700" if part.get("weight") == "bold" else None,
        "font_style": "italic" if part.get("style") == "italic" else None,
        "text_align": known(part.get("align"), ("start", "end", "center"), "") or None,
        "text_decoration": known(part.get("decoration"), ("underline", "line-through"), "") or None,
        "line_clamp": str(lines_max) if isinstance(lines_max, int) and lines_max > 0 else None,
    }


def image(part: Json) -> Look:
    return {
        "width": IMAGE_SIZES.get(str(part.get("size", "md"))) or length(part.get("size")),
        "aspect_ratio": _ratio(part.get("aspectRatio")),
        "background_color": colour(part.get("backgroundColor")),
    }


def _share(part: Json, direction: str) -> str | None:
    """In a row everything shares the room equally, in a column nothing grows: that is LINE's own default."""
    share = part.get("flex")
    if isinstance(share, int) and not isinstance(share, bool) and share >= 0:
        return f"{share} {share} 0%" if share else "0 0 auto"
    if part.get("type") in ("separator", "icon") or "width" in part:
        return "0 0 auto"
    if part.get("type") == "filler":
        return "1 1 0%"
    return "0 0 auto" if direction == "vertical" else "1 1 0%"


def _ratio(value: object) -> str:
    width, _, height = str(value or "1:1").partition(":")
    try:
        return f"{float(width):g} / {float(height):g}"
    except ValueError:
        return "1 / 1"


def _gradient(background: object) -> str | None:
    if not isinstance(background, Mapping) or background.get("type") != "linearGradient":
        return None
    angle = str(background.get("angle", "0deg")).removesuffix("deg")
    colours = [colour(background.get(key)) for key in ("startColor", "centerColor", "endColor")]
    stops = [stop for stop in colours if stop]
    if not angle.replace(".", "", 1).isdigit() or not stops:
        return None
    return f"linear-gradient({angle}deg, {', '.join(stops)})"
