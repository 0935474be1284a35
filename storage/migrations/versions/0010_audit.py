"""Words of the audit log stand apart from its chain; from a day after the upgrade on, each transfer is in it."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import context, op

from storage import order
from storage.chain import BEGINNING, link
from storage.columns import Instant

revision = "0010"
down_revision = "0009"

# The previous release may run beside this one for so long; its transfers leave no row in the audit log.
BESIDE = timedelta(days=1)
audit = sa.table(
    "audit",
    sa.column("seq"),
    sa.column("at", Instant()),
    *map(sa.column, ("actor_id", "action", "subject", "body", "prev_hash", "hash")),
)


def upgrade() -> None:
    op.create_table(
        "audit_words",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_words")),
    )
    op.create_index(op.f("ix_audit_words_user_id"), "audit_words", ["user_id"])
    if not context.config.attributes.get("fresh", True):
        begin_with_transfers()


def begin_with_transfers() -> None:
    connection = op.get_bind()
    order.hold(connection, [("audit",)])
    last = connection.execute(sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).one_or_none()
    seq, before = (last.seq + 1, last.hash) if last else (1, BEGINNING)
    at = datetime.now(UTC) + BESIDE
    said = (0, "AuditTransfers", "database", "")
    linked = link(context.config.attributes["audit_key"], seq, at, said, before)
    named = dict(zip(("actor_id", "action", "subject", "body"), said, strict=True))
    connection.execute(sa.insert(audit), {"seq": seq, "at": at, **named, "prev_hash": before, "hash": linked})
