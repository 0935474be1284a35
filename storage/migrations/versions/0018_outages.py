"""What has moved since an outage was made up for is known also where the clock was set back."""

import sqlalchemy as sa
from alembic import op

from storage.migrations import gently

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    gently.hold("outages")
    op.add_column("outages", sa.Column("moves_to", sa.BigInteger(), nullable=True))
