"""What tests share: databases, fresh for each test and checked at its end.

`pytest --update` writes the transcripts anew; the difference is then read like any other change."""

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import OperationalError

import clock
from storage.check import check
from storage.database import migrate, open_database
from tests import empty
from tests.empty import made, plain

POSTGRES_ANYWAY = "postgresql://postgres@127.0.0.1:5432/postgres"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the transcripts as they are held now")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "corrupts: breaks the database on purpose, so it is not checked at the end.")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Engine]:
    """A server on which databases can be made, and on it `arigato_template_…`, migrated, from which they are copied."""
    address = make_url(os.environ.get("ARIGATO_TEST_POSTGRES") or POSTGRES_ANYWAY).set(drivername="postgresql+psycopg")
    server = create_engine(address, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5})
    try:
        server.connect().close()
    except OperationalError as error:
        reason = f"no PostgreSQL at {address.host}:{address.port}; name one in ARIGATO_TEST_POSTGRES"
        if os.environ.get("ARIGATO_REQUIRE_POSTGRES") == "1":
            pytest.fail(f"{reason} ({error.orig})")
        pytest.skip(reason)
    template = made(server, "")
    engine = open_database(plain(template.url))
    migrate(engine, clock.now())
    engine.dispose()
    server.template = template.url.database  # type: ignore[attr-defined] # carried along for `postgres_url`
    yield server
    template.drop()
    server.dispose()


@pytest.fixture(scope="session")
def spare(postgres: Engine) -> Iterator[list[made]]:
    """Databases that have served and are empty again: PostgreSQL takes a second to drop one, and none to empty it."""
    kept: list[made] = []
    yield kept
    for database in kept:
        database.drop()


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres: Engine, spare: list[made]) -> Iterator[str]:
    """The address of an empty, migrated PostgreSQL database."""
    template: str = postgres.template  # type: ignore[attr-defined] # see `postgres`
    database = spare.pop() if spare else made(postgres, template)
    yield plain(database.url)
    if request.node.get_closest_marker("corrupts") or not database.empty():
        database.drop()
    else:
        spare.append(database)


@pytest.fixture
def postgres_empty_url(postgres: Engine) -> Iterator[str]:
    """The address of a fresh PostgreSQL database without a table."""
    database = made(postgres, "")
    yield plain(database.url)
    database.drop()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine_url(request: pytest.FixtureRequest) -> str:
    """SQLite in memory, and PostgreSQL if one answers: each test runs on both."""
    return "sqlite://" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(request: pytest.FixtureRequest, engine_url: str) -> Iterator[Engine]:
    """Migrated and empty; at the end of the test every invariant must hold."""
    engine = empty.in_memory() if engine_url == "sqlite://" else open_database(engine_url)
    try:
        yield engine
        if request.node.get_closest_marker("corrupts") is None:
            with engine.connect() as connection:
                violations = check(connection)
            assert violations == []
    finally:
        engine.dispose()
