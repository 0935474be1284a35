"""Messages somebody waits for are found among all that is to be said."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import gently

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    live = "state IN ('pending', 'claimed')"
    yes = "awaited" if op.get_context().dialect.name == "postgresql" else "awaited = 1"
    gently.index("ix_outbox_awaited", "outbox", ["platform", "tenant", "recipient"], sa.text(f"{yes} AND {live}"))
