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

from conversations.messages import Field
from engine import calendar, codes
from engine.ports import Thing

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("ja", "en")
# Signs of the block language inside people's own words, kept apart as private-use characters until it is read.
KEPT_APART = {"\n": "\ue000", "|": "\ue001", "#": "\ue002", "\r": ""}
PUT_BACK = {ord("\ue000"): "\n", ord("\ue001"): "|", ord("\ue002"): "#"}
PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Page:
    """A rendered block."""

    title: str
    fields: tuple[Field, ...]
    text: str


def keep_apart(value: object) -> object:
    if not isinstance(value, str):
        return value
    value = PRIVATE_USE.sub("", value)
    for sign, stand_in in KEPT_APART.items():
        value = value.replace(sign, stand_in)
    return value


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
def template(language: str, name: str) -> Template:
    return environment(language).get_template(f"{name}.j2")


def has(language: str, words: str) -> bool:
    name, block = words.split(".")
    return block in template(language, name).blocks


@cache
def fixed_blocks(language: str, name: str) -> frozenset[str]:
    """The blocks that say the same whatever the facts, as most labels do."""
    source = (TEMPLATES / language / f"{name}.j2").read_text(encoding="utf-8")
    blocks = environment(language).parse(source).find_all(nodes.Block)
    return frozenset(b.name for b in blocks if all(type(n) is nodes.TemplateData for o in b.body for n in parts(o)))


def parts(node: nodes.Node) -> list[nodes.Expr] | list[nodes.Node]:
    return node.nodes if isinstance(node, nodes.Output) else [node]


@cache
def fixed(language: str, words: str) -> str | None:
    """The words of such a block; None for all others."""
    name, block = words.split(".")
    return rendered(language, words, {}) if block in fixed_blocks(language, name) else None


def rendered(language: str, words: str, facts: Mapping[str, Any]) -> str:
    name, block = words.split(".")
    found = template(language, name)
    return "".join(found.blocks[block](found.new_context(dict(facts)))).strip()


def raw(language: str, words: str, facts: Mapping[str, Any]) -> str:
    known = fixed(language, words)
    return rendered(language, words, facts) if known is None else known


def line(language: str, words: str, facts: Mapping[str, Any]) -> str:
    """A block of one line: a label."""
    return raw(language, words, facts).translate(PUT_BACK)


def page(language: str, words: str, facts: Mapping[str, Any]) -> Page:
    """A block as title, fields and text. `words` is "<flow>.<block>"."""
    title, fields, rest = "", [], []
    for row in raw(language, words, facts).split("\n"):
        label, bar, value = row.partition(" | ")
        if row.startswith("# ") and not title:
            title = row[2:].translate(PUT_BACK)
        elif bar:
            fields.append(Field(label.strip().translate(PUT_BACK), value.strip().translate(PUT_BACK)))
        else:
            rest.append(row.rstrip().translate(PUT_BACK))
    return Page(title, tuple(fields), re.sub(r"\n{3,}", "\n\n", "\n".join(rest)).strip())
