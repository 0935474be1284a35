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


@cache
def many_of(dialect: str) -> Prepared:
    if dialect == "postgresql":
        return Prepared(text("SELECT nextval('ids') FROM generate_series(1, :many)"))
    return Prepared(text("UPDATE ids SET last = last + :many RETURNING last"))


def take_many(connection: Connection, many: int) -> list[int]:
    rows = many_of(connection.dialect.name).rows(connection, {"many": many})
    if connection.dialect.name == "postgresql":
        return sorted(int(taken) for (taken,) in rows)
    [[last]] = rows
    return list(range(last - many + 1, last + 1))
