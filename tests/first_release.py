"""A database as 0.1.0 has made it."""

from alembic import command
from sqlalchemy import Engine

from storage import releases
from storage.chain import DEMO_KEY
from storage.database import begin, migrations

LAST_STEP = "0004"


def make(engine: Engine) -> None:
    with begin(engine) as connection:
        settings = migrations()
        told = {"connection": connection, "report": None, "audit_key": DEMO_KEY}
        settings.attributes |= {**told, "version_table": releases.FIRST_VERSIONS}
        command.upgrade(settings, LAST_STEP)
