"""The books: each transfer as two entries, each account as a gapless chain of balances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.ledger import Transfer
from storage.conflict import Conflict
from storage.tables import accounts, entries, transfers

# Everybody's money passes through these: they have entries and no running balance, so nobody waits for them.
HOT = ("outside:", "platform:")
FLOOR = 0

READ = (
    select(accounts.c.path, accounts.c.balance, accounts.c.version)
    .where(accounts.c.path.in_(bindparam("paths", expanding=True)))
    .order_by(accounts.c.path)
)
LOCK = READ.with_for_update()
KEEP = insert(transfers).returning(transfers.c.key, transfers.c.id)
CHANGE = update(accounts).where(
    accounts.c.path == bindparam("kept_path"), accounts.c.version == bindparam("kept_version")
)


class Overdrawn(Exception):
    """An account would have gone below zero: a rule let money move that is not there."""


@dataclass(frozen=True)
class Account:
    balance: int
    version: int


def is_hot(path: str) -> bool:
    return path.startswith(HOT)


def balance(connection: Connection, path: str) -> int:
    """Locked until the end of the transaction if there is such an account; 0 if there is none."""
    assert not is_hot(path), "nobody asks for a hot balance in a transaction"
    row = connection.execute(LOCK, {"paths": [path]}).one_or_none()
    return row.balance if row else 0


@dataclass(frozen=True)
class Posting:
    """A transfer and the key it is kept under: the same cause never moves money twice."""

    key: str
    cause: str
    transfer: Transfer


def balances(connection: Connection, paths: Sequence[str]) -> dict[str, int]:
    """The same of several, in the order of their names."""
    found = {row.path: row.balance for row in connection.execute(LOCK, {"paths": sorted(paths)})}
    return {path: found.get(path, 0) for path in paths}


def postings(moved: Sequence[Transfer], first: int, cause: str) -> list[Posting]:
    """`first` is the number of the first of these within its cause."""
    return [Posting(f"{cause}#{number}", cause, transfer) for number, transfer in enumerate(moved, start=first)]


def post(connection: Connection, wanted: Sequence[Posting], at: datetime) -> None:
    if not wanted:
        return
    rows = [{**vars(posting.transfer), "key": posting.key, "cause": posting.cause, "at": at} for posting in wanted]
    ids = {row.key: row.id for row in connection.execute(KEEP, rows)}
    moved = [posting.transfer for posting in wanted]
    found = locked(connection, sorted({p for t in moved for p in (t.source, t.target) if not is_hot(p)}))
    before = dict(found)
    lines: list[dict[str, Any]] = []
    for posting in wanted:
        transfer = posting.transfer
        lines.append(line(found, ids[posting.key], transfer.source, -transfer.amount))
        lines.append(line(found, ids[posting.key], transfer.target, transfer.amount))
    connection.execute(insert(entries), lines)
    store(connection, before, found)


def locked(connection: Connection, paths: list[str]) -> dict[str, Account]:
    """The accounts in the order of their names, so that two payments cannot wait for each other in a ring."""
    if not paths:
        return {}
    found = read(connection, paths)
    missing = [{"path": p, "balance": 0, "version": 0, "floor": FLOOR} for p in paths if p not in found]
    if not missing:
        return found
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(accounts).on_conflict_do_nothing(), missing)
    return read(connection, paths)


def read(connection: Connection, paths: list[str]) -> dict[str, Account]:
    rows = connection.execute(LOCK, {"paths": paths})
    return {row.path: Account(row.balance, row.version) for row in rows}


def line(found: dict[str, Account], transfer_id: int, path: str, amount: int) -> dict[str, Any]:
    entry = {
        "transfer_id": transfer_id,
        "account": path,
        "amount": amount,
        "balance_after": None,
        "account_version": None,
    }
    if is_hot(path):
        return entry
    account = Account(found[path].balance + amount, found[path].version + 1)
    if account.balance < FLOOR:
        raise Overdrawn(f"{path} would be at {account.balance}")
    found[path] = account
    return {**entry, "balance_after": account.balance, "account_version": account.version}


def store(connection: Connection, before: dict[str, Account], after: dict[str, Account]) -> None:
    rows = [
        {"kept_path": path, "kept_version": before[path].version, "balance": now.balance, "version": now.version}
        for path, now in after.items()
    ]
    if rows and connection.execute(CHANGE, rows).rowcount != len(rows):
        raise Conflict("an account was changed under our hands")
