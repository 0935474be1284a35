"""A button belongs to the chat it was sent to, and what somebody has done lately can be counted."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import gently

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    gently.index("ix_transitions_actor_id", "transitions", ["actor_id", "id"])
    gently.hold("handles")
    op.add_column("handles", sa.Column("chat", sa.Text(), nullable=True))
