"""Handles: opaque words behind buttons, each bound to one person and one meaning."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from conversations.ports import Action
from storage.tables import handles

HANDLE_DAYS = 14
TOKEN_BYTES = 16

KNOWN = select(handles.c.action, handles.c.used_at).where(
    handles.c.token == bindparam("handle"),
    handles.c.user_id == bindparam("user"),
    handles.c.expires_at > bindparam("now"),
)
USE = update(handles).where(handles.c.token == bindparam("handle"), handles.c.used_at.is_(None))


@dataclass(frozen=True)
class NewHandle:
    token: str
    user_id: int
    action: Action


@dataclass(frozen=True)
class Found:
    action: Action
    used: bool


def token(random: Callable[[int], bytes]) -> str:
    """22 characters that carry 128 random bits."""
    return base64.urlsafe_b64encode(random(TOKEN_BYTES)).rstrip(b"=").decode()


def keep(connection: Connection, made: Sequence[NewHandle], now: datetime) -> None:
    if not made:
        return
    rows = [
        {
            "token": new.token,
            "user_id": new.user_id,
            "action": json.dumps(asdict(new.action), ensure_ascii=False),
            "created_at": now,
            "expires_at": now + timedelta(days=HANDLE_DAYS),
        }
        for new in made
    ]
    connection.execute(insert(handles), rows)


def find(connection: Connection, user_id: int, handle: str, now: datetime) -> Found | None:
    row = connection.execute(KNOWN, {"handle": handle, "user": user_id, "now": now}).one_or_none()
    if row is None:
        return None
    told: Mapping[str, object] = json.loads(row.action)
    return Found(Action(**told), used=row.used_at is not None)  # type: ignore[arg-type] # our own JSON, written above


def use(connection: Connection, handle: str, now: datetime) -> bool:
    """False if another press of the same button was first."""
    return connection.execute(USE, {"handle": handle, "used_at": now}).rowcount == 1
