"""What tables alone cannot say: the counter of ids, and that the books are only ever added to."""

from sqlalchemy import DDL, MetaData, event
from sqlalchemy.schema import ExecutableDDLElement

APPEND_ONLY = ("transfers", "entries", "transitions", "audit")

ID_COUNTER_SQLITE = (
    "CREATE TABLE ids (one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), last BIGINT NOT NULL)",
    "INSERT INTO ids (one, last) VALUES (1, 0)",
)
ID_COUNTER_POSTGRESQL = ("CREATE SEQUENCE ids",)

REFUSE_POSTGRESQL = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
)


def trigger_name(table: str, act: str) -> str:
    return f"{table}_refuse_{act.lower()}"


def acts(dialect: str) -> tuple[str, ...]:
    return ("UPDATE", "DELETE", "TRUNCATE") if dialect == "postgresql" else ("UPDATE", "DELETE")


def statements(dialect: str) -> tuple[str, ...]:
    """To be run once, after the tables are there."""
    if dialect == "sqlite":
        return (*ID_COUNTER_SQLITE, *(sqlite_trigger(t, act) for t in APPEND_ONLY for act in acts(dialect)))
    return (
        *ID_COUNTER_POSTGRESQL,
        REFUSE_POSTGRESQL,
        *(postgresql_trigger(t, act) for t in APPEND_ONLY for act in acts(dialect)),
    )


def sqlite_trigger(table: str, act: str) -> str:
    return (
        f"CREATE TRIGGER {trigger_name(table, act)} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def postgresql_trigger(table: str, act: str) -> str:
    return (
        f"CREATE TRIGGER {trigger_name(table, act)} BEFORE {act} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def also_create(metadata: MetaData) -> None:
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(dialect):
            # A percent sign is DDL's own mark for substitution.
            added: ExecutableDDLElement = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call] # SQLAlchemy's
            event.listen(metadata, "after_create", added.execute_if(dialect=dialect))
