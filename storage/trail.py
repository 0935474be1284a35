"""What the product did, in the order it did it: for the playground's inspector and the story's transcript."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, func, select

from engine import calendar, codes
from storage.tables import contracts, inbox, operations, outbox, timers, transfers, transitions


@dataclass(frozen=True)
class Trace:
    """One thing that happened. `kind`: "command", "stage", "transfer", "timer" or "operation"."""

    kind: str
    at: datetime
    summary: str
    raw: Mapping[str, Any]


@dataclass
class Trail:
    """Reads on from where it stopped."""

    engine: Engine
    read_to: dict[str, int] = field(default_factory=dict)

    def fresh(self) -> list[Trace]:
        with self.engine.connect() as connection:
            moved = self.rows(connection, transitions)
            paid = self.rows(connection, transfers)
            set_up = self.rows(connection, timers)
            errands = self.rows(connection, operations)
        traces = [*stages(moved), *map(transfer, paid)]
        times = {row.cause: row.at for row in moved}
        now = max((t.at for t in traces), default=datetime.min.replace(tzinfo=UTC))
        traces += [timer(row, now) for row in set_up if traces]
        traces += [errand(row, times.get(row.cause, now)) for row in errands if traces]
        return sorted(traces, key=lambda trace: trace.at)

    def rows(self, connection: Connection, table: Table) -> list[Row[Any]]:
        after = self.read_to.get(table.name, 0)
        found = list(connection.execute(select(table).where(table.c.id > after).order_by(table.c.id)))
        if found:
            self.read_to[table.name] = found[-1].id
        return found


def stages(rows: list[Row[Any]]) -> Iterator[Trace]:
    """Each cause is one command; what it moved follows it."""
    for cause, group in groupby(rows, key=lambda row: row.cause):
        moved = list(group)
        first = moved[0]
        yield Trace("command", first.at, f"{first.move} ({first.role})", {"cause": cause, "by": first.actor_id})
        for row in moved:
            summary = f"{name(row.noun, row.thing_id)}: {row.source or '—'} → {row.target}"
            yield Trace("stage", row.at, summary, plain(row))


def name(noun: str, thing_id: int) -> str:
    return codes.code(noun, thing_id) if noun in codes.LETTERS else f"{noun} {thing_id}"


def transfer(row: Row[Any]) -> Trace:
    return Trace("transfer", row.at, f"{row.source} → {row.target} {row.amount:,} ({row.reason})", plain(row))


def timer(row: Row[Any], at: datetime) -> Trace:
    due = row.due_at.astimezone(calendar.ZONE)
    return Trace("timer", at, f"{row.name} {name(row.noun, row.thing_id)} {due:%Y-%m-%d %H:%M}", plain(row))


def errand(row: Row[Any], at: datetime) -> Trace:
    return Trace("operation", at, f"{row.kind} {row.amount:,} → {row.provider}", plain(row))


def plain(row: Row[Any]) -> dict[str, Any]:
    return {key: str(value) if isinstance(value, datetime) else value for key, value in row._asdict().items()}


def ledger(connection: Connection) -> list[dict[str, Any]]:
    """Every transfer, oldest first."""
    return [plain(row) for row in connection.execute(select(transfers).order_by(transfers.c.id))]


def contract_stages(connection: Connection) -> list[str]:
    """The stages of the oldest contract, in order."""
    first = select(func.min(contracts.c.id)).scalar_subquery()
    of_first = (transitions.c.noun == "contract") & (transitions.c.thing_id == first)
    return list(connection.scalars(select(transitions.c.target).where(of_first).order_by(transitions.c.id)))


def waiting(connection: Connection) -> int:
    """How many events, messages and errands wait to be dealt with."""
    live = (
        select(func.count()).select_from(inbox).where(inbox.c.state == "new"),
        select(func.count()).select_from(outbox).where(outbox.c.state.in_(("pending", "claimed"))),
        select(func.count()).select_from(operations).where(operations.c.state.in_(("planned", "claimed", "ambiguous"))),
    )
    return sum(connection.scalar(statement) or 0 for statement in live)
