"""${message}"""

import sqlalchemy as sa
from alembic import op

from storage.migrations import gently

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    gently.hold()  # all the tables that are changed or referred to
    ${upgrades if upgrades else "pass"}
