"""Slack's events, interactions and commands as neutral messages."""

import re
from datetime import UTC, datetime

from bots import text
from bots.door import Json, compact, object_in, outside_id, part, parts, whole_number, word
from bots.slack import forms
from conversations.messages import Arrived, Content, File, Form, Incoming, OpenedHome, Other, Press, Sender, Text

MENU = "menu"
# Slack's own signs in text: <@U1>, <#C1|name>, <https://…|label>, <!here>.
SIGN = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
MENTION_FIRST = re.compile(r"^\s*<@[A-Z0-9]+(?:\|[^<>]*)?>\s*")
OURS = re.compile(r"(press|pick|day):[0-9]+(?::(.*))?")
SPOKEN_SUBTYPES = ("", "file_share")
DELETED, CHANGED = "message_deleted", "message_changed"
TAKEN_BACK = (DELETED, CHANGED)


def read(stored_event: bytes) -> Incoming | None:
    kept = object_in(stored_event)
    payload = part(kept, "payload")
    match word(kept, "kind"):
        case "event":
            return event(kept, payload)
        case "interaction":
            return interaction(kept, payload)
        case "command":
            return command(kept, payload)
        case _:
            return None


def event(kept: Json, payload: Json) -> Incoming | None:
    inner = part(payload, "event")
    if word(inner, "subtype") in TAKEN_BACK:
        return taken_back(kept, payload, inner)
    user_id = outside_id(inner, "user")
    content = content_of(inner)
    if content is None or not user_id or inner.get("bot_id"):
        return None
    tenant = tenant_of(payload, "team_id", "enterprise_id")
    home = word(inner, "type") == "app_home_opened"
    hint = {"source": "home" if home else "chat", "channel": "" if home else word(inner, "channel")}
    private = word(inner, "channel_type") == "im" or home
    stranger = is_stranger(tenant, word(inner, "user_team"), word(inner, "team"), word(inner, "source_team"))
    direct = private and not stranger and payload.get("is_ext_shared_channel") is not True
    spoken_at = float(whole_number(payload, "event_time") or received_at(kept))
    who, at, name = sender(tenant, user_id), moment(spoken_at), name_of(inner, inner)
    return Incoming(word(kept, "id"), who, content, at, compact(hint), direct, message=name)


def taken_back(kept: Json, payload: Json, inner: Json) -> Incoming | None:
    """A person's own words; ours are written anew all the time. What is new in them is not heard."""
    before, after = part(inner, "previous_message"), part(inner, "message")
    user_id, name = outside_id(before, "user"), name_of(inner, before)
    unchanged = word(inner, "subtype") == CHANGED and word(before, "text") == word(after, "text")
    if not user_id or not name or before.get("bot_id") or unchanged:
        return None
    who = sender(tenant_of(payload, "team_id", "enterprise_id"), user_id)
    at = moment(float(whole_number(payload, "event_time") or received_at(kept)))
    return Incoming(word(kept, "id"), who, Other("taken_back"), at, direct=False, takes_back=name)


def without_words(payload: Json) -> Json:
    """As it is kept: Slack sends once more what is not to be there any more."""
    inner = part(payload, "event")
    if word(inner, "subtype") not in TAKEN_BACK:
        return payload
    before = {key: word(inner, "previous_message", key) for key in ("user", "ts")}
    kept = {key: word(inner, key) for key in ("type", "channel")}
    return {**payload, "event": {**kept, "subtype": DELETED, "previous_message": before}}


def name_of(inner: Json, found: Json) -> str:
    """Of a message: its time is its own in its channel only."""
    ts = outside_id(found, "ts")
    return f"{outside_id(inner, 'channel')}:{ts}" if ts else ""


def content_of(inner: Json) -> Content | None:
    match word(inner, "type"):
        case "app_home_opened":
            return home_tab(word(inner, "tab"))
        case "message" if word(inner, "channel_type") == "im" and word(inner, "subtype") in SPOKEN_SUBTYPES:
            return file_of(inner) or Text(said(word(inner, "text")))
        case "app_mention":
            return Text(said(MENTION_FIRST.sub("", word(inner, "text"))))
        case _:
            return None


def home_tab(tab: str) -> Content | None:
    if tab == "home":
        return OpenedHome()
    return Arrived() if tab == "messages" else None


def file_of(inner: Json) -> File | None:
    for found in parts(inner, "files"):
        address = word(found, "url_private_download") or word(found, "url_private")
        if address:
            return File(text.kept(word(found, "name")) or "file", text.kept(address), whole_number(found, "size"))
    return None


def said(words: str) -> str:
    """What was typed, without Slack's signs; escapes are undone last and once, so that a typed <!here> stays that."""
    plain = SIGN.sub(lambda sign: sign[1].strip("!") + (sign[2] if sign[1] != "#" else sign[3] or sign[2]), words)
    return text.kept(plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def interaction(kept: Json, payload: Json) -> Incoming | None:
    tenant = outside_id(payload, "team", "id") or outside_id(payload, "enterprise", "id")
    user_id = outside_id(payload, "user", "id")
    content = answered(payload)
    if content is None or not user_id or not tenant:
        return None
    hint = {"trigger": word(payload, "trigger_id"), "at": received_at(kept), **place(payload)}
    stranger = is_stranger(tenant, word(payload, "user", "team_id"))
    who = sender(tenant, user_id)
    return Incoming(word(kept, "id"), who, content, moment(received_at(kept)), compact(hint), direct=not stranger)


def place(payload: Json) -> dict[str, object]:
    """Where the pressed thing stands: what can be edited there, and how."""
    container = part(payload, "container")
    view_type = word(payload, "view", "type")
    if view_type:
        return {"source": "home" if view_type == "home" else "modal"}
    return {
        "source": "chat",
        "channel": word(payload, "channel", "id") or word(container, "channel_id"),
        "ts": word(container, "message_ts") or word(payload, "message", "ts"),
        "url": word(payload, "response_url"),
        "ephemeral": container.get("is_ephemeral") is True,
    }


def answered(payload: Json) -> Content | None:
    match word(payload, "type"):
        case "block_actions":
            return next((found for found in map(press, parts(payload, "actions")) if found), None)
        case "view_submission":
            view = part(payload, "view")
            filled = {text.kept(key): value for _, key, value, _ in forms.values(view).values()}
            return Form(text.kept(word(view, "private_metadata")), filled)
        case _:
            return None


def press(action: Json) -> Press | None:
    """Only what we made ourselves; a link's button is told to us, too, and means nothing."""
    ours = OURS.fullmatch(word(action, "action_id"))
    if ours is None:
        return None
    match ours[1]:
        case "press":
            return Press(text.kept(word(action, "value")))
        case "pick":
            return Press(text.kept(word(action, "selected_option", "value")))
        case _:
            return Press(text.kept(ours[2] or ""), text.kept(word(action, "selected_date")))


def command(kept: Json, form: Json) -> Incoming | None:
    user_id = outside_id(form, "user_id")
    if not user_id or not word(form, "command"):
        return None
    hint = {
        "source": "slash",
        "trigger": word(form, "trigger_id"),
        "at": received_at(kept),
        "channel": word(form, "channel_id"),
        "url": word(form, "response_url"),
    }
    content = Text(said(word(form, "text")).strip() or MENU)
    who = sender(tenant_of(form, "team_id", "enterprise_id"), user_id)
    # A command is typed by its sender and seen by nobody else, in whatever channel.
    return Incoming(word(kept, "id"), who, content, moment(received_at(kept)), compact(hint))


def sender(tenant: str, user_id: str) -> Sender:
    return Sender("slack", tenant, user_id)


def tenant_of(found: Json, *keys: str) -> str:
    """The workspace; an installation for a whole organisation names only that."""
    return next((outside_id(found, key) for key in keys if outside_id(found, key)), "")


def is_stranger(tenant: str, *teams: str) -> bool:
    """Slack Connect: somebody of another workspace, whatever they call themselves."""
    return any(team and team != tenant for team in teams)


def received_at(kept: Json) -> float:
    at = kept.get("received")
    return float(at) if isinstance(at, int | float) else 0.0


def moment(at: float) -> datetime:
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
