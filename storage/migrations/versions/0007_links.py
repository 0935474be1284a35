"""Links between the messengers of one account, and the wrong codes."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import gently

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    gently.hold("users")
    links()
    link_tries()


def links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("moved_by", sa.Text(), nullable=False),
        sa.Column("lost_seconds", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("other_address_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_links_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    for column in ("code_hash", "user_id", "other_id"):
        op.create_index(op.f(f"ix_links_{column}"), "links", [column], unique=False)


def link_tries() -> None:
    op.create_table(
        "link_tries",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_link_tries_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_tries")),
    )
    for column in ("user_id", "hour"):
        op.create_index(op.f(f"ix_link_tries_{column}"), "link_tries", [column], unique=False)
