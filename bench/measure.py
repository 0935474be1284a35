"""What every benchmark shares: how much of it to do, medians, and databases of its own."""

import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

POSTGRES_ANYWAY = "postgresql://postgres@127.0.0.1:5432/postgres"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """How much is done. `tiny` shows that a benchmark runs and says nothing about speed."""

    rounds: int
    connections: int
    requests: int
    seconds: float  # no round of requests takes longer
    stories: int
    lifecycles: int
    pending: tuple[int, int]
    ticks: int
    due: int
    messages: int
    starts: int


NORMAL = Size(
    rounds=3,
    connections=64,
    requests=4000,
    seconds=8,
    stories=4,
    lifecycles=100,
    pending=(10_000, 1_000_000),
    ticks=60,
    due=200,
    messages=900,
    starts=3,
)
TINY = Size(
    rounds=1,
    connections=4,
    requests=40,
    seconds=5,
    stories=1,
    lifecycles=3,
    pending=(10, 100),
    ticks=3,
    due=3,
    messages=9,
    starts=1,
)


def seconds_of(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def median(found: Sequence[float], digits: int) -> float:
    return round(statistics.median(found), digits)


def databases() -> tuple[str, ...]:
    """SQLite, and PostgreSQL if one answers."""
    server = create_engine(postgres(), connect_args={"connect_timeout": 3})
    try:
        server.connect().close()
    except OperationalError:
        return ("sqlite",)
    finally:
        server.dispose()
    return ("sqlite", "postgresql")


def postgres() -> URL:
    return make_url(os.environ.get("ARIGATO_TEST_POSTGRES") or POSTGRES_ANYWAY).set(drivername="postgresql+psycopg")


@contextmanager
def fresh(database: str) -> Iterator[str]:
    """The address of an empty database, gone afterwards. SQLite's is a file: in memory nothing is durable."""
    if database == "sqlite":
        with tempfile.TemporaryDirectory(prefix="arigato-bench-") as folder:
            yield f"sqlite:///{Path(folder) / 'bench.db'}"
        return
    server = create_engine(postgres(), isolation_level="AUTOCOMMIT")
    name = f"arigato_bench_{uuid.uuid4().hex[:12]}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield postgres().set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()
