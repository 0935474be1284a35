"""The check: every promise of the database as a question that finds nothing while it is kept."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, TextClause, text

from storage import audit, check_moves, check_timers, outages, personal
from storage.chain import DEMO_KEY
from storage.prepared import Prepared
from storage.schema import APPEND_ONLY, acts, trigger_name

Finder = Callable[[Connection], Iterator[str]]

UNIQUE = (
    ("D1", "inbox", ("platform", "tenant", "event_id")),
    ("A1", "addresses", ("platform", "tenant", "outside_id")),
    ("S1", "transitions", ("noun", "thing_id", "version")),
    ("M4", "entries", ("account", "account_version")),
    ("A6", "reviews", ("contract_id", "by_id")),
)


@dataclass(frozen=True)
class Violation:
    """`rule` is the invariant's number in the list of invariants; `what` names the rows."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


@dataclass(frozen=True)
class Question:
    rule: str
    promise: str
    sql: str


@cache
def questions() -> tuple[Question, ...]:
    """Those of checks.sql: a comment `-- M1: what is promised`, then the statement."""
    written = Path(__file__).with_name("checks.sql").read_text(encoding="utf-8")
    found = re.findall(r"^-- ([A-Z]+\d+): (.*)\n((?:(?!--).*\n)+)", written, re.MULTILINE)
    return tuple(Question(rule, promise, sql.strip().rstrip(";")) for rule, promise, sql in found)


def check(connection: Connection, audit_key: str = DEMO_KEY) -> list[Violation]:
    """All violations; none when healthy. Only reads, and all of it at one moment, also while others write."""
    if connection.dialect.name == "postgresql" and not connection.in_transaction():
        connection.execution_options(isolation_level="REPEATABLE READ")
    found = [
        Violation(question.rule, f"not true: {question.promise} ({row})")
        for question in questions()
        for row in rows(connection, question.sql)
    ]
    return (
        found
        + [Violation(rule, what) for rule, finder in FINDERS for what in finder(connection)]
        + missing_keys(connection)
        + [Violation("A4", f"audit log: {what}") for what in audit.broken(connection, audit_key)]
    )


def rows(connection: Connection, sql: str) -> Iterator[str]:
    """What is found is asked for once more, with its columns' names."""
    if prepared(sql).row(connection, {}):
        for row in connection.execute(statement(sql)):
            yield ", ".join(f"{name} {value}" for name, value in row._asdict().items())


@cache
def prepared(sql: str) -> Prepared:
    return Prepared(statement(sql))


def statement(sql: str) -> TextClause:
    # A colon in 'escrow:' is no parameter.
    return text(re.sub(r":(?=[a-z%'])", r"\:", sql))


def missing_triggers(connection: Connection) -> Iterator[str]:
    """M11: the books are only ever added to."""
    dialect = connection.dialect.name
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if dialect == "sqlite"
        else "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE tgenabled = 'O' AND pg_table_is_visible(tgrelid)"
    )
    there = set(connection.scalars(text(sql)))
    for table in APPEND_ONLY:
        for act in acts(dialect):
            if trigger_name(table, act) not in there:
                yield f"{table} can be changed by {act}"


# Tables, and how their keys are written.
KEYS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT relname, pg_get_constraintdef(pg_constraint.oid) FROM pg_constraint "
    "JOIN pg_class ON pg_class.oid = conrelid WHERE contype = 'u' AND pg_table_is_visible(conrelid)",
}


def missing_keys(connection: Connection) -> list[Violation]:
    """Without its key, a duplicate is only a matter of time."""
    there = prepared(KEYS[connection.dialect.name]).rows(connection, {})
    return [
        Violation(rule, f"{table} may hold the same {', '.join(columns)} twice")
        for rule, table, columns in UNIQUE
        if not any(name == table and f"UNIQUE ({', '.join(columns)})" in written for name, written in there)
    ]


FINDERS: tuple[tuple[str, Finder], ...] = (
    ("M11", missing_triggers),
    ("S1", check_moves.undeclared),
    ("S1", check_moves.out_of_line),
    ("S2", check_moves.left_an_end),
    ("T1", check_timers.wrong_timers),
    ("S7", outages.uncounted),
    ("A5", personal.left_behind),
)
