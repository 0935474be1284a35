"""F35, F36: one person who floods us, and one event that cannot be worked through."""

import pytest
from sqlalchemy import select

import app
import logs
import worker
from bench.stage import Stage, staged
from bots.ports import Received
from conversations import render
from conversations.messages import Incoming, Text
from engine import limits
from storage import inbox, outbox, tables

FLOOD = 1_000


def comes(stage: Stage, who: str, event: str, words: str) -> None:
    person = stage.person("line", who, who)
    stage.bots["line"].said[event.encode()] = Incoming(event, person.sender, Text(words), stage.clock.now())
    app.keep(stage.house, [("line", Received("tenant", event, f"line:tenant:{who}", event.encode()))])


def states(stage: Stage) -> dict[str, str]:
    with stage.engine.connect() as connection:
        return {row.event_id: row.state for row in connection.execute(select(tables.inbox))}


def told(stage: Stage, who: str) -> list[str]:
    with stage.engine.connect() as connection:
        payloads = connection.scalars(select(tables.outbox.c.payload).order_by(tables.outbox.c.id)).all()
    found = [outbox.adapter().validate_json(payload) for payload in payloads]
    return [each.message.text for each in found if each.to.outside_id == who]


def causes(stage: Stage, event: str) -> set[str]:
    """Of what was said because of this event."""
    with stage.engine.connect() as connection:
        return {cause for cause in connection.scalars(select(tables.outbox.c.cause)) if event in cause.split(":")}


def test_f35_a_thousand_messages_of_one_person_keep_another_waiting_for_as_many_as_are_heard(engine_url: str) -> None:
    with staged(engine_url) as stage:
        for number in range(FLOOD):
            comes(stage, "flood", f"flood-{number}", "help")
        comes(stage, "calm", "calm", "help")
        steps = 0

        while states(stage)["calm"] == "new":
            assert worker.work_inbox(stage.house)
            steps += 1

        # What is heard of a minute, one that is told to slow down, and the calm one; the minute may have turned once.
        assert steps <= 2 * (limits.MESSAGES.most + 1) + 1
        assert "new" not in states(stage).values() or steps < FLOOD


TRAP = {
    "sqlite": [
        "CREATE TRIGGER trap BEFORE INSERT ON outbox WHEN NEW.payload LIKE '%poison%' "
        "BEGIN SELECT RAISE(ABORT, 'cannot be kept'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'cannot be kept' USING ERRCODE = '22P05'; END $$",
        "CREATE TRIGGER trap BEFORE INSERT ON outbox FOR EACH ROW WHEN (NEW.payload::text LIKE '%%poison%%') "
        "EXECUTE FUNCTION trap()",
    ],
}


@pytest.mark.corrupts
def test_f36_an_event_that_cannot_be_worked_through_is_parked_and_holds_up_nobody_else(engine_url: str) -> None:
    logs.set_up()
    with staged(engine_url) as stage:
        for who in ("unlucky", "calm"):
            comes(stage, who, f"{who}-first", "hello")
            while worker.work_inbox(stage.house):
                pass
        with stage.engine.begin() as connection:
            for statement in TRAP[stage.engine.dialect.name]:
                connection.exec_driver_sql(statement)
        comes(stage, "unlucky", "bad", "poisonのロゴを3万円で来週金曜まで")
        comes(stage, "calm", "good", "help")
        comes(stage, "unlucky", "after", "help")
        tries = 0
        while worker.work_inbox(stage.house):
            tries += 1

        words = render.page("ja", "common.failed", {}).text
        assert states(stage)["bad"] == "parked"
        assert {state for event, state in states(stage).items() if event != "bad"} == {"done"}
        assert (tries, words in told(stage, "unlucky")) == (inbox.FAILURES_BEFORE_PARKED + 2, True)
        assert causes(stage, "bad") == {"line:tenant:bad:parked"}
        with stage.engine.connect() as connection:
            parked = select(tables.outbox.c.awaited).where(tables.outbox.c.cause == "line:tenant:bad:parked")
            assert connection.scalars(parked).all() == [True]
