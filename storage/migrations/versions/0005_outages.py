"""Outages of ours, and what they add to each deadline."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import gently

revision = "0005"
down_revision = "0004"

STAGED = ("users", "jobs", "applications", "contracts", "payments", "payouts", "reviews", "thanks")


def upgrade() -> None:
    gently.hold(*STAGED)
    for table in STAGED:
        op.add_column(table, seconds("lost_seconds"))
    op.add_column("contracts", seconds("due_lost_seconds"))
    op.create_table(
        "outages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("begun", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.BigInteger(), nullable=False),
        sa.Column("made_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended > begun", name=op.f("ck_outages_forward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
        sqlite_autoincrement=True,
    )


def seconds(name: str) -> sa.Column[int]:
    """With a default: the release before writes rows without it."""
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
