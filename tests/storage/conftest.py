"""Databases that can be copied."""

from pathlib import Path

import pytest

from tests import empty


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that can be copied: a file, or one on a server."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return empty.at(tmp_path / "market.db")
