"""Recovery mode, and the audit log as a chain."""

import sqlalchemy as sa
from alembic import context, op

from storage.chain import BEGINNING, link
from storage.columns import Instant
from storage.schema import acts, postgresql_trigger, sqlite_trigger

revision = "0004"
down_revision = "0003"

COLUMNS = ("at", "actor_id", "action", "subject", "body")
old = sa.table("audit", sa.column("seq"), sa.column("at", Instant()), *map(sa.column, COLUMNS[1:]))


def upgrade() -> None:
    modes()
    audit()


def modes() -> None:
    op.create_table(
        "modes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outbox_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_modes")),
    )


def audit() -> None:
    """Made anew, because no row of it can be changed; with the table its triggers go, and come back."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(old).order_by(old.c.seq)).all()
    op.drop_table("audit")
    made = op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    key, before = context.config.attributes["audit_key"], BEGINNING
    for seq, row in enumerate(rows, start=1):
        said = (row.actor_id, row.action, row.subject, row.body)
        linked = link(key, seq, row.at, said, before)
        values = {name: getattr(row, name) for name in COLUMNS}
        connection.execute(sa.insert(made).values(seq=seq, **values, prev_hash=before, hash=linked))
        before = linked
    dialect = connection.dialect.name
    trigger = sqlite_trigger if dialect == "sqlite" else postgresql_trigger
    for act in acts(dialect):
        connection.exec_driver_sql(trigger("audit", act))
