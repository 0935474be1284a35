"""Files: what was handed over, kept as it came, fetched through short-lived links."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from storage import handles
from storage.tables import file_links, files

LINK_MINUTES = 15


@dataclass(frozen=True)
class Kept:
    id: int
    name: str
    content: bytes
    sha256: str


def keep(connection: Connection, file_id: int, name: str, content: bytes, now: datetime, owner_id: int = 0) -> Kept:
    """`owner_id` is who sent it, 0 where that is not known yet."""
    kept = Kept(file_id, name, content, hashlib.sha256(content).hexdigest())
    connection.execute(insert(files), {**vars(kept), "size": len(content), "owner_id": owner_id, "created_at": now})
    return kept


def link(connection: Connection, file_id: int, viewer_id: int, now: datetime, random: Callable[[int], bytes]) -> str:
    """The token of a new link, good for some minutes."""
    token = handles.token(random)
    until = now + timedelta(minutes=LINK_MINUTES)
    connection.execute(
        insert(file_links), {"token": token, "file_id": file_id, "viewer_id": viewer_id, "expires_at": until}
    )
    return token


def fetch(connection: Connection, token: str, now: datetime) -> Kept | None:
    """None for a link that is unknown or expired."""
    row = connection.execute(
        select(files.c.id, files.c.name, files.c.content, files.c.sha256)
        .join(file_links, file_links.c.file_id == files.c.id)
        .where(file_links.c.token == token, file_links.c.expires_at > now)
    ).one_or_none()
    return None if row is None else Kept(*row)
