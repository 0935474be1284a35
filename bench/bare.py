"""The yardstick for events: a bare escrow lifecycle in plain SQL, statement by statement, without conversation, rule,
notice or check. Six inbound events, six transactions, in the product's own tables; the inbox row is already there."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Date, Engine, Integer

import clock
from storage import tables
from storage.columns import Instant

# Event by event: the stage the contract is brought to, and the money it moves (source, target, amount).
LIFECYCLE: tuple[tuple[str, tuple[tuple[str, str, int], ...]], ...] = (
    ("agreeing", ()),
    ("awaiting_escrow", ()),
    ("in_progress", (("outside:bank", "escrow", 30_000),)),
    ("delivered", ()),
    ("accepted", (("escrow", "earnings", 24_000), ("escrow", "platform:fees", 6_000))),
    ("paid_out", (("earnings", "outside:bank", 24_000),)),
)
EVENTS = len(LIFECYCLE)
CONTRACTS, APPLICATIONS = 1_000_000, 2_000_000  # where their ids begin
Row = Mapping[str, Any]


class Bare:
    """One driver connection, its parameters written as it wants them."""

    def __init__(self, engine: Engine) -> None:
        self.pooled = engine.raw_connection()
        self.cursor = self.pooled.cursor()
        self.sqlite = engine.dialect.name == "sqlite"
        self.serial = 0

    def close(self) -> None:
        self.pooled.close()

    def run(self, statement: str, *values: object) -> None:
        self.cursor.execute(statement if self.sqlite else statement.replace("?", "%s"), values)

    def begin(self) -> None:
        # psycopg begins by itself.
        if self.sqlite:
            self.cursor.execute("BEGIN IMMEDIATE")

    def moment(self, at: datetime) -> object:
        return at.replace(tzinfo=None).isoformat(" ") if self.sqlite else at

    def insert(self, table: str, row: Row) -> None:
        self.run(insertion(table, tuple(row)), *row.values())

    def number(self) -> int:
        self.serial += 1
        return self.serial


@cache
def insertion(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - our own tables' names


def prepare(bare: Bare, now: datetime) -> None:
    """The people, and a job that the contracts are of."""
    at = bare.moment(now)
    bare.begin()
    for noun, thing_id in (("users", 1), ("users", 2), ("jobs", 3)):
        bare.insert(noun, filled(noun, at, {"id": thing_id}))
    bare.pooled.commit()


def filled(table: str, at: object, known: Row) -> dict[str, Any]:
    """A whole row: what is not known is an empty value of its column's type."""
    people = {"client_id": 1, "worker_id": 2, "job_id": 3, "version": 1}
    columns = [column for column in tables.metadata.tables[table].c if not column.nullable]
    row = {column.name: empty(column.type, at) for column in columns}
    return {**row, **{key: given for key, given in people.items() if key in row}, **known}


def empty(kind: Any, at: object) -> object:
    match kind:
        case Instant() | Date():
            return at
        case Boolean():
            return False
        case Integer():
            return 0
    return ""


def keep(bare: Bare, lifecycle: int, now: datetime) -> None:
    """What came in, one commit for all, and the application that begins it: no part of what is timed."""
    bare.begin()
    known = {"id": APPLICATIONS + lifecycle, "worker_id": APPLICATIONS + lifecycle}
    bare.insert("users", filled("users", bare.moment(now), {"id": known["worker_id"]}))
    bare.insert("applications", filled("applications", bare.moment(now), known))
    for step in range(EVENTS):
        bare.insert(
            "inbox",
            {
                "platform": "line",
                "tenant": "tenant",
                "event_id": f"{lifecycle}-{step}",
                "conversation": f"line:{lifecycle}",
                "body": b"{}",
                "received_at": bare.moment(now),
                "state": "new",
                "attempts": 0,
                "error": "",
            },
        )
    bare.pooled.commit()


def live(bare: Bare, lifecycle: int, now: datetime) -> None:
    contract = CONTRACTS + lifecycle
    for step, (stage, money) in enumerate(LIFECYCLE):
        bare.begin()
        bare.run("SELECT id, body FROM inbox WHERE state = 'new' ORDER BY id LIMIT 1")
        head = bare.cursor.fetchone()
        assert head, "six events wait"
        move(bare, contract, step, stage, now)
        for source, target, amount in money:
            transfer(bare, contract, named(source, contract), named(target, contract), amount, now)
        for person in ("client", "worker"):
            tell(bare, person, f"{contract}-{step}", now)
        bare.run("UPDATE inbox SET state = 'done' WHERE id = ?", head[0])
        bare.pooled.commit()


def named(account: str, contract: int) -> str:
    return account if ":" in account else f"{account}:{contract}"


def move(bare: Bare, contract: int, step: int, stage: str, now: datetime) -> None:
    """The contract, its transition, and the timer of its stage."""
    at = bare.moment(now)
    if step == 0:
        known = {"id": contract, "stage": stage, "application_id": APPLICATIONS + contract - CONTRACTS}
        bare.insert("contracts", filled("contracts", at, known))
    else:
        bare.run("SELECT stage, version FROM contracts WHERE id = ?", contract)
        bare.cursor.fetchone()
        change = "UPDATE contracts SET stage = ?, version = ? WHERE id = ? AND version = ?"
        bare.run(change, stage, step + 1, contract, step)
        bare.run("DELETE FROM timers WHERE noun = 'contract' AND thing_id = ?", contract)
    moved = {"noun": "contract", "thing_id": contract, "version": step + 1, "cause": f"{contract}-{step}", "at": at}
    bare.insert("transitions", {"move": stage, "source": "", "target": stage, "role": "client", "actor_id": 1, **moved})
    due = bare.moment(now + timedelta(days=7))
    bare.insert("timers", {"noun": "contract", "thing_id": contract, "name": stage, "due_at": due})


def transfer(bare: Bare, contract: int, source: str, target: str, amount: int, now: datetime) -> None:
    number = bare.number()
    known = {"id": number, "key": f"bare-{number}", "reason": target, "contract_id": contract, "cause": "bare"}
    bare.insert("transfers", {**known, "source": source, "target": target, "amount": amount, "at": bare.moment(now)})
    for account, change in ((source, -amount), (target, amount)):
        entry = {"transfer_id": number, "account": account, "amount": change}
        if account.startswith(("outside:", "platform:")):
            bare.insert("entries", entry)
            continue
        bare.run("SELECT balance, version FROM accounts WHERE path = ?", account)
        balance, version = bare.cursor.fetchone() or (0, 0)
        if version:
            bare.run(
                "UPDATE accounts SET balance = ?, version = ? WHERE path = ?", balance + change, version + 1, account
            )
        else:
            bare.insert("accounts", {"path": account, "balance": change, "version": 1, "floor": 0})
        bare.insert("entries", {**entry, "balance_after": balance + change, "account_version": version + 1})


def tell(bare: Bare, person: str, cause: str, now: datetime) -> None:
    key = uuid.uuid4()
    at = bare.moment(now)
    known = {"platform": "line", "tenant": "tenant", "recipient": person, "payload": "{}", "cause": cause}
    live_row = {"state": "pending", "attempts": 0, "not_before": at, "fence": 0, "error": "", "created_at": at}
    bare.insert("outbox", {**known, **live_row, "retry_key": key.hex if bare.sqlite else key})


def lifecycles(engine: Engine, count: int, timed: Callable[[Callable[[], None]], float]) -> float:
    """The seconds that `count` lifecycles took."""
    now = clock.now()
    bare = Bare(engine)
    try:
        prepare(bare, now)
        keep(bare, 0, now)
        live(bare, 0, now)
        spent = 0.0
        for number in range(1, count + 1):
            keep(bare, number, now)
            spent += timed(lambda number=number: live(bare, number, now))  # type: ignore[misc]
        return spent
    finally:
        bare.close()
