"""Every table, found in one place; those of the books, the moves and the timers are written here."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage import schema
from storage.box_tables import (
    banned,
    beats,
    conversations,
    exceptions,
    file_links,
    files,
    handles,
    inbox,
    modes,
    operations,
    outages,
    outbox,
    security_events,
)
from storage.columns import YEN_MAX, Instant, RoleName, metadata, serial
from storage.thing_tables import (
    KIND_OF,
    THINGS,
    addresses,
    applications,
    approvals,
    contracts,
    deliverables,
    jobs,
    link_tries,
    links,
    payments,
    payouts,
    refunds,
    reviews,
    sayings,
    thanks,
    users,
)

__all__ = [
    "KIND_OF",
    "THINGS",
    "accounts",
    "addresses",
    "applications",
    "approvals",
    "audit",
    "audit_words",
    "banned",
    "beats",
    "contracts",
    "conversations",
    "deliverables",
    "entries",
    "exceptions",
    "file_links",
    "files",
    "handles",
    "inbox",
    "jobs",
    "link_tries",
    "links",
    "metadata",
    "modes",
    "operations",
    "outages",
    "outbox",
    "payments",
    "payouts",
    "refunds",
    "reviews",
    "sayings",
    "security_events",
    "thanks",
    "timers",
    "transfers",
    "transitions",
    "users",
]

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
    Index("ix_transitions_actor_id", "actor_id", "id"),
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
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_autoincrement=True,
)

# Words that stand in the chain as a hash only, so that they can go without breaking it.
audit_words = Table(
    "audit_words",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, nullable=False),
    Column("salt", Text, nullable=False),
    Column("words", Text, nullable=False),
    Index(None, "user_id"),
)

schema.also_create(metadata)
