"""LINE's Flex messages as HTML: bubbles of boxes, laid out by LINE's own rules for room and direction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from playground import flex_look
from playground.html import EMPTY, colour, join, lines, link, picture, style, tag
from playground.line_action import line_button

Json = Mapping[str, Any]

SECTIONS = ("header", "hero", "body", "footer")


def flex(raw: Json) -> Markup:
    """The alternative text is what a screen reader and the notification say, so it names the group."""
    contents = _object(raw.get("contents"))
    return tag("div", _container(contents), class_="flex-message", role="group", aria_label=str(raw.get("altText", "")))


def _container(contents: Json) -> Markup:
    if contents.get("type") == "carousel":
        bubbles = [_bubble(_object(bubble)) for bubble in contents.get("contents", ())]
        return tag("div", *bubbles, class_="flex-carousel", tabindex=0)
    return _bubble(contents)


def _bubble(bubble: Json) -> Markup:
    styles = _object(bubble.get("styles"))
    sections = [
        _section(name, _object(bubble[name]), _object(styles.get(name)))
        for name in SECTIONS
        if isinstance(bubble.get(name), Mapping)
    ]
    size = flex_look.known(bubble.get("size"), flex_look.BUBBLE_SIZES, "mega")
    right_to_left = "rtl" if bubble.get("direction") == "rtl" else None
    return tag("div", *sections, class_=f"flex-bubble flex-{size}", dir=right_to_left)


def _section(name: str, content: Json, styles: Json) -> Markup:
    separator = tag("hr", class_="flex-rule") if styles.get("separator") is True else EMPTY
    look = style(background_color=colour(styles.get("backgroundColor")))
    return tag("div", separator, _component(content, "vertical"), class_=f"flex-{name}", data_style=look)


def _component(part: Json, direction: str) -> Markup:
    return COMPONENTS.get(str(part.get("type")), _unknown)(part, direction)


def _box(part: Json, direction: str) -> Markup:
    layout = flex_look.known(part.get("layout"), flex_look.LAYOUTS, "vertical")
    children = [_component(child, layout) for child in _spaced(part)]
    look = style(**flex_look.box(part), **flex_look.place(part, direction))
    inner = tag("div", *children, class_=f"flex-box flex-{layout}", data_style=look)
    action = _object(part.get("action"))
    return _pressable(part, action, inner) if action else inner


def _spaced(part: Json) -> Iterator[Json]:
    """A box's spacing is the margin of every child but the first, unless the child has its own."""
    contents = part.get("contents")
    children = [_object(child) for child in contents] if isinstance(contents, Sequence) else []
    for position, child in enumerate(children):
        if position == 0 or "margin" in child or "spacing" not in part:
            yield child
        else:
            yield {**child, "margin": part["spacing"]}


def _text(part: Json, direction: str) -> Markup:
    spans = part.get("contents")
    words = [_span(_object(span)) for span in spans] if isinstance(spans, list) and spans else [_words(part)]
    wrapped = "flex-wrap" if part.get("wrap") is True else "flex-nowrap"
    look = style(**flex_look.text(part), **flex_look.place(part, direction))
    inner = tag("span", *words, class_=f"flex-text {wrapped}", data_style=look)
    action = _object(part.get("action"))
    return _pressable(part, action, inner) if action else inner


def _span(part: Json) -> Markup:
    return tag("span", _words(part), data_style=style(**flex_look.text(part)))


def _words(part: Json) -> Markup:
    return lines(join([str(part.get("text", ""))]))


def _button(part: Json, direction: str) -> Markup:
    kind = flex_look.known(part.get("style"), ("primary", "secondary", "link"), "link")
    height = "flex-short" if part.get("height") == "sm" else "flex-tall"
    own = colour(part.get("color"))
    look = style(color=own) if kind == "link" else style(background_color=own)
    inner = line_button(_object(part.get("action")), f"flex-button flex-{kind} {height}", look)
    return tag("div", inner, class_="flex-press", data_style=style(**flex_look.place(part, direction)))


def _image(part: Json, direction: str) -> Markup:
    fit = "flex-cover" if part.get("aspectMode") == "cover" else "flex-fit"
    look = style(**flex_look.image(part), **flex_look.place(part, direction))
    action = _object(part.get("action"))
    words = action.get("label") or part.get("altText")
    shown = picture(part.get("url") or part.get("previewUrl"), words, class_=f"flex-image {fit}", data_style=look)
    return _pressable(part, action, shown) if action else shown


def _icon(part: Json, direction: str) -> Markup:
    look = style(font_size=flex_look.font_size(part.get("size")), **flex_look.place(part, direction))
    return tag("span", "◆", class_="flex-icon", aria_hidden="true", data_style=look)


def _separator(part: Json, direction: str) -> Markup:
    own = style(border_color=colour(part.get("color")), **flex_look.place(part, direction))
    return tag("span", class_="flex-separator", role="presentation", data_style=own)


def _filler(part: Json, direction: str) -> Markup:
    return tag("span", class_="flex-filler", data_style=style(**flex_look.place(part, direction)))


def _unknown(part: Json, _direction: str) -> Markup:
    return tag("span", f"[{part.get('type', '?')}]", class_="flex-text unknown")


def _pressable(part: Json, action: Json, inner: Markup) -> Markup:
    """Named as a phone names it: by its label, else by the words on it, else by what pressing it says."""
    label = action.get("label") or _spoken(part) or action.get("displayText") or action.get("text")
    if action.get("type") == "uri":
        spoken = str(label) if label else None
        return link(action.get("uri"), inner, class_="flex-area", aria_label=spoken, data_label=spoken)
    if not label:
        return inner
    return tag("div", inner, role="button", tabindex=0, class_="flex-area", data_verb="taps", data_label=str(label))


def _spoken(part: Json) -> str:
    if part.get("type") == "text":
        spans = [_object(span) for span in part.get("contents") or ()]
        return "".join(str(span.get("text", "")) for span in spans) or str(part.get("text", ""))
    children = part.get("contents")
    spoken = [_spoken(_object(child)) for child in children] if isinstance(children, list) else []
    return " ".join(words for words in spoken if words)


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


COMPONENTS: dict[str, Callable[[Json, str], Markup]] = {
    "box": _box,
    "text": _text,
    "button": _button,
    "image": _image,
    "video": _image,
    "icon": _icon,
    "separator": _separator,
    "filler": _filler,
    "spacer": _filler,
}
