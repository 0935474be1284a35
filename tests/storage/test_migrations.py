"""Migrations only add, and hold up nobody: the release before serves while the tables are changed (ADR 0017)."""

import io
import re

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import text

import clock
from storage import database
from storage.database import is_current, migrate, migrations, open_database
from tests import first_release

TABLE = r'"?(?P<table>\w+)"?'
CREATES = re.compile(rf"CREATE TABLE {TABLE}")
ADDS = re.compile(rf"ALTER TABLE {TABLE} ADD COLUMN (?P<column>.*)", re.DOTALL)
INDEXES = re.compile(rf"CREATE (UNIQUE )?INDEX (?P<beside>CONCURRENTLY )?\w+ ON {TABLE}")
REFERS = re.compile(rf"REFERENCES {TABLE}")
HOLDS = re.compile(r"LOCK TABLE (?P<tables>.*) IN ACCESS EXCLUSIVE MODE")
HARMLESS = re.compile(r"DROP INDEX CONCURRENTLY IF EXISTS|SET LOCAL|BEGIN|COMMIT|$")


def later_steps() -> list[Script]:
    steps = ScriptDirectory.from_config(migrations()).walk_revisions()
    return sorted((step for step in steps if step.revision > first_release.LAST_STEP), key=lambda step: step.revision)


def statements(step: Script) -> list[str]:
    """What it says to PostgreSQL."""
    said = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said})
    with context.begin_transaction(), Operations.context(context):
        step.module.upgrade()
    return [statement.strip() for statement in said.getvalue().split(";")]


def objections(said: list[str]) -> list[str]:
    """Each statement that the release before would trip over, or wait for."""
    made: set[str] = set()
    held: set[str] = set()
    found = []
    for statement in said:
        if created := CREATES.match(statement):
            made.add(created["table"])
            good = {referred["table"] for referred in REFERS.finditer(statement)} <= made | held
        elif holds := HOLDS.match(statement):
            held |= set(holds["tables"].split(", "))
            good = True
        elif added := ADDS.match(statement):
            good = added["table"] in held and ("DEFAULT" in added["column"] or "NOT NULL" not in added["column"])
        elif indexed := INDEXES.match(statement):
            good = bool(indexed["beside"]) or indexed["table"] in made
        else:
            good = bool(HARMLESS.match(statement))
        if not good:
            found.append(statement)
    return found


@pytest.mark.parametrize("step", later_steps(), ids=lambda step: step.revision)
def test_step_only_adds_and_holds_up_nobody(step: Script) -> None:
    assert objections(statements(step)) == []


@pytest.mark.parametrize(
    "said",
    [
        "DROP TABLE jobs",
        "ALTER TABLE jobs DROP COLUMN price",
        "ALTER TABLE jobs RENAME COLUMN price TO cost",
        "ALTER TABLE jobs ALTER COLUMN price SET NOT NULL",
        "ALTER TABLE jobs ADD CONSTRAINT positive CHECK (price > 0)",
        "ALTER TABLE jobs ADD COLUMN city TEXT NOT NULL",
        "UPDATE jobs SET price = 0",
        "CREATE INDEX ix_jobs_price ON jobs (price)",
        "CREATE TABLE cities (id BIGINT, job_id BIGINT REFERENCES jobs (id))",
        "CREATE TRIGGER t BEFORE INSERT ON jobs EXECUTE FUNCTION refuse_change()",
    ],
)
def test_step_that_is_in_the_way_is_seen(said: str) -> None:
    held = "LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE"
    by_itself = said.startswith("CREATE")

    assert objections([said] if by_itself else [held, said]) == [said]


def test_column_is_not_added_to_a_table_that_was_not_asked_for() -> None:
    said = "ALTER TABLE jobs ADD COLUMN city TEXT"

    assert objections([said]) == [said]


@pytest.mark.postgres
def test_step_that_cannot_have_its_table_lets_others_go_first(
    monkeypatch: pytest.MonkeyPatch, postgres_empty_url: str
) -> None:
    """Somebody reads; whoever wants to write meanwhile waits for no more than the step's patience."""
    engine = open_database(postgres_empty_url)
    monkeypatch.setattr(database, "STEP_TRIES_MAX", 2)
    monkeypatch.setattr(database, "STEP_AGAIN_SECONDS", (0,))
    first_release.make(engine)
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM contracts"))

        with pytest.raises(Exception, match="statement timeout"):
            migrate(engine, clock.now())

    half_way = is_current(engine)
    migrate(engine, clock.now())

    assert not half_way
    assert is_current(engine)
    engine.dispose()
