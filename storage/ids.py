"""Ids: one sequence for all things, so that an id names one thing in the whole house."""

from functools import cache

from sqlalchemy import Connection, TextClause, text


@cache
def statement(dialect: str) -> TextClause:
    if dialect == "postgresql":
        return text("SELECT nextval('ids')")
    return text("UPDATE ids SET last = last + 1 RETURNING last")


def take(connection: Connection) -> int:
    return int(connection.execute(statement(connection.dialect.name)).scalar_one())
