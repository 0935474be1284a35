"""A refund that the provider refuses is owed, and a pay page it refuses can be asked for again."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import gently

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    gently.hold("contracts", "users")
    op.create_table(
        "refunds",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("moved_by", sa.Text(), nullable=False),
        sa.Column("lost_seconds", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("payer_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("errand", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_refunds_contract_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["users.id"], name=op.f("fk_refunds_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("errand", name=op.f("uq_refunds_errand")),
    )
    op.create_index("ix_refunds_payer_id", "refunds", ["payer_id"])
