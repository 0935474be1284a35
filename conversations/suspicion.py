"""What an honest person hardly says: answered as always, so that nothing is learned by it, and noted for operators."""

from collections.abc import Mapping

from conversations.messages import Content, Form, Press, Text
from conversations.parsers import text
from conversations.ports import Action, Saved, World
from conversations.router import BY_COMMAND
from engine.errors import (
    CodesPaused,
    CodeUsed,
    ConfirmWhereAsked,
    NeedsAnother,
    NoLongerValid,
    NotFound,
    NotYourself,
    NotYourTurn,
    OnlyOperators,
    OwnCode,
    OwnJob,
    Refused,
    SameWords,
    Suspended,
    TermsChanged,
    TooManyCodes,
    TooManyToday,
    TooManyUnpaid,
    UnlinkTooSoon,
)
from engine.links import CodeWrong
from engine.ports import Event

FORM = "form"  # the key of the handle that a form carries

# Refusals of what was never offered to this person, or not as they sent it.
SUSPECT: tuple[type[Refused], ...] = (
    CodeUsed,
    CodesPaused,
    ConfirmWhereAsked,
    NeedsAnother,
    NoLongerValid,
    NotFound,
    NotYourself,
    NotYourTurn,
    OnlyOperators,
    OwnCode,
    OwnJob,
    SameWords,
    Suspended,
    TermsChanged,
    TooManyCodes,
    TooManyToday,
    TooManyUnpaid,
    UnlinkTooSoon,
)

# What has happened that hardly happens to an honest person, and its reason code.
EVENTS: Mapping[type[Event], str] = {CodeWrong: "code_wrong"}

# What is said to a button that does nothing (any more), by the reason code of its security event.
WORDS: Mapping[str, str] = {
    "handle_unknown": "common.stale",
    "handle_used": "common.answered",
    "handle_stale": "common.answered",
    "handle_misused": "common.stale",
}


def about_press(world: World, user_id: int, action: Action | None, saved: Saved, press: Press) -> str:
    """The reason code of a press that must not count, "" if it may."""
    if action is None:
        return missing(world, user_id, press.handle)
    if action.kind != "reply":
        return "handle_misused" if press.value else ""
    if not saved.flow or action.turn != saved.turn:
        return "handle_stale"
    # Only a picker's handle comes with a value, and never without one; a form is sent in, not pressed.
    return "handle_misused" if action.key == FORM or (action.value is None) != bool(press.value) else ""


def about_form(world: World, user_id: int, action: Action | None, saved: Saved, form: Form) -> str:
    """The same of a form: it carries a handle made for a form of the question asked now."""
    if action is None:
        return missing(world, user_id, form.handle)
    if action.key != FORM:
        return "handle_misused"
    return "" if saved.flow and action.turn == saved.turn else "handle_stale"


def missing(world: World, user_id: int, handle: str) -> str:
    return "handle_used" if world.was_used(user_id, handle) else "handle_unknown"


def first_word(said: str) -> str:
    return text.normalise(said.strip().partition(" ")[0])


def is_operators(said: str) -> bool:
    """An operators' command, typed as one."""
    flow = BY_COMMAND.get(first_word(said).removeprefix("/"))
    return flow is not None and flow.operator and (said.startswith("/") or len(said.split()) <= len(flow.takes) + 1)


def aimed_at_us(content: Content) -> bool:
    """In a group most of what is said is no business of ours; buttons and commands would be."""
    if isinstance(content, Text):
        word = first_word(content.text)
        return word.removeprefix("/") in BY_COMMAND and (word.startswith("/") or is_operators(content.text))
    return isinstance(content, Press | Form)
