"""A form that did not open in time: its questions are asked in chat once, by whoever holds its row, each by itself."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

import errands
from batches import Hands
from bots.ports import NO_FORM, Sent
from conversations import talk
from conversations.messages import Incoming, Message, Outgoing, Recipient
from conversations.ports import Saved, World
from engine.limits import GIVEN_UP
from simulator.inline import INLINE
from storage import outbox, tables
from storage.database import begin
from storage.security import by_reason
from tests import builders
from tests.builders import Market
from tests.storage.houses import house_of

FORM = "form"


@dataclass
class Phones:
    """Forms come too late. Where one was for `theirs`, another worker is at it meanwhile."""

    engine: Engine
    theirs: str = ""

    def send(self, outgoing: Outgoing, _retry_key: str) -> Sent:
        if outgoing.message.text != FORM:
            return Sent("sent")
        if outgoing.to.outside_id == self.theirs:
            mine = update(tables.outbox).where(tables.outbox.c.recipient == self.theirs)
            with begin(self.engine) as connection:
                connection.execute(mine.values(fence=tables.outbox.c.fence + 1))
        return Sent("dead", error=NO_FORM)


def asking(market: Market, people: str) -> None:
    """Each is in the middle of a flow, and about to be shown its form."""
    for who in people:
        user = builders.join(market, who)
        with market.work() as store:
            store.save(user.id, Saved("post_job", begun_at=market.now))
    forms = [(Outgoing(Recipient("line", "tenant", who), Message(FORM), language="en"), FORM) for who in people]
    with begin(market.engine) as connection:
        outbox.put(connection, forms, secrets.token_bytes, market.now)


def found(engine: Engine) -> list[tuple[str, str, str]]:
    """The messages by their people: how each went, and whether it is a form or a question of it."""
    wanted = select(tables.outbox).order_by("id")
    with engine.connect() as connection:
        rows = connection.execute(wanted).all()
    assert all(row.awaited for row in rows if row.cause != FORM), "who is in the middle of something waits for it"
    return [(row.recipient, row.state, row.cause.rpartition(":")[2]) for row in rows]


def test_one_that_cannot_be_asked_takes_no_other_with_it(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market(database)
    asking(market, "abc")
    hear = talk.hear

    def breaks(incoming: Incoming, world: World) -> None:
        assert incoming.sender.outside_id != "a", "this one is broken"
        hear(incoming, world)

    monkeypatch.setattr(talk, "hear", breaks)
    errands.send_all(house_of(market, line=Phones(database)), "line", Hands(INLINE, 3))

    assert found(database) == [
        ("a", "dead", FORM),
        ("b", "dead", FORM),
        ("c", "dead", FORM),
        ("b", "pending", FORM),
        ("c", "pending", FORM),
    ]
    # Nobody asks them anything: operators are told.
    with database.connect() as connection:
        assert by_reason(connection, market.now - timedelta(hours=1)) == {GIVEN_UP: 1}


def test_whoever_lost_its_row_asks_nothing(database: Engine) -> None:
    market = Market(database)
    asking(market, "ab")

    errands.send_all(house_of(market, line=Phones(database, "a")), "line", Hands(INLINE, 2))

    assert found(database) == [("a", "claimed", FORM), ("b", "dead", FORM), ("b", "pending", FORM)]


def test_who_dies_while_asking_has_not_written_its_row_either(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = Market(database)
    asking(market, "a")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(talk, "hear", dies)
    with pytest.raises(KeyboardInterrupt):
        errands.send_all(house_of(market, line=Phones(database)), "line", Hands(INLINE, 1))

    assert found(database) == [("a", "claimed", FORM)]
