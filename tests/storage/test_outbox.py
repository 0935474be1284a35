"""The outbox keeps each person's order, sends under one retry key, and takes no word from a claim that was lost."""

import secrets
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from conversations.messages import Button, Field, FormField, FormSheet, Item, Message, Outgoing, Picker, Recipient
from storage import outbox, tables
from storage.database import begin, open_database
from tests.builders import MONDAY

MINUTE = timedelta(minutes=1)


def put(database: Engine, *recipients: str, platform: str = "line") -> None:
    messages = [Outgoing(Recipient(platform, "t", who), Message(f"{n}")) for n, who in enumerate(recipients)]
    with begin(database) as connection:
        outbox.put(connection, [(message, "cause") for message in messages], secrets.token_bytes, MONDAY)


def claim(database: Engine, now: timedelta = timedelta(0), limit: int = 10) -> list[outbox.Row]:
    with begin(database) as connection:
        return outbox.claim(connection, "line", MONDAY + now, limit, 30)


def said(rows: list[outbox.Row]) -> list[tuple[str, str]]:
    return [(row.outgoing.to.outside_id, row.outgoing.message.text) for row in rows]


def test_message_comes_out_as_it_was_put(database: Engine) -> None:
    message = Message(
        "text",
        "title",
        (Field("期限", "12/13"),),
        (Item("job", (Field("price", "¥1"),), "words", (Button("Apply", "h" * 22),)),),
        (Button("Pay", url="https://pay.example", style="primary"),),
        (Button("はい", "q" * 22),),
        Picker("day", "p" * 22, date(2030, 12, 2), date(2031, 1, 1)),
    )
    sheet = FormSheet("t", "f" * 22, "Send", "Stop", (FormField("due", "day", "Due", options=(("a", "b"),)),))
    outgoing = Outgoing(Recipient("line", "t", "a"), message, "form", sheet, "reply", "en")
    with begin(database) as connection:
        outbox.put(connection, [(outgoing, "cause")], secrets.token_bytes, MONDAY)

    (row,) = claim(database)

    assert row.outgoing == outgoing


def test_one_message_a_person_at_a_time(database: Engine) -> None:
    put(database, "a", "a", "b")

    rows = claim(database)

    assert said(rows) == [("a", "0"), ("b", "2")]
    assert claim(database) == []


def test_next_message_follows_the_sent_one(database: Engine) -> None:
    put(database, "a", "a")
    (row,) = claim(database)

    with begin(database) as connection:
        assert outbox.settle(connection, [outbox.sent(row, MONDAY)])

    assert said(claim(database)) == [("a", "1")]


def test_waiting_message_is_not_overtaken(database: Engine) -> None:
    put(database, "a", "a", "b")
    rows = claim(database)
    with begin(database) as connection:
        outbox.settle(connection, [outbox.retry(rows[0], MONDAY + MINUTE, "429")])
        outbox.settle(connection, [outbox.sent(rows[1], MONDAY)])

    assert said(claim(database)) == []
    assert said(claim(database, MINUTE)) == [("a", "0")]


def test_given_up_message_lets_the_next_go(database: Engine) -> None:
    put(database, "a", "a")
    (row,) = claim(database)

    with begin(database) as connection:
        outbox.settle(connection, [outbox.dead(row, "they left", MONDAY)])

    assert said(claim(database)) == [("a", "1")]


def test_retry_key_is_the_same_over_all_attempts(database: Engine) -> None:
    put(database, "a")
    (first,) = claim(database)
    with begin(database) as connection:
        outbox.settle(connection, [outbox.retry(first, MONDAY, "timeout")])

    (second,) = claim(database)

    assert first.retry_key == second.retry_key
    assert (first.attempts, second.attempts) == (1, 2)


def test_lost_claim_changes_nothing(database: Engine) -> None:
    put(database, "a")
    (old,) = claim(database)
    (new,) = claim(database, MINUTE)

    with begin(database) as connection:
        late = (
            outbox.settle(connection, [outbox.sent(old, MONDAY)]),
            outbox.settle(connection, [outbox.retry(old, MONDAY, "x")]),
            outbox.settle(connection, [outbox.dead(old, "x", MONDAY)]),
        )
        in_time = outbox.settle(connection, [outbox.sent(new, MONDAY)])
        again = outbox.settle(connection, [outbox.sent(new, MONDAY)])
        state = connection.scalar(select(tables.outbox.c.state))

    assert (late, in_time, again, state) == ((0, 0, 0), 1, 0, "sent")


def test_limit_is_kept(database: Engine) -> None:
    put(database, "a", "b", "c")

    assert said(claim(database, limit=2)) == [("a", "0"), ("b", "1")]
    assert said(claim(database, limit=2)) == [("c", "2")]


def test_other_platforms_are_left_alone(database: Engine) -> None:
    put(database, "a", platform="slack")

    assert claim(database) == []


@pytest.mark.postgres
def test_two_senders_never_claim_one_message(postgres_url: str) -> None:
    database = open_database(postgres_url)
    put(database, "a", "a", "b", "c")

    with begin(database) as first, begin(database) as second:
        mine = outbox.claim(first, "line", MONDAY, 2, 30)
        theirs = outbox.claim(second, "line", MONDAY, 10, 30)
    database.dispose()

    assert (said(mine), said(theirs)) == ([("a", "0"), ("b", "2")], [("c", "3")])
