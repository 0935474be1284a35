"""What one browser window shows, as named fragments of HTML that are sent again when they change."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from playground.curl import curl
from playground.faults import fault_is_on, faults_of
from playground.html import link, paragraph, tag
from playground.inspector import CHARACTERS_SHOWN, SIGNS
from playground.line_action import day_picker, tap_button
from playground.phone import Person
from playground.render_line import line_message
from playground.render_slack import slack_blocks, slack_message
from playground.render_telegram import telegram_keyboard, telegram_message
from playground.screen import Bubble, Screen, Tap
from playground.slack_modal import slack_modal
from playground.stage import LANGUAGES, House, View
from playground.words import words_in

ZONE: tzinfo = ZoneInfo("Asia/Tokyo")
TURNS_SHOWN = 60
ID_LENGTH_SHOWN = 6
ID_END_SHOWN = 5
PLATFORM_NAMES = {"line": "LINE", "slack": "Slack", "telegram": "Telegram"}
MESSAGES = {"line": line_message, "slack": slack_message, "telegram": telegram_message}


@dataclass(frozen=True)
class Said:
    """A bubble with the day it was said, when that is another day than the one before."""

    bubble: Bubble
    new_day: str
    at: float


@cache
def templates() -> Environment:
    built = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    built.globals.update(
        {
            "author": author,
            "blocks": slack_blocks,
            "curl": curl,
            "fault_is_on": fault_is_on,
            "faults_of": faults_of,
            "keyboard": telegram_keyboard,
            "languages": LANGUAGES,
            "message": shown_message,
            "modal_form": slack_modal,
            "platform_names": PLATFORM_NAMES,
            "signs": SIGNS,
            "tap_control": tap_control,
        }
    )
    built.filters.update(clock=clock_time, pretty=pretty, long_time=long_time, short_id=short_id)
    return built


def page(house: House, view: View) -> str:
    parts = fragments(house, view)
    return (
        templates().get_template("page.j2").render(house=house, view=view, words=words_in(view.language), parts=parts)
    )


def fragments(house: House, view: View) -> dict[str, Markup]:
    """Keyed by the id of the element each one fills."""
    return {**around(house, view), **phones(house, view)}


def around(house: House, view: View) -> dict[str, Markup]:
    """What may change without any platform hearing of it."""
    return {
        "tour": _part("tour", house, view),
        "clock": _part("clock", house, view),
        "timeline": _part("timeline", house, view, turns=house.timeline.turns()[:TURNS_SHOWN]),
    }


def phones(house: House, view: View) -> dict[str, Markup]:
    parts = {}
    for platform, person in view.people.items():
        screen = house.phone(person).screen()
        known = {"platform": platform, "person": person, "screen": screen, "said": list(_days(screen, view.language))}
        for name in ("chat", "below", "home", "overlay", "faults"):
            parts[f"{name}-{platform}"] = _part(name, house, view, **known)
    return parts


def shown_message(platform: str, bubble: Bubble) -> Markup:
    """Anything without the platform's JSON, like the label of a pressed button, is plain words."""
    if not bubble.raw:
        return tag("p", paragraph(bubble.text), class_="said")
    return MESSAGES[platform](bubble.raw)


def tap_control(tap: Tap, class_: str) -> Markup:
    """For what stands below the chat, where no message lends its own look."""
    match tap.kind:
        case "url":
            return link(tap.raw.get("uri") or tap.raw.get("url"), tap.label, class_=class_)
        case "date":
            return day_picker(tap.raw, tap.label, class_)
        case _:
            return tap_button(tap.label, class_)


def author(bubble: Bubble, person: Person, house: House) -> str:
    """Empty for the bot. In a channel of Slack other people speak as well."""
    if bubble.mine:
        return person.name
    somebody = house.person(person.platform, str(bubble.raw.get("user", "")))
    return somebody.name if somebody else ""


def short_id(id: str) -> str:
    """LINE's ids are 33 characters; the end is kept, since it tells two people apart."""
    return id if len(id) <= ID_LENGTH_SHOWN else f"…{id[-ID_END_SHOWN:]}"


def clock_time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, ZONE):%H:%M}"


def long_time(moment: datetime, language: str) -> str:
    pattern = "M月d日(E) HH:mm" if language == "ja" else "EEE d MMM, HH:mm"
    return format_datetime(moment.astimezone(ZONE), pattern, locale=language)


def pretty(raw: object) -> str:
    written = json.dumps(raw, ensure_ascii=False, indent=2, default=str)
    return written if len(written) <= CHARACTERS_SHOWN else written[:CHARACTERS_SHOWN] + "\n…"


def _part(name: str, house: House, view: View, **known: object) -> Markup:
    template = templates().get_template(f"{name}.j2")
    return Markup(template.render(house=house, view=view, words=words_in(view.language), **known))


def _days(screen: Screen, language: str) -> Iterator[Said]:
    before = None
    pattern = "M月d日(E)" if language == "ja" else "EEE d MMM"
    for bubble in sorted((*screen.bubbles, *screen.ephemeral), key=said_at):
        day = datetime.fromtimestamp(said_at(bubble), ZONE).date()
        yield Said(bubble, format_date(day, pattern, locale=language) if day != before else "", said_at(bubble))
        before = day


def said_at(bubble: Bubble) -> float:
    """An edited message stays in its place, so its first moment counts and not the one of the edit."""
    return float(bubble.raw.get("date") or bubble.raw.get("ts") or bubble.at)
