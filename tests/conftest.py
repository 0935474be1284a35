"""What tests share: databases, fresh for each test and checked at its end.

`pytest --update` writes the transcripts anew; the difference is then read like any other change."""

import os
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from storage.check import check
from storage.database import migrate, open_database
from tests import empty

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
    with made(server, "") as template:
        engine = open_database(plain(template))
        migrate(engine)
        engine.dispose()
        server.template = template.database  # type: ignore[attr-defined] # carried along for `engine_url`
        yield server
    server.dispose()


class made:  # noqa: N801 - reads as a sentence
    """A database of its own, gone afterwards."""

    def __init__(self, server: Engine, template: str) -> None:
        self.server = server
        self.template = f' TEMPLATE "{template}"' if template else ""
        self.name = f"arigato_test_{uuid.uuid4().hex[:12]}"

    def __enter__(self) -> URL:
        with self.server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{self.name}"{self.template}'))
        return self.server.url.set(database=self.name)

    def __exit__(self, *_: object) -> None:
        with self.server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{self.name}" WITH (FORCE)'))


def plain(address: URL) -> str:
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def postgres_url(postgres: Engine) -> Iterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    template: str = postgres.template  # type: ignore[attr-defined] # see `postgres`
    with made(postgres, template) as address:
        yield plain(address)


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
