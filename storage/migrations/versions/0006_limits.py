"""What is heard of one person within a minute is counted."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import gently

revision = "0006"
down_revision = "0005"

HEARD = sa.text("state IN ('done', 'hushed')")


def upgrade() -> None:
    gently.index("ix_inbox_heard", "inbox", ["platform", "tenant", "conversation", "received_at"], HEARD)
    gently.hold("inbox")
    op.add_column("inbox", sa.Column("heard", sa.Integer(), nullable=True))
