"""At rest nobody stands in a transaction: the watch sees who does, and the judge says so."""

import time
from pathlib import Path

import pytest
from sqlalchemy import text

from chaos import judge, plan, watch
from chaos.journal import Journal, entries
from storage.database import open_database

LONGER_THAN_A_LOOK_ALLOWS_SECONDS = 1.2


@pytest.mark.postgres
def test_transaction_that_stands_still_is_seen(tmp_path: Path, postgres_url: str) -> None:
    drawn = plan.drawn_up(1, 1, 1, 1, tmp_path, "")
    engine, journal = open_database(postgres_url), Journal(drawn.journal("watch"))
    with engine.connect() as standing:
        standing.execute(text("SELECT 1"))
        time.sleep(LONGER_THAN_A_LOOK_ALLOWS_SECONDS)

        watch.look(journal, engine)
        seen = list(judge.stuck(drawn))

    watch.look(journal, engine)
    engine.dispose()
    assert seen == [("LV4", "1 transactions stand still, or wait for a lock, when nothing is left to do")]
    assert [look["stuck"] for look in entries(drawn.journal("watch"))] == [1, 0]
    assert list(judge.stuck(drawn)) == []
