"""What is heard of one person within a minute is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

HEARD = sa.text("state IN ('done', 'hushed')")


def upgrade() -> None:
    op.add_column("inbox", sa.Column("heard", sa.Integer(), nullable=True))
    columns = ["platform", "tenant", "conversation", "received_at"]
    op.create_index("ix_inbox_heard", "inbox", columns, sqlite_where=HEARD, postgresql_where=HEARD)
