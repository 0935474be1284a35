"""`pytest --update` writes the transcripts anew; the difference is then read like any other change."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the transcripts as they are held now")
