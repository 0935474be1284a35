"""Gently: how a migration changes tables that the release before is just working on. Nobody waits for long.

On PostgreSQL a change of a table needs it alone for a moment. Whoever asks for that waits for every transaction that
has touched the table, and everybody else waits behind. So all the tables of a step are asked for at once, and the step
gives up soon: `migrate` tries it again. SQLite has one writer anyway."""

from collections.abc import Sequence
from typing import Any

from alembic import op

# Less than PostgreSQL's deadlock_timeout: in a ring it is never somebody's message that is broken off.
PATIENCE_MILLISECONDS = 500


def hold(*tables: str) -> None:
    """First in a step: the tables it changes, or that its new tables refer to."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"SET LOCAL statement_timeout = {PATIENCE_MILLISECONDS}")
        op.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        op.execute("SET LOCAL statement_timeout = 0")


def index(name: str, table: str, columns: Sequence[str], where: Any = None) -> None:
    """On a table that is there already: built while others write. Before everything else in its step, which it commits
    in parts: a step that was broken off begins with it again."""
    if op.get_context().dialect.name != "postgresql":
        op.create_index(name, table, columns, sqlite_where=where)
        return
    with op.get_context().autocommit_block():
        # What a broken attempt has left behind is of no use.
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_where=where, postgresql_concurrently=True)
