"""Every table. A thing's table has exactly the columns its dataclass has fields."""

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, get_type_hints

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.types import TypeDecorator

from engine.applications import Application
from engine.contracts import Contract
from engine.deliveries import Deliverable
from engine.jobs import Job
from engine.lifecycle import Role
from engine.payments import Payment
from engine.payouts import Payout
from engine.ports import Thing
from engine.reviews import Review
from engine.thanks import Thanks
from engine.users import Address, User
from storage import schema

# Exact in JSON and in every float a spreadsheet may make of it.
YEN_MAX = 2**53 - 1

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


class RoleName(TypeDecorator[Role]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Role | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's own
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Role | None:  # noqa: ARG002 - SQLAlchemy's own
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


def thing_table(name: str, kind: type[Thing], *constraints: UniqueConstraint | Index) -> Table:
    hints = get_type_hints(kind)
    columns = [column(f.name, hints[f.name]) for f in fields(kind)]
    return Table(name, metadata, *columns, *constraints)


def column(name: str, hint: object) -> Column[Any]:
    if name == "id":
        return Column("id", BigInteger, primary_key=True, autoincrement=False)
    references = (ForeignKey(REFERENCES[name]),) if name in REFERENCES else ()
    return Column(name, COLUMN_TYPES[hint], *references, nullable=hint == datetime | None)


def serial() -> Column[int]:
    """Counts up by itself and never gives a number twice: causes and handles refer to it."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


users = thing_table("users", User)
addresses = thing_table(
    "addresses", Address, UniqueConstraint("platform", "tenant", "outside_id"), Index(None, "user_id")
)
jobs = thing_table("jobs", Job, Index(None, "stage", "id"), Index(None, "client_id"))
applications = thing_table(
    "applications",
    Application,
    Index(None, "job_id"),
    Index(None, "worker_id"),
    Index(
        "uq_applications_live",
        "job_id",
        "worker_id",
        unique=True,
        sqlite_where=text("stage = 'applied'"),
        postgresql_where=text("stage = 'applied'"),
    ),
)
contracts = thing_table(
    "contracts",
    Contract,
    UniqueConstraint("application_id"),
    Index(None, "job_id"),
    Index(None, "client_id"),
    Index(None, "worker_id"),
    Index(None, "payout_id"),
)
deliverables = thing_table("deliverables", Deliverable, UniqueConstraint("contract_id", "number"), Index(None, "file_id"))
payments = thing_table("payments", Payment, Index(None, "contract_id"), Index(None, "thanks_id"))
payouts = thing_table("payouts", Payout, Index(None, "worker_id"))
reviews = thing_table("reviews", Review, UniqueConstraint("contract_id", "by_id"), Index(None, "of_id"))
thanks = thing_table(
    "thanks",
    Thanks,
    UniqueConstraint("giver_id", "receiver_id", "day"),
    Index(None, "receiver_id"),
    Index(None, "contract_id"),
    Index(None, "day"),
)

THINGS: dict[type[Thing], Table] = {
    User: users,
    Address: addresses,
    Job: jobs,
    Application: applications,
    Contract: contracts,
    Deliverable: deliverables,
    Payment: payments,
    Payout: payouts,
    Review: reviews,
    Thanks: thanks,
}

transitions = Table(
    "transitions",
    metadata,
    serial(),
    Column("noun", Text, nullable=False),
    Column("thing_id", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("move", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("role", RoleName, nullable=False),
    Column("actor_id", BigInteger, nullable=False),
    Column("cause", Text, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("noun", "thing_id", "version"),
    Index(None, "cause"),
    sqlite_autoincrement=True,
)

timers = Table(
    "timers",
    metadata,
    serial(),
    Column("noun", Text, nullable=False),
    Column("thing_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    UniqueConstraint("noun", "thing_id", "name"),
    Index(None, "due_at", "id"),
    sqlite_autoincrement=True,
)

accounts = Table(
    "accounts",
    metadata,
    Column("path", Text, primary_key=True),
    Column("balance", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("floor", BigInteger, nullable=False),
    CheckConstraint("balance >= floor", name="floor"),
)

# A contract is funded once and settled once; the books cannot say otherwise.
ONCE_A_CONTRACT = "contract_id <> 0 AND reason IN ('fund', 'release', 'fee', 'fee_tax', 'withholding', 'refund')"
transfers = Table(
    "transfers",
    metadata,
    serial(),
    Column("key", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("contract_id", BigInteger, nullable=False),
    Column("cause", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint(f"amount > 0 AND amount <= {YEN_MAX}", name="amount"),
    CheckConstraint("source <> target", name="two_accounts"),
    Index(
        "uq_transfers_once_a_contract",
        "contract_id",
        "reason",
        unique=True,
        sqlite_where=text(ONCE_A_CONTRACT),
        postgresql_where=text(ONCE_A_CONTRACT),
    ),
    Index(None, "contract_id"),
    Index(None, "source"),
    Index(None, "target"),
    Index(None, "cause"),
    sqlite_autoincrement=True,
)

entries = Table(
    "entries",
    metadata,
    serial(),
    Column("transfer_id", BigInteger, ForeignKey("transfers.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance_after", BigInteger),
    Column("account_version", BigInteger),
    UniqueConstraint("account", "account_version"),
    Index(None, "transfer_id"),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor_id", BigInteger, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)

inbox = Table(
    "inbox",
    metadata,
    serial(),
    Column("platform", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    UniqueConstraint("platform", "tenant", "event_id"),
    Index("ix_inbox_new", "id", sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'")),
    Index(
        "ix_inbox_heads",
        "platform",
        "tenant",
        "conversation",
        "id",
        sqlite_where=text("state = 'new'"),
        postgresql_where=text("state = 'new'"),
    ),
    sqlite_autoincrement=True,
)

LIVE_OUTBOX = "state IN ('pending', 'claimed')"
outbox = Table(
    "outbox",
    metadata,
    serial(),
    Column("platform", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("retry_key", Uuid, nullable=False, unique=True),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("claimed_until", Instant),
    Column("fence", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("cause", Text, nullable=False),
    Index("ix_outbox_live", "platform", "id", sqlite_where=text(LIVE_OUTBOX), postgresql_where=text(LIVE_OUTBOX)),
    Index(
        "ix_outbox_heads",
        "platform",
        "tenant",
        "recipient",
        "id",
        sqlite_where=text(LIVE_OUTBOX),
        postgresql_where=text(LIVE_OUTBOX),
    ),
    sqlite_autoincrement=True,
)

LIVE_OPERATIONS = "state IN ('planned', 'claimed', 'ambiguous')"
operations = Table(
    "operations",
    metadata,
    serial(),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("provider", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("thing_id", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("claimed_until", Instant),
    Column("fence", BigInteger, nullable=False),
    Column("answer", Text, nullable=False),
    Column("cause", Text, nullable=False),
    CheckConstraint("amount > 0", name="amount"),
    Index(
        "ix_operations_live",
        "not_before",
        "id",
        sqlite_where=text(LIVE_OPERATIONS),
        postgresql_where=text(LIVE_OPERATIONS),
    ),
    sqlite_autoincrement=True,
)

handles = Table(
    "handles",
    metadata,
    Column("token", Text, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("action", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

# JSON is kept as text: the order of the answers is the order in which they were given.
conversations = Table(
    "conversations",
    metadata,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("flow", Text, nullable=False),
    Column("args", Text, nullable=False),
    Column("begun_at", Instant),
    Column("answers", Text, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("asked_at", Instant),
    Column("address_id", BigInteger, nullable=False),
)

files = Table(
    "files",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("owner_id", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
)

file_links = Table(
    "file_links",
    metadata,
    Column("token", Text, primary_key=True),
    Column("file_id", BigInteger, ForeignKey("files.id"), nullable=False),
    Column("viewer_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
)

beats = Table(
    "beats",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

schema.also_create(metadata)
