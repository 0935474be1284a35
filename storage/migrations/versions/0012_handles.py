"""A button belongs to the chat it was sent to, and what somebody has done lately can be counted."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("handles", sa.Column("chat", sa.Text(), nullable=True))
    op.create_index("ix_transitions_actor_id", "transitions", ["actor_id", "id"])
