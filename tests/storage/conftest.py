"""Databases that can be copied."""

from pathlib import Path

import pytest

from storage.database import migrate, open_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that can be copied: a file, or one on a server."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    engine = open_database(f"sqlite:///{tmp_path}/market.db")
    migrate(engine)
    engine.dispose()
    return f"sqlite:///{tmp_path}/market.db"
