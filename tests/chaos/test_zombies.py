"""A process that stood still in the middle of its work: what it did not finish is done by another, as if new."""

import time

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import InternalError

from bench.stage import Person, Stage, staged
from conversations.messages import Incoming, Text
from storage import tables

pytestmark = pytest.mark.postgres
STANDS_STILL_SECONDS = 0.5


def ended_soon(stage: Stage) -> None:
    """PostgreSQL ends a transaction that stands still, here much sooner than in earnest."""

    @event.listens_for(stage.engine, "connect")
    def shorten(connection: object, _record: object) -> None:
        connection.execute("SET idle_in_transaction_session_timeout = '100ms'")  # type: ignore[attr-defined] # psycopg's
        connection.commit()  # type: ignore[attr-defined] # psycopg's

    stage.engine.dispose()


def test_a_transaction_that_stood_still_is_not_held_against_its_event(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with staged(postgres_url) as stage:
        hanako: Person = stage.person("line", "hanako", "Hanako")
        bot = stage.bots["line"]
        read = bot.read

        def slowly(body: bytes) -> Incoming | None:
            time.sleep(STANDS_STILL_SECONDS)
            return read(body)

        ended_soon(stage)
        monkeypatch.setattr(bot, "read", slowly)
        with pytest.raises(InternalError):
            stage.hear(hanako, Text("hello"))
        with stage.engine.connect() as connection:
            counted = connection.execute(select(tables.inbox.c.state, tables.inbox.c.attempts)).all()

        assert counted == [("new", 0)]
