"""The database: what a transaction is, that the books are only added to, and how tables come to be."""

import secrets
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError

import clock
from engine.jobs import CloseJob, Job, close
from engine.ports import Timer
from storage import audit, beats, files, schema, tables, timers
from storage.chain import DEMO_KEY
from storage.database import begin, is_current, migrate, open_database
from storage.store import work
from tests import builders
from tests.builders import MONDAY, Market

VERSIONS = Path(schema.__file__).parent / "migrations/versions"


@pytest.mark.parametrize("table", schema.APPEND_ONLY)
@pytest.mark.parametrize("act", ["UPDATE {0} SET at = at", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_books_are_only_added_to(database: Engine, table: str, act: str) -> None:
    market = Market(database)
    builders.accepted(market)
    with begin(database) as connection:
        audit.append(connection, DEMO_KEY, MONDAY, [audit.Line(1, "a", "database", "{}")], secrets.token_bytes)
        before = counts(connection)
    statement = act.format(table).replace("at = at", "amount = 1" if table == "entries" else "at = at")

    with pytest.raises(DBAPIError):
        run(database, statement)

    with database.connect() as connection:
        assert counts(connection) == before


def run(database: Engine, statement: str) -> None:
    with begin(database) as connection:
        connection.exec_driver_sql(statement)


def counts(connection: Connection) -> dict[str, int]:
    names = schema.APPEND_ONLY
    return {name: len(connection.execute(select(tables.metadata.tables[name])).all()) for name in names}


@pytest.mark.corrupts
def test_migrations_make_exactly_these_tables(engine_url: str) -> None:
    migrated = open_database(engine_url)
    migrate(migrated, clock.now())
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": not_ours})
        difference = compare_metadata(context, tables.metadata)
        by_steps = described(connection)
    migrated.dispose()
    created = open_database(engine_url)
    with begin(created) as connection:
        if engine_url != "sqlite://":
            connection.exec_driver_sql("CREATE SCHEMA other")
            connection.exec_driver_sql("SET LOCAL search_path TO other")
        tables.metadata.create_all(connection)
        at_once = described(connection)
    created.dispose()

    assert difference == []
    assert by_steps == at_once


def not_ours(_object: object, name: str | None, *_: object) -> bool:
    return name not in ("ids", "migrations")


def described(connection: Connection) -> dict[str, Any]:
    """Everything that can be seen of tables, keys and triggers."""
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if name != "migrations"]
    triggers = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE pg_table_is_visible(tgrelid) AND NOT tgisinternal"
    )
    return {
        "triggers": sorted(connection.scalars(text(triggers))),
        "sequences": sorted(inspector.get_sequence_names()) if connection.dialect.name == "postgresql" else [],
        **{
            name: (
                # In any order: a column that came later is the last of its table.
                sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)),
                inspector.get_pk_constraint(name),
                sorted(map(str, inspector.get_unique_constraints(name))),
                sorted(map(readable, inspector.get_indexes(name))),
                sorted((key["name"] or "", key["referred_table"]) for key in inspector.get_foreign_keys(name)),
                sorted((key["name"] or "", key["sqltext"]) for key in inspector.get_check_constraints(name)),
            )
            for name in names
        },
    }


def readable(index: Any) -> str:
    return str({**index, "dialect_options": {k: str(v) for k, v in index.get("dialect_options", {}).items()}})


def test_migrating_says_each_step_once(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/new.db")
    steps: list[str] = []

    before = is_current(database)
    migrate(database, clock.now(), steps.append)
    after = is_current(database)
    migrate(database, clock.now(), steps.append)
    database.dispose()

    assert (before, after) == (False, True)
    assert [step[:4] for step in steps] == sorted(path.stem[:4] for path in VERSIONS.glob("0*.py"))


def test_sqlite_is_durable_and_strict(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/new.db")

    with database.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    database.dispose()

    assert found == ["wal", 2, 1]


def test_ids_are_never_given_twice(database: Engine) -> None:
    with work(database, MONDAY, "a") as store:
        taken = [store.new_id() for _ in range(3)]
    with work(database, MONDAY, "b") as store:
        taken.append(store.new_id())

    assert len(set(taken)) == 4


def test_timer_fires_once_and_not_early(database: Engine) -> None:
    market = Market(database)
    job = builders.post(market, builders.join(market, "a"))
    wanted = CloseJob(by=job.client_id, job_id=job.id)
    with work(database, job.open_until, "clock") as store:
        (timer_id,) = timers.due(store.connection, job.open_until, 10)
        early = timers.take(store.connection, [timer_id], MONDAY)
        first = timers.take(store.connection, [timer_id], job.open_until)
        second = timers.take(store.connection, [timer_id], job.open_until)
        # A job that waits for a timer that is gone would be found by the check.
        store.carry_out(close(store.get(Job, job.id), store.now, wanted), wanted)

    assert [(early, second), first] == [([], []), [(timer_id, Timer("job", job.id, "expire", job.open_until))]]


def test_next_due_is_the_nearest_to_come(database: Engine) -> None:
    market = Market(database)
    job = builders.post(market, builders.join(market, "a"))

    with database.connect() as connection:
        assert timers.next_due(connection, MONDAY) == job.open_until
        assert timers.next_due(connection, job.open_until) is None


def test_beats_are_heard(database: Engine) -> None:
    with begin(database) as connection:
        beats.beat(connection, "worker", MONDAY)
        beats.beat(connection, "worker", builders.MONDAY)
        beats.beat(connection, "clock", MONDAY)

    with database.connect() as connection:
        assert beats.last(connection) == {"worker": MONDAY, "clock": MONDAY}


def test_file_comes_back_through_a_link_that_ends(database: Engine) -> None:
    user = builders.join(Market(database), "a")
    with work(database, MONDAY, "file") as store:
        kept = files.keep(store.connection, store.new_id(), "logo.svg", b"<svg/>", MONDAY, user.id)
        token = files.link(store.connection, kept.id, user.id, MONDAY, store.random)

    with database.connect() as connection:
        in_time = files.fetch(connection, token, MONDAY)
        too_late = files.fetch(connection, token, builders.MONDAY.replace(hour=23))
        unknown = files.fetch(connection, "x" * 22, MONDAY)

    assert in_time == kept
    assert (too_late, unknown) == (None, None)
