"""Ids: one sequence for all things, so that an id names one thing in the whole house."""

from functools import cache

from sqlalchemy import Connection, text

from storage.prepared import Prepared


@cache
def statement(dialect: str) -> Prepared:
    if dialect == "postgresql":
        return Prepared(text("SELECT nextval('ids')"))
    return Prepared(text("UPDATE ids SET last = last + 1 RETURNING last"))


def take(connection: Connection) -> int:
    [[taken]] = statement(connection.dialect.name).rows(connection, {})
    return int(taken)
