"""A button is bound: to its chat, to the delivery or proposal it is about; and no number of guesses finds one."""

import json
import random
import time

import pytest
from sqlalchemy import select, update

from storage import handles
from storage.tables import handles as handles_table
from tests.attacks.acting import Act, Acts, sentence
from tests.attacks.server import changed

POLITE = {"inbox", "outbox", "handles", "conversations"}
GUESSES = 1_000_000
SECONDS_MAX = 300


def other_chat(act: Act, role: str) -> None:
    """As if the newest card had been sent to another of this person's chats."""
    user_id = act.deal.by(role)
    with act.server.house.database.begin() as connection:
        mine = update(handles_table).where(handles_table.c.user_id == user_id)
        connection.execute(mine.values(chat="telegram:another:1"))


def test_b6_a_button_of_another_chat_of_the_same_person_does_nothing(acts: Acts) -> None:
    act = acts({})
    act.deal.at("delivered")
    act.does({"who": "client", "say": "/accept {contract}"})
    other_chat(act, "client")
    before, said, moved = act.server.rows(), act.last_said(), act.moved()

    act.does({"who": "client", "press": {"key": "card"}})

    assert (act.server.events_after(1), act.moves(moved)) == (["handle_unknown"], [])
    assert act.answers("client", said)[:1] == [sentence("common.stale")]
    assert set(changed(before, act.server.rows())) <= POLITE


def test_b3_z15_a_button_about_an_earlier_delivery_does_not_begin_accepting_the_next(acts: Acts) -> None:
    act = acts({})
    act.deal.at("delivered")
    # The notice of the first delivery was sent when the talk was not there to see it: ask for the present buttons.
    act.does({"who": "client", "say": "/mine"})
    first = act.handle({"who": "client", "press": {"flow": "accept_work", "keep": "first"}})
    act.does({"who": "client", "say": "/changes {contract}"})
    act.does({"who": "client", "say": "In blue please"})
    act.does({"who": "client", "press": {"key": "card"}}) if shown(act, "client", "card") else None
    act.does({"who": "worker", "say": "/deliver {contract}"})
    act.does({"who": "worker", "say": "In blue"})
    act.does({"who": "worker", "press": {"key": "card"}}) if shown(act, "worker", "card") else None
    assert act.moves(0)[-1] == "contract deliver"
    act.server.events.taken()
    moved = act.moved()

    act.does({"who": "client", "press": first})

    assert (act.server.events_after(1), act.moves(moved)) == (["no_longer_valid"], [])
    act.does({"who": "client", "press": {"flow": "accept_work"}})
    act.does({"who": "client", "press": {"key": "card"}})
    assert act.moves(moved) == ["contract accept"]


def shown(act: Act, role: str, key: str) -> bool:
    """Whether this person's newest question is a card to confirm."""
    wanted = select(handles_table.c.action).where(handles_table.c.user_id == act.deal.by(role))
    with act.server.house.database.connect() as connection:
        newest = connection.scalars(wanted.order_by(handles_table.c.created_at.desc()).limit(4)).all()
    return any(json.loads(action)["key"] == key for action in newest)


@pytest.mark.slow
def test_b7_a_million_guesses_find_no_button(acts: Acts) -> None:
    act = acts({})
    act.deal.at("delivered")
    act.does({"who": "client", "say": "/accept {contract}"})
    user_id, dice, begun = act.deal.by("client"), random.Random(7), time.monotonic()

    with act.server.house.database.connect() as connection:
        now = act.server.house.now()
        found = sum(
            handles.find(connection, user_id, handles.token(dice.randbytes), now) is not None for _ in range(GUESSES)
        )

    assert found == 0
    assert time.monotonic() - begun < SECONDS_MAX
