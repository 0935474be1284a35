"""The audit log: one row for each command and look-up of an operator, each transfer and each erasure, chained so that
without the key nobody changes it unseen. Words people wrote stand apart, in a table from which they can be erased."""

import hmac
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from engine.ledger import Transfer
from engine.lifecycle import Role
from engine.links import ConfirmLink
from engine.ports import Command, Staged
from engine.unlinking import DisownLink, Unlink
from engine.users import User
from storage import order
from storage.chain import BEGINNING, link
from storage.moves import Moved
from storage.tables import audit, audit_words

# Who comes into an account, and who leaves it.
ACCOUNT_COMMANDS: tuple[type[Command], ...] = (ConfirmLink, DisownLink, Unlink)
NOUNS = ("link", "address")
ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})", re.ASCII)
SALT_BYTES = 16
APART = "apart:"
ROWS_AT_ONCE = 1_000
HEAD = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)


@dataclass(frozen=True)
class Anchor:
    """The head of the chain at some moment. Kept elsewhere, it shows that the tail was cut off since."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True)
class Line:
    """What is to be written. `words` are somebody's own and kept apart, with whom they are `about`."""

    actor_id: int
    action: str
    subject: str
    body: str = ""
    words: str = ""
    about: int = 0


def lines(wanted: Command, moved: Sequence[Moved], transfers: Sequence[Transfer], keys: Sequence[str]) -> list[Line]:
    """What a command leaves in the log: each move of an operator, each erasure, who comes into an account or leaves it,
    and each transfer under its key. Everything else is no business of the audit log."""
    decided = [decision(wanted, m.now) for m in moved if m.now.moved_by is Role.OPERATOR or m.now.moved == "erase"]
    changed = [of_account(wanted)] if isinstance(wanted, ACCOUNT_COMMANDS) else []
    paid = [of_transfer(wanted.by, key, transfer) for key, transfer in zip(keys, transfers, strict=True)]
    return decided + changed + paid


def decision(wanted: Command, thing: Staged) -> Line:
    """One of several, where a command moves several things."""
    about = thing.id if isinstance(thing, User) else getattr(thing, "client_id", 0) or getattr(thing, "user_id", 0)
    words = str(getattr(wanted, "reason", "")) if about else ""
    return Line(wanted.by, type(wanted).__name__, f"{thing.noun}:{thing.id}", words=words, about=about)


def of_account(wanted: Command) -> Line:
    body = asdict(wanted)
    subject = next(f"{noun}:{body[f'{noun}_id']}" for noun in NOUNS if f"{noun}_id" in body)
    return Line(wanted.by, type(wanted).__name__, subject, json.dumps(body, ensure_ascii=False))


def of_transfer(actor_id: int, key: str, moved: Transfer) -> Line:
    body = f"{moved.source} {moved.target} {moved.amount} {moved.reason}"
    return Line(actor_id, "Transfer", f"transfer:{key}", body)


def append(
    connection: Connection, key: str, at: datetime, said: Sequence[Line], random: Callable[[int], bytes]
) -> None:
    """Who reads the head holds it to the end of the transaction: two rows never follow the same one."""
    if not said:
        return
    order.hold(connection, [("audit",)])
    last = head(connection)
    rows, apart = [], []
    for seq, line in enumerate(said, start=last.seq + 1):
        body = line.body
        if line.words:
            salt = random(SALT_BYTES).hex()
            body = sealed(key, salt, line.words)
            apart.append({"seq": seq, "user_id": line.about, "salt": salt, "words": line.words})
        values = (line.actor_id, line.action, line.subject, body)
        hashed = link(key, seq, at, values, last.hash)
        named = dict(zip(("actor_id", "action", "subject", "body"), values, strict=True))
        rows.append({"seq": seq, "at": at, **named, "prev_hash": last.hash, "hash": hashed})
        last = Anchor(seq, hashed)
    connection.execute(insert(audit), rows)
    if apart:
        connection.execute(insert(audit_words), apart)


def sealed(key: str, salt: str, words: str) -> str:
    """What the chain holds of words. Without the salt, which goes with them, nobody can try what they may have been."""
    return APART + hmac.new(key.encode(), f"{salt}\0{words}".encode(), "sha256").hexdigest()


def head(connection: Connection) -> Anchor:
    row = connection.execute(HEAD).one_or_none()
    return Anchor(row.seq, row.hash) if row else Anchor(0, BEGINNING)


def read_anchor(text: str) -> Anchor | None:
    found = ANCHOR.fullmatch(text.strip())
    return Anchor(int(found[1]), found[2]) if found else None


def broken(connection: Connection, key: str, anchor: Anchor | None = None) -> Iterator[str]:
    """The first row that is not what was written; nothing if all are. With an anchor: and that it is still there."""
    before = Anchor(0, BEGINNING)
    for row in every(connection):
        wrong = wrong_with(row, before, key)
        if not wrong and anchor and row.seq == anchor.seq and row.hash != anchor.hash:
            wrong = f"row {row.seq} is not the one of the anchor"
        if wrong:
            yield wrong
            return
        before = Anchor(row.seq, row.hash)
    if anchor and before.seq < anchor.seq:
        yield f"row {before.seq + 1} is missing: the log once reached to row {anchor.seq}"


def every(connection: Connection) -> Iterator[Row[Any]]:
    """In parts: the log is longer than what should be in memory at once."""
    wanted = select(audit, audit_words.c.salt, audit_words.c.words)
    wanted = wanted.join(audit_words, audit_words.c.seq == audit.c.seq, isouter=True).order_by(audit.c.seq)
    part = connection.execute(wanted.limit(ROWS_AT_ONCE)).all()
    while part:
        yield from part
        part = connection.execute(wanted.where(audit.c.seq > part[-1].seq).limit(ROWS_AT_ONCE)).all()


def wrong_with(row: Row[Any], before: Anchor, key: str) -> str:
    if row.seq != before.seq + 1:
        return f"row {before.seq + 1} is missing: row {row.seq} stands in its place"
    if row.prev_hash != before.hash:
        return f"row {row.seq} does not follow row {before.seq}"
    said = (row.actor_id, row.action, row.subject, row.body)
    if not hmac.compare_digest(row.hash.encode(), link(key, row.seq, row.at, said, row.prev_hash).encode()):
        return f"row {row.seq} is not what was written, or the key is another"
    if row.words is not None and not hmac.compare_digest(row.body.encode(), sealed(key, row.salt, row.words).encode()):
        return f"row {row.seq} is not what was written: its words are others"
    return ""
