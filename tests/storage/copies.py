"""Copies of databases, made and opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from storage.backup import back_up
from storage.chain import DEMO_KEY
from storage.database import open_database

NOON = datetime(2030, 12, 2, 3, 0, tzinfo=UTC)


def silent(_: float) -> None:
    """Nobody watches the bar."""


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


def backed_up(url: str, folder: Path) -> Path:
    back_up(url, folder / "backup", NOON, DEMO_KEY, silent)
    return folder / "backup"
