"""Fingerprints of what people write to others, so that the same words to everybody are seen."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import gently

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    gently.hold("users")
    op.create_table(
        "sayings",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sayings_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sayings")),
    )
    for column in ("digest", "said_at", "user_id"):
        op.create_index(op.f(f"ix_sayings_{column}"), "sayings", [column], unique=False)
