"""What is taken back is looked for among what was said before, also by somebody who has said much since."""

from datetime import timedelta

from sqlalchemy import Engine, select

from conversations.messages import Incoming, Text
from storage import inbox, taking_back
from storage.database import begin
from storage.tables import inbox as events
from tests.builders import MONDAY, sender

TURNS = 200


def read(event: bytes) -> Incoming | None:
    return Incoming("", sender("a"), Text(event.decode()), MONDAY, message=event.decode())


def test_words_are_found_after_many_others(database: Engine) -> None:
    said = [
        inbox.NewRow("line", "t", str(n), "line:t:a", f"word {n}".encode(), MONDAY + timedelta(minutes=n))
        for n in range(TURNS)
    ]
    with begin(database) as connection:
        inbox.store(connection, said)
        rows = [row for _ in said if (row := inbox.take(connection))]
        gone = Incoming("", sender("a"), Text(""), MONDAY, takes_back="word 3")

        found = taking_back.forget(connection, rows[-1], read, gone)

        left = set(connection.scalars(select(events.c.body)))
    assert [each.message for each in found] == ["word 3"]
    assert (b"word 3" in left, len(left)) == (False, TURNS)
