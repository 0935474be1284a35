"""What the provider's books say otherwise, and contracts that are frozen for it."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import gently

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    gently.hold("contracts")
    op.add_column("contracts", sa.Column("frozen", sa.Boolean(), nullable=False, server_default="0"))
    op.create_table(
        "exceptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.BigInteger(), nullable=False),
        sa.Column("ours", sa.BigInteger(), nullable=False),
        sa.Column("theirs", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("keeper", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exceptions")),
        sqlite_autoincrement=True,
    )
    still_open = sa.text("cleared_at IS NULL")
    op.create_index(
        "uq_exceptions_open",
        "exceptions",
        ["provider", "kind", "subject"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
