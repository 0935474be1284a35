"""What has served goes after a month; what is young, under way, or somebody's work stays."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, select, update

from conversations.messages import Message, Outgoing, Recipient
from conversations.ports import Action
from engine import limits
from engine.sayings import Saying
from storage import files, inbox, outbox, retention, tables, things
from storage.database import begin
from storage.store import work
from tests import builders
from tests.builders import MONDAY, Market

MONTH = timedelta(days=retention.KEPT_DAYS)


def test_old_things_go_and_the_rest_stays(database: Engine) -> None:
    market = Market(database)
    user = builders.join(market, "a")
    for at in (MONDAY - MONTH - timedelta(days=1), MONDAY):
        with begin(database) as connection:
            for name in ("done", "new"):
                row = inbox.NewRow("line", "t", f"{name}-{at}", f"line:t:{name}", b"words", at)
                inbox.store(connection, [row])
            if at < MONDAY:
                inbox.take(connection)
        with work(database, at, f"test:{at}") as store:
            store.new_handle(user.id, Action("start", flow="home"), "chat")
            kept = files.keep(store.connection, store.new_id(), "draft.txt", b"draft", at)
            store.connection.execute(
                insert(tables.file_links),
                {"token": f"{at}", "file_id": kept.id, "viewer_id": user.id, "expires_at": at + timedelta(minutes=1)},
            )
            for who in ("a", "b"):
                store.send(Outgoing(Recipient("line", "t", who), Message("hello"), language="en"))
    with begin(database) as connection:
        claimed = outbox.claim(connection, "line", MONDAY, 1, 60)
        outbox.settle(connection, [outbox.sent(message, MONDAY) for message in claimed])

    with begin(database) as connection:
        gone = [retention.tidy(connection, MONDAY + timedelta(hours=1)) for _ in range(2)]

    with database.connect() as connection:
        names = connection.scalars(select(tables.inbox.c.event_id).order_by("id")).all()
        left = [len(connection.execute(select(t)).all()) for t in (tables.outbox, tables.handles, tables.files)]
    # One done event, one sent message, one handle, two links, one file.
    assert gone == [6, 0]
    assert [name.split("-")[0] for name in names] == ["new", "done", "new"]
    assert left == [3, 1, 1]


@pytest.mark.parametrize("state", ["done", "parked", "hushed", "dropped"])
def test_an_event_that_is_over_goes_however_it_ended(database: Engine, state: str) -> None:
    with begin(database) as connection:
        inbox.store(connection, [inbox.NewRow("line", "t", "event", "line:t:a", b"", MONDAY)])
        connection.execute(update(tables.inbox).values(state=state))

    with begin(database) as connection:
        young = retention.tidy(connection, MONDAY + MONTH)
        old = retention.tidy(connection, MONDAY + MONTH + timedelta(seconds=1))

    assert (young, old) == (0, 1)


def test_what_a_provider_told_and_nobody_could_work_through_stays_and_holds_up_nothing(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    with begin(database) as connection:
        for platform, event_id in (("payments", "parked"), ("line", "parked"), ("payments", "done")):
            inbox.store(connection, [inbox.NewRow(platform, "t", event_id, f"{platform}:t:a", b"", MONDAY)])
        for state in ("parked", "done"):
            connection.execute(update(tables.inbox).where(tables.inbox.c.event_id == state).values(state=state))

    with begin(database) as connection:
        gone = [retention.tidy(connection, MONDAY + 12 * MONTH) for _ in range(3)]

    with database.connect() as connection:
        assert connection.scalars(select(tables.inbox.c.platform)).all() == ["payments"]
    assert gone == [1, 1, 0]


def test_a_fingerprint_goes_when_no_limit_looks_at_it_any_more(database: Engine) -> None:
    user = builders.join(Market(database), "a")
    said = Saying(id=user.id + 1, user_id=user.id, about="question", digest="", said_at=MONDAY)
    with begin(database) as connection:
        things.write(connection, [things.Change(None, said, 0)])

    with begin(database) as connection:
        gone = [retention.tidy(connection, MONDAY + limits.SAYINGS_WITHIN + timedelta(seconds=n)) for n in (0, 1)]

    assert gone == [0, 1]
