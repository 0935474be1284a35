"""The audit log: one row for each command of an operator, chained so that without the key nobody changes it unseen."""

import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from engine.jobs import HoldJob, PublishJob, RejectJob
from engine.links import ConfirmLink
from engine.ports import Command
from engine.unlinking import DisownLink, ResumePayouts, Unlink
from engine.users import Restore, Suspend
from storage import order
from storage.chain import BEGINNING, link
from storage.tables import audit

OPERATOR_COMMANDS: tuple[type[Command], ...] = (HoldJob, PublishJob, RejectJob, Suspend, Restore, ResumePayouts)
# Who comes into an account, and who leaves it.
ACCOUNT_COMMANDS: tuple[type[Command], ...] = (ConfirmLink, DisownLink, Unlink)
NOUNS = ("job", "user", "link", "address")
ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})", re.ASCII)
HEAD = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)


@dataclass(frozen=True)
class Anchor:
    """The head of the chain at some moment. Kept elsewhere, it shows that the tail was cut off since."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def note(connection: Connection, wanted: Command, at: datetime, key: str) -> None:
    """Keep what operators command, and what changes who is in an account; the rest is no business of the audit log."""
    if not isinstance(wanted, (*OPERATOR_COMMANDS, *ACCOUNT_COMMANDS)):
        return
    body = asdict(wanted)
    subject = next(f"{noun}:{body[f'{noun}_id']}" for noun in NOUNS if f"{noun}_id" in body)
    append(connection, key, at, (wanted.by, type(wanted).__name__, subject, json.dumps(body, ensure_ascii=False)))


def append(connection: Connection, key: str, at: datetime, said: tuple[int, str, str, str]) -> None:
    """`said`: actor, action, subject and body. Who reads the head holds it: two rows never follow the same one."""
    order.hold(connection, [("audit",)])
    last = head(connection)
    seq = last.seq + 1
    values = dict(zip(("actor_id", "action", "subject", "body"), said, strict=True))
    hashes = {"prev_hash": last.hash, "hash": link(key, seq, at, said, last.hash)}
    connection.execute(insert(audit), {"seq": seq, "at": at, **values, **hashes})


def head(connection: Connection) -> Anchor:
    row = connection.execute(HEAD).one_or_none()
    return Anchor(row.seq, row.hash) if row else Anchor(0, BEGINNING)


def read_anchor(text: str) -> Anchor | None:
    found = ANCHOR.fullmatch(text.strip())
    return Anchor(int(found[1]), found[2]) if found else None


def broken(connection: Connection, key: str, anchor: Anchor | None = None) -> Iterator[str]:
    """The first row that is not what was written; nothing if all are. With an anchor: and that it is still there."""
    before = Anchor(0, BEGINNING)
    for row in connection.execute(select(audit).order_by(audit.c.seq)):
        wrong = wrong_with(row, before, key)
        if not wrong and anchor and row.seq == anchor.seq and row.hash != anchor.hash:
            wrong = f"row {row.seq} is not the one of the anchor"
        if wrong:
            yield wrong
            return
        before = Anchor(row.seq, row.hash)
    if anchor and before.seq < anchor.seq:
        yield f"row {before.seq + 1} is missing: the log once reached to row {anchor.seq}"


def wrong_with(row: Row[Any], before: Anchor, key: str) -> str:
    if row.seq != before.seq + 1:
        return f"row {before.seq + 1} is missing: row {row.seq} stands in its place"
    if row.prev_hash != before.hash:
        return f"row {row.seq} does not follow row {before.seq}"
    said = (row.actor_id, row.action, row.subject, row.body)
    if not hmac.compare_digest(row.hash.encode(), link(key, row.seq, row.at, said, row.prev_hash).encode()):
        return f"row {row.seq} is not what was written, or the key is another"
    return ""
