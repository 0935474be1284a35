"""Words: one template file a flow and language, one block a message. Python never words anything itself.

A block is plain text with three signs: a line `# …` is the title, a line `label | value` a field of the card, the rest
are words. What people wrote cannot make these signs: it is taken apart from them before the block is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.runtime import Context

from conversations.messages import Field
from engine import calendar, codes
from engine.ports import Thing

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("ja", "en")
# Signs of the block language inside people's own words, kept apart as private-use characters until it is read.
KEPT_APART = {"\n": "\ue000", "|": "\ue001", "#": "\ue002", "\r": ""}
PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
SUSPECT = re.compile("[\n|#\r\ue000-\uf8ff]")
BLANKS = re.compile(r"\n{3,}")
WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Page:
    """A rendered block."""

    title: str
    fields: tuple[Field, ...]
    text: str


def keep_apart(value: object) -> object:
    if not isinstance(value, str) or not SUSPECT.search(value):
        return value
    value = PRIVATE_USE.sub("", value)
    for sign, stand_in in KEPT_APART.items():
        value = value.replace(sign, stand_in)
    return value


def put_back(text: str) -> str:
    return text.replace("\ue000", "\n").replace("\ue001", "|").replace("\ue002", "#")


def yen_ja(amount: int) -> str:
    return f"{amount:,}円"


def yen_en(amount: int) -> str:
    return f"¥{amount:,}"


def day_ja(day: date | str) -> str:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.year}年{day.month}月{day.day}日({WEEKDAYS['ja'][day.weekday()]})"


def day_en(day: date | str) -> str:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{WEEKDAYS['en'][day.weekday()]}, {MONTHS[day.month - 1]} {day.day}, {day.year}"


def local(at: datetime) -> datetime:
    return at.astimezone(calendar.ZONE)


def moment_ja(at: datetime) -> str:
    return f"{day_ja(local(at).date())} {local(at):%H:%M}"


def moment_en(at: datetime) -> str:
    return f"{day_en(local(at).date())} {local(at):%H:%M}"


def code(thing: Thing) -> str:
    return codes.code(thing.noun, thing.id)


def code_of(thing_id: int, noun: str) -> str:
    """The short number of a thing that is known by its id only."""
    return codes.code(noun, thing_id)


FILTERS: Mapping[str, Mapping[str, Callable[..., str]]] = {
    "ja": {"yen": yen_ja, "day": day_ja, "moment": moment_ja, "code": code, "code_of": code_of},
    "en": {"yen": yen_en, "day": day_en, "moment": moment_en, "code": code, "code_of": code_of},
}


@lru_cache
def environment(language: str) -> Environment:
    made = Environment(  # noqa: S701 - not HTML: each bot escapes for its own platform
        loader=FileSystemLoader(TEMPLATES / language),
        undefined=StrictUndefined,
        finalize=keep_apart,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(FILTERS[language])
    return made


@cache
def parsed(language: str, name: str) -> nodes.Template:
    return environment(language).parse((TEMPLATES / language / f"{name}.j2").read_text(encoding="utf-8"), name)


@cache
def template(language: str, name: str) -> Template:
    """Compiled when first something of it depends on facts: of many only the labels are ever wanted."""
    made = environment(language)
    return Template.from_code(made, made.compile(parsed(language, name), name, f"{name}.j2"), made.make_globals(None))


@cache
def blocks(language: str, name: str) -> Mapping[str, str | None]:
    """Those that say the same whatever the facts, as most labels do, in their words; None for all others."""
    return {block.name: words_alone(block) for block in parsed(language, name).find_all(nodes.Block)}


def words_alone(block: nodes.Block) -> str | None:
    found = [part for outer in block.body for part in (outer.nodes if isinstance(outer, nodes.Output) else [outer])]
    words = [part.data for part in found if isinstance(part, nodes.TemplateData)]
    return "".join(words).strip() if len(words) == len(found) else None


def has(language: str, words: str) -> bool:
    name, block = words.split(".")
    return block in blocks(language, name)


def rendered(language: str, name: str, block: str, facts: Mapping[str, Any]) -> str:
    found = template(language, name)
    # What `new_context` makes, without a list of all the other blocks: none of ours speaks of another.
    context = Context(found.environment, {**found.globals, **facts}, found.name, {})
    return "".join(found.blocks[block](context)).strip()


def line(language: str, words: str, facts: Mapping[str, Any]) -> str:
    """A block of one line: a label."""
    name, block = words.split(".")
    known = blocks(language, name)[block]
    return put_back(rendered(language, name, block, facts)) if known is None else known


def page(language: str, words: str, facts: Mapping[str, Any]) -> Page:
    """A block as title, fields and text. `words` is "<flow>.<block>"."""
    name, block = words.split(".")
    if blocks(language, name)[block] is None:
        return read(rendered(language, name, block, facts))
    return fixed_page(language, name, block)


@cache
def fixed_page(language: str, name: str, block: str) -> Page:
    return read(blocks(language, name)[block] or "")


def read(written: str) -> Page:
    title, fields, rest = "", [], []
    for row in written.split("\n"):
        label, bar, value = row.partition(" | ")
        if row.startswith("# ") and not title:
            title = put_back(row[2:])
        elif bar:
            fields.append(Field(put_back(label.strip()), put_back(value.strip())))
        else:
            rest.append(put_back(row.rstrip()))
    return Page(title, tuple(fields), BLANKS.sub("\n\n", "\n".join(rest)).strip())
