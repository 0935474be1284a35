"""Handles: opaque words behind buttons, each bound to one person, one chat and one meaning."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from conversations.ports import Action
from storage.prepared import Prepared
from storage.tables import handles

HANDLE_DAYS = 14
TOKEN_BYTES = 16
# One for all: `json.dumps` makes an encoder anew each time.
as_json = json.JSONEncoder(ensure_ascii=False).encode

KNOWN = Prepared(
    select(handles.c.action, handles.c.used_at, handles.c.chat).where(
        handles.c.token == bindparam("handle"),
        handles.c.user_id == bindparam("user"),
        handles.c.expires_at > bindparam("now"),
    )
)
KEEP = Prepared(insert(handles), ("token", "user_id", "action", "chat", "created_at", "expires_at"))
USE = Prepared(update(handles).where(handles.c.token == bindparam("handle"), handles.c.used_at.is_(None)), ("used_at",))


@dataclass(frozen=True)
class NewHandle:
    token: str
    user_id: int
    action: Action
    chat: str


@dataclass(frozen=True)
class Found:
    action: Action
    used: bool
    chat: str | None  # None: made by a release that did not say


def token(random: Callable[[int], bytes]) -> str:
    """22 characters that carry 128 random bits."""
    return base64.urlsafe_b64encode(random(TOKEN_BYTES)).rstrip(b"=").decode()


def keep(connection: Connection, made: Sequence[NewHandle], now: datetime) -> None:
    if not made:
        return
    expires_at = now + timedelta(days=HANDLE_DAYS)
    rows = [
        {
            "token": new.token,
            "user_id": new.user_id,
            "action": as_json(vars(new.action)),
            "chat": new.chat,
            "created_at": now,
            "expires_at": expires_at,
        }
        for new in made
    ]
    KEEP.change_many(connection, rows)


def find(connection: Connection, user_id: int, handle: str, now: datetime) -> Found | None:
    row = KNOWN.row(connection, {"handle": handle, "user": user_id, "now": now})
    if row is None:
        return None
    action, used_at, chat = row
    told: Mapping[str, object] = json.loads(action)
    return Found(Action(**told), used=used_at is not None, chat=chat)  # type: ignore[arg-type] # our own JSON, written above


def use(connection: Connection, handle: str, now: datetime) -> bool:
    """False if another press of the same button was first."""
    return USE.change(connection, {"handle": handle, "used_at": now}) == 1


def press(connection: Connection, user_id: int, token: str, chat: str, now: datetime) -> Action | None:
    """What their button asks for, if it stands in this chat. A reply is good for one press: it is used up here."""
    found = find(connection, user_id, token, now)
    if found is None or found.chat not in (None, chat):
        return None
    if found.action.kind == "reply" and not use(connection, token, now):
        return None
    return found.action


def was_used(connection: Connection, user_id: int, token: str, now: datetime) -> bool:
    """Whether this is a button of theirs that has already been answered."""
    found = find(connection, user_id, token, now)
    return found is not None and found.used
