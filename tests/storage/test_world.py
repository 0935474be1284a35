"""What the store remembers between two messages: conversations, where people are, what their buttons mean."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from conversations.ports import Action, Answer, Saved
from engine.ports import Decision
from engine.users import Address, SetLanguage
from tests import builders
from tests.builders import MONDAY, Market


@pytest.fixture
def market(database: Engine) -> Market:
    return Market(database)


def test_conversation_comes_back_in_order(market: Market) -> None:
    user = builders.join(market, "a")
    answers = {"title": Answer("ロゴ", MONDAY), "price": Answer(30_000, MONDAY), "due": Answer("2030-12-13", MONDAY)}
    talk = Saved("post_job", {"known": {"b": 1, "a": 2}}, MONDAY, answers, 3, 1, MONDAY)
    with market.work() as store:
        store.save(user.id, talk)
        assert store.saved(user.id) == talk

    with market.work() as store:
        again = store.saved(user.id)

    assert again == talk
    assert list(again.answers) == ["title", "price", "due"]


def test_notices_go_where_they_last_spoke_from(market: Market) -> None:
    user = builders.join(market, "a")
    with market.work() as store:
        other = Address(
            id=store.new_id(), user_id=user.id, platform="telegram", tenant="tenant", outside_id="b", version=0
        )
        store.carry_out(Decision(things=(other,)), SetLanguage(by=user.id, language="en"))

    spoken = []
    for spoke_from in (builders.sender("a"), builders.sender("b", "telegram")):
        with market.work() as store:
            store.user_at(spoke_from)
        with market.work() as store:
            address = store.address_of(user.id)
            spoken.append(address.outside_id if address else "")
    with market.work() as store:
        store.set_blocked(builders.sender("b", "telegram"), blocked=True)
        left = store.address_of(user.id)

    assert spoken == ["a", "b"]
    assert left
    assert left.outside_id == "a"


def test_blocked_person_gets_nothing(market: Market) -> None:
    user = builders.join(market, "a")
    with market.work() as store:
        store.set_blocked(builders.sender("a"), blocked=True)

    with market.work() as store:
        assert store.address_of(user.id) is None


def test_start_handle_works_as_often_as_pressed(market: Market) -> None:
    user = builders.join(market, "a")
    action = Action("start", "apply", {"job_id": 7})
    with market.work() as store:
        handle = store.new_handle(user.id, action, "chat")

    with market.work() as store:
        presses = [store.action_of(user.id, handle, "chat") for _ in range(2)]

    assert len(handle) == 22
    assert presses == [action, action]


def test_reply_handle_works_once(market: Market) -> None:
    user = builders.join(market, "a")
    action = Action("reply", key="title", value={"any": ["json"]}, turn=4)
    with market.work() as store:
        handle = store.new_handle(user.id, action, "chat")

    with market.work() as store:
        before = store.was_used(user.id, handle)
        presses = [store.action_of(user.id, handle, "chat") for _ in range(2)]
        after = store.was_used(user.id, handle)

    assert presses == [action, None]
    assert (before, after) == (False, True)


def test_handle_of_another_is_unknown(market: Market) -> None:
    user, other = builders.join(market, "a"), builders.join(market, "b")
    with market.work() as store:
        handle = store.new_handle(user.id, Action("start", "home"), "chat")

    with market.work() as store:
        found = (
            store.action_of(other.id, handle, "chat"),
            store.was_used(other.id, handle),
            store.action_of(user.id, "x" * 22, "chat"),
        )

    assert found == (None, False, None)


def test_handle_expires(market: Market) -> None:
    user = builders.join(market, "a")
    with market.work() as store:
        handle = store.new_handle(user.id, Action("start", "home"), "chat")
    market.now += timedelta(days=14)

    with market.work() as store:
        assert store.action_of(user.id, handle, "chat") is None
