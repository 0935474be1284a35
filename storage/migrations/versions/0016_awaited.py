"""Messages somebody waits for are told from those that come out of the blue; pay pages are found among all errands."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import gently

revision = "0016"
down_revision = "0015"

LIVE_PAGES = sa.text("kind = 'collect' AND state IN ('planned', 'claimed', 'ambiguous')")


def upgrade() -> None:
    gently.index("ix_operations_pages", "operations", ["not_before", "id"], LIVE_PAGES)
    gently.hold("outbox")
    op.add_column("outbox", sa.Column("awaited", sa.Boolean(), nullable=False, server_default="0"))
