"""Slack's messages and views as HTML: every kind of block, its text markup and its attachments."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from markupsafe import Markup

from playground.html import EMPTY, colour, join, link, paragraph, picture, style, tag
from playground.mrkdwn import mrkdwn, plain_text, text_object
from playground.rich_text import rich_text
from playground.slack_element import element

Json = Mapping[str, Any]

LEVELS = {"info": "ⓘ", "success": "✓", "warning": "⚠", "error": "✕"}
STAGES = {"pending": "○", "in_progress": "◔", "complete": "✓", "error": "✕"}


def slack_message(raw: Json) -> Markup:
    """The text beside blocks is only the notification, so it is shown when there is nothing else."""
    shown = [*map(block, objects(raw.get("blocks"))), *map(_attachment, objects(raw.get("attachments")))]
    shown += [_file(file) for file in objects(raw.get("files"))]
    if not raw.get("blocks"):
        shown.insert(0, tag("div", mrkdwn(str(raw.get("text") or "")), class_="block-text"))
    return tag("div", *shown, class_="blocks")


def slack_blocks(blocks: object) -> Markup:
    return tag("div", *map(block, objects(blocks)), class_="blocks")


def block(raw: Json) -> Markup:
    return BLOCKS.get(str(raw.get("type")), _unknown)(raw)


def objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _header(raw: Json) -> Markup:
    return tag("h4", text_object(raw.get("text")), class_="block-header")


def _section(raw: Json) -> Markup:
    fields = [tag("div", text_object(field)) for field in objects(raw.get("fields"))]
    accessory = raw.get("accessory")
    return tag(
        "div",
        tag(
            "div",
            tag("div", text_object(raw.get("text")), class_="block-text") if raw.get("text") else EMPTY,
            tag("div", *fields, class_="block-fields") if fields else EMPTY,
            class_="block-grow",
        ),
        element(accessory) if isinstance(accessory, Mapping) else EMPTY,
        class_="block-section",
    )


def _divider(_raw: Json) -> Markup:
    return tag("hr", class_="block-divider")


def _context(raw: Json) -> Markup:
    return tag("div", *map(_small, objects(raw.get("elements"))), class_="block-context")


def _small(raw: Json) -> Markup:
    if raw.get("type") == "image":
        return picture(raw.get("image_url"), raw.get("alt_text"), class_="tiny")
    return tag("span", text_object(raw))


def _actions(raw: Json) -> Markup:
    return tag("div", *map(element, objects(raw.get("elements"))), class_="block-actions")


def _image(raw: Json) -> Markup:
    title = text_object(raw.get("title"))
    return tag(
        "figure",
        tag("figcaption", title) if title else EMPTY,
        picture(raw.get("image_url"), raw.get("alt_text"), class_="wide"),
    )


def _input(raw: Json) -> Markup:
    """Only a message can bring one here; in a modal the fields belong to one form and slack_modal writes them."""
    inner = raw.get("element")
    label = tag("span", text_object(raw.get("label")), class_="block-label")
    return tag("div", label, element(inner) if isinstance(inner, Mapping) else EMPTY)


def _markdown(raw: Json) -> Markup:
    return tag("div", paragraph(str(raw.get("text", "")).replace("**", "")), class_="block-text")


def _video(raw: Json) -> Markup:
    title = link(raw.get("title_url") or raw.get("video_url"), text_object(raw.get("title")))
    return tag(
        "figure", tag("figcaption", title), picture(raw.get("thumbnail_url"), raw.get("alt_text"), class_="wide")
    )


def _file(raw: Json) -> Markup:
    name = raw.get("title") or raw.get("name") or raw.get("external_id") or raw.get("id")
    return tag("p", tag("span", "▤ ", aria_hidden="true"), str(name), class_="attachment")


def _alert(raw: Json) -> Markup:
    sign = LEVELS.get(str(raw.get("level")), LEVELS["info"])
    return tag("div", tag("span", sign, aria_hidden="true"), " ", text_object(raw.get("text")), class_="block-alert")


def _card(raw: Json) -> Markup:
    hero = raw.get("hero_image")
    texts = [tag("div", text_object(raw[key])) for key in ("subtitle", "body", "subtext") if key in raw]
    return tag(
        "div",
        picture(hero.get("image_url"), hero.get("alt_text"), class_="wide") if isinstance(hero, Mapping) else EMPTY,
        tag("strong", text_object(raw.get("title"))),
        *texts,
        tag("div", *map(element, objects(raw.get("actions"))), class_="block-actions"),
        class_="block-card",
    )


def _carousel(raw: Json) -> Markup:
    return tag("div", *map(block, objects(raw.get("elements"))), class_="block-carousel", tabindex=0)


def _container(raw: Json) -> Markup:
    heading = [tag("strong", text_object(raw.get("title"))), tag("div", text_object(raw.get("subtitle")))]
    return tag("div", *heading, *map(block, objects(raw.get("child_blocks"))), class_="block-card")


def _table(raw: Json) -> Markup:
    rows = [row for row in raw.get("rows") or () if isinstance(row, list)]
    caption = tag("caption", str(raw["caption"])) if raw.get("caption") else EMPTY
    head = tag("tr", *[tag("th", _cell(cell), scope="col") for cell in rows[0]]) if rows else EMPTY
    body = [tag("tr", *[tag("td", _cell(cell)) for cell in row]) for row in rows[1:]]
    return tag("table", caption, tag("thead", head), tag("tbody", *body), class_="block-table")


def _cell(raw: object) -> Markup:
    if not isinstance(raw, Mapping):
        return EMPTY
    return rich_text(raw) if raw.get("type") == "rich_text" else plain_text(str(raw.get("text", "")))


def _figures(raw: Json) -> Markup:
    """A diagram is shown as its figures: the same facts, and readable without seeing shapes."""
    chart = raw.get("chart") if isinstance(raw.get("chart"), Mapping) else {}
    assert isinstance(chart, Mapping)
    series = objects(chart.get("series")) or [{"name": "", "data": chart.get("segments")}]
    lists = [tag("div", tag("em", str(one.get("name", ""))), _points(objects(one.get("data")))) for one in series]
    return tag("div", tag("strong", str(raw.get("title", ""))), *lists, class_="block-card")


def _points(points: Iterable[Json]) -> Markup:
    return tag("ul", *[tag("li", f"{point.get('label', '')}: {point.get('value', '')}") for point in points])


def _plan(raw: Json) -> Markup:
    tasks = tag("ul", *[tag("li", _task(task)) for task in objects(raw.get("tasks"))], class_="plain")
    return tag("div", tag("strong", str(raw.get("title", ""))), tasks, class_="block-card")


def _task(raw: Json) -> Markup:
    sign = STAGES.get(str(raw.get("status")), STAGES["pending"])
    output = raw.get("output")
    sources = [
        tag("div", link(source.get("url"), str(source.get("text", "")))) for source in objects(raw.get("sources"))
    ]
    return join(
        [f"{sign} {raw.get('title', '')}", rich_text(output) if isinstance(output, Mapping) else EMPTY, *sources]
    )


def _attachment(raw: Json) -> Markup:
    words = raw.get("text") or (None if raw.get("blocks") else raw.get("fallback"))
    bar = colour("#" + str(raw.get("color", "")).removeprefix("#"))
    return tag(
        "div",
        tag("div", mrkdwn(str(words))) if words else EMPTY,
        *map(block, objects(raw.get("blocks"))),
        class_="block-attachment",
        data_style=style(border_color=bar),
    )


def _unknown(raw: Json) -> Markup:
    return tag("p", f"[{raw.get('type', '?')}]", class_="unknown")


BLOCKS: dict[str, Callable[[Json], Markup]] = {
    "header": _header,
    "section": _section,
    "divider": _divider,
    "context": _context,
    "context_actions": _actions,
    "actions": _actions,
    "image": _image,
    "input": _input,
    "rich_text": rich_text,
    "markdown": _markdown,
    "video": _video,
    "file": _file,
    "alert": _alert,
    "card": _card,
    "carousel": _carousel,
    "container": _container,
    "table": _table,
    "data_table": _table,
    "data_visualization": _figures,
    "plan": _plan,
    "task_card": lambda raw: tag("div", _task(raw), class_="block-card"),
}
