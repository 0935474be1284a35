"""The tables of what comes in, goes out and is remembered between two messages."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from storage.columns import Instant, metadata, serial

HEARD = "state IN ('done', 'hushed')"
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
    Column("heard", Integer),
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
    # What was heard within a minute is counted with each message (engine/limits.py).
    Index(
        "ix_inbox_heard",
        "platform",
        "tenant",
        "conversation",
        "received_at",
        sqlite_where=text(HEARD),
        postgresql_where=text(HEARD),
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
    # Later than the others: what the release before writes is awaited by nobody.
    Column("awaited", Boolean, nullable=False, server_default="0"),
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
    Index(
        "ix_outbox_awaited",
        "platform",
        "tenant",
        "recipient",
        sqlite_where=text(f"awaited = 1 AND {LIVE_OUTBOX}"),
        postgresql_where=text(f"awaited AND {LIVE_OUTBOX}"),
    ),
    sqlite_autoincrement=True,
)

LIVE_OPERATIONS = "state IN ('planned', 'claimed', 'ambiguous')"
LIVE_PAGES = f"kind = 'collect' AND {LIVE_OPERATIONS}"
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
    Index(
        "ix_operations_pages",
        "not_before",
        "id",
        sqlite_where=text(LIVE_PAGES),
        postgresql_where=text(LIVE_PAGES),
    ),
    sqlite_autoincrement=True,
)

handles = Table(
    "handles",
    metadata,
    Column("token", Text, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("action", Text, nullable=False),
    Column("chat", Text),
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

# Of who left while suspended: a keyed hash of where they were, which nobody can read back.
banned = Table(
    "banned",
    metadata,
    Column("mark", Text, primary_key=True),
    Column("since", Instant, nullable=False),
)

modes = Table(
    "modes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("outbox_to", BigInteger, nullable=False),
)

outages = Table(
    "outages",
    metadata,
    serial(),
    Column("begun", Instant, nullable=False),
    Column("ended", Instant, nullable=False),
    # How far the deadlines have been moved, in the order of (noun, id).
    Column("noun", Text, nullable=False),
    Column("thing_id", BigInteger, nullable=False),
    Column("made_up_at", Instant),
    # The newest of all moves by then. Times do not tell what came after it, if the clock was set back.
    Column("moves_to", BigInteger),
    CheckConstraint("ended > begun", name="forward"),
    sqlite_autoincrement=True,
)

exceptions = Table(
    "exceptions",
    metadata,
    serial(),
    Column("provider", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("noun", Text, nullable=False),
    Column("thing_id", BigInteger, nullable=False),
    Column("ours", BigInteger, nullable=False),
    Column("theirs", BigInteger, nullable=False),
    Column("since", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("cleared_at", Instant),
    Column("keeper", Text, nullable=False),
    Index(
        "uq_exceptions_open",
        "provider",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)

# Only ever counted on: many alike in a minute are one row.
security_events = Table(
    "security_events",
    metadata,
    Column("minute", Instant, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("times", BigInteger, nullable=False),
    CheckConstraint("times > 0", name="times"),
)

beats = Table(
    "beats",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)
