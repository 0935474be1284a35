"""Columns: how Python's values stand in a row, and how a dataclass becomes a table."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, get_type_hints

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from engine.lifecycle import Role
from engine.ports import Thing

# Exact in JSON and in every float a spreadsheet may make of it.
YEN_MAX = 2**53 - 1
WITHOUT_ZONE = len("2026-07-15 01:00:00.000000")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A moment: aware and in UTC on the way out, whatever the database makes of it in between."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert value.tzinfo, "moments are aware"
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    # SQLite has text for it. Through the two above and SQLAlchemy's own format, a dozen of them cost an event more than
    # any of its statements.

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        return as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        return from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def as_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    assert value.tzinfo, "moments are aware"
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:WITHOUT_ZONE]


def from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


class minute_of(FunctionElement[Any]):  # noqa: N801 - it is written like the SQL functions beside it
    """The beginning of the minute an instant is in, to be compared with instants."""

    type = Instant()
    inherit_cache = True


@compiles(minute_of, "sqlite")
def minute_on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    # Instants are text there, and a minute is the beginning of it.
    return f"substr({compiler.process(element.clauses, **more)}, 1, 16)"


@compiles(minute_of, "postgresql")
def minute_on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"date_trunc('minute', {compiler.process(element.clauses, **more)})"


class RoleName(TypeDecorator[Role]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Role | None, dialect: Dialect) -> str | None:
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Role | None:
        return None if value is None else Role(value)


COLUMN_TYPES: dict[object, Any] = {
    int: BigInteger,
    str: Text,
    bool: Boolean,
    date: Date,
    datetime: Instant,
    datetime | None: Instant,
    Role: RoleName,
}
# Columns that always name a row elsewhere; those in which 0 is "none" are not here.
REFERENCES = {
    "user_id": "users.id",
    "client_id": "users.id",
    "worker_id": "users.id",
    "payer_id": "users.id",
    "by_id": "users.id",
    "of_id": "users.id",
    "giver_id": "users.id",
    "receiver_id": "users.id",
    "job_id": "jobs.id",
    "application_id": "applications.id",
    "contract_id": "contracts.id",
}

# Columns that came later. The release before does not know of them: what it writes gets this.
ADDED = {"lost_seconds": "0", "due_lost_seconds": "0", "frozen": "0"}


def thing_table(name: str, kind: type[Thing], *constraints: UniqueConstraint | Index) -> Table:
    hints = get_type_hints(kind)
    columns = [column(f.name, hints[f.name]) for f in fields(kind)]
    return Table(name, metadata, *columns, *constraints)


def column(name: str, hint: object) -> Column[Any]:
    if name == "id":
        return Column("id", BigInteger, primary_key=True, autoincrement=False)
    references = (ForeignKey(REFERENCES[name]),) if name in REFERENCES else ()
    default = ADDED.get(name)
    return Column(name, COLUMN_TYPES[hint], *references, nullable=hint == datetime | None, server_default=default)


def serial() -> Column[int]:
    """Counts up by itself and never gives a number twice: causes and handles refer to it."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
