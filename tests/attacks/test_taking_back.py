"""What somebody took back is gone where it was only words; nobody takes back another's; and it is never a command."""

import json
import time
from typing import Any

import pytest

from tests.attacks.acting import Act, Acts, sentence
from tests.attacks.wire import Json

pytestmark = pytest.mark.xdist_group("attacks-chats")
SECRET = "My secret is XYZZY 4711"
MESSAGE = {"line": "4711001", "slack": "1790000001.000100", "telegram": 4711001}


def saying(platform: str, words: str) -> Json:
    """With an id that the test knows."""
    if platform == "line":
        return {"say": words, "twist": {"message": {"id": MESSAGE["line"]}}}
    if platform == "slack":
        return {"say": words, "twist": {"event": {"ts": MESSAGE["slack"]}}}
    return {"say": words, "twist": {"message_id": MESSAGE["telegram"]}}


def taking_back(act: Act, platform: str, how: str, who: str = "client", words: str = "something else") -> Json:
    """As each platform tells that a message is gone, or was written anew."""
    if platform == "line":
        unsend = {"messageId": MESSAGE["line"]}
        return {
            "who": who,
            "say": "x",
            "twist": {"type": "unsend", "message": None, "replyToken": None, "unsend": unsend},
        }
    if platform == "telegram":
        return {"who": who, "say": words, "twist": {"as": "edited_message", "message_id": MESSAGE["telegram"]}}
    user = act.deal.person(who).id
    before = {"type": "message", "user": user, "ts": MESSAGE["slack"], "text": SECRET}
    event = {"subtype": how, "previous_message": before, "user": None, "text": None}
    changed = {"message": {**before, "text": words}} if how == "message_changed" else {}
    return {"who": who, "say": "x", "twist": {"event": {**event, **changed}}}


def kept(act: Act) -> str:
    """Everything in the database, as it can be read."""
    return repr(act.server.rows())


WAYS = [("line", "unsend"), ("slack", "message_deleted"), ("slack", "message_changed"), ("telegram", "edited_message")]


@pytest.mark.parametrize(("platform", "how"), WAYS)
def test_what_was_taken_back_is_gone(acts: Acts, platform: str, how: str) -> None:
    act = acts({"platforms": {"client": platform}})
    act.does({"who": "client", "say": "/post"})
    act.does({"who": "client", **saying(platform, SECRET)})
    assert "XYZZY" in kept(act)
    said = act.last_said()

    reply = act.does(taking_back(act, platform, how))

    assert (reply.status, act.server.events.taken()) == (200, [])
    # The answers name what was said once more: they are gone when they are sent.
    assert "XYZZY" not in kept(act)
    # The same question again: what is said next is read for no other.
    told, asked = act.answers("client", said)
    assert told == sentence("common.taken_back")
    assert asked.startswith("What do you need?")
    act.does({"who": "client", "say": "30,000 yen"})
    assert "XYZZY" not in kept(act)


@pytest.mark.parametrize(("platform", "how"), WAYS)
def test_what_was_taken_back_before_it_came_in_is_no_answer(acts: Acts, platform: str, how: str) -> None:
    act = acts({"platforms": {"client": platform}})
    act.does({"who": "client", "say": "/post"})
    late = act.request({"who": "client", **saying(platform, f"{SECRET} late {how}")})
    said = act.last_said()

    act.does(taking_back(act, platform, how))
    reply = act.server.send(late.raw())
    act.server.settle()

    [told, asked] = act.answers("client", said)
    assert (reply.status, f"XYZZY 4711 late {how}" in kept(act)) == (200, False)
    assert ("took that back" in told, "?" in asked) == (True, True)
    act.does({"who": "client", "say": f"A label {platform}"})
    assert f"A label {platform}" in kept(act)
    act.server.events.taken()


@pytest.mark.parametrize(("platform", "how"), WAYS)
def test_no_card_is_left_of_what_was_taken_back(acts: Acts, platform: str, how: str) -> None:
    """Neither the button shown for it carries it out, nor whatever is said next."""
    act = acts({"platforms": {"worker": platform}})
    act.deal.at("in_progress")
    act.does({"who": "worker", "say": "/deliver {contract}"})
    act.does({"who": "worker", **saying(platform, SECRET)})
    moved = act.moved()

    act.does(taking_back(act, platform, how, who="worker"))
    act.does({"who": "worker", "press": {"key": "card"}})
    assert act.moves(moved) == []
    act.does({"who": "worker", "say": "The logo, at last."})
    assert act.moves(moved) == []
    act.does({"who": "worker", "press": {"key": "card"}})

    assert act.moves(moved) == ["contract deliver"]
    assert "XYZZY" not in kept(act)
    act.server.events.taken()


def test_a_post_in_one_sentence_goes_as_a_whole(acts: Acts) -> None:
    act = acts({"platforms": {"client": "telegram"}})
    act.does({"who": "client", **saying("telegram", "XYZZY label, 30,000 yen, in two weeks")})
    moved, said = act.moved(), act.last_said()

    act.does(taking_back(act, "telegram", "edited_message"))
    assert act.answers("client", said) == [sentence("common.taken_back")]
    act.does({"who": "client", "press": {"key": "card:0"}})
    act.does({"who": "client", "say": "Yes"})

    assert (act.moves(moved), "XYZZY" in kept(act)) == ([], False)
    act.server.events.taken()


def test_what_was_put_aside_is_gone_too(acts: Acts) -> None:
    act = acts({"platforms": {"client": "telegram"}})
    act.does({"who": "client", "say": "/post"})
    act.does({"who": "client", **saying("telegram", f"{SECRET} aside")})
    act.does({"who": "client", "say": "/human"})

    act.does(taking_back(act, "telegram", "edited_message"))
    assert "XYZZY 4711 aside" not in kept(act)
    said = act.last_said()
    act.does({"who": "client", "say": "Is anybody there?"})

    # And what was put aside goes on where it is still known.
    assert act.answers("client", said)[-1].startswith("What do you need?")
    act.server.events.taken()


def test_a_sentence_that_was_put_aside_is_gone_as_a_whole(acts: Acts) -> None:
    act = acts({"platforms": {"client": "telegram"}})
    act.does({"who": "client", **saying("telegram", "XYZZY aside label, 30,000 yen, in two weeks")})
    act.does({"who": "client", "say": "/human"})

    act.does(taking_back(act, "telegram", "edited_message"))

    assert "XYZZY aside" not in kept(act)
    act.server.events.taken()


def test_what_was_answered_since_goes_with_it(acts: Acts) -> None:
    act = acts({"platforms": {"client": "telegram"}})
    act.does({"who": "client", "say": "/post"})
    act.does({"who": "client", **saying("telegram", SECRET)})
    for later, words in enumerate(("30,000 yen", "in two weeks", "Three colours."), start=1):
        act.does({"who": "client", "say": words, "twist": {"date": int(time.time()) + later}})
    moved = act.moved()

    act.does(taking_back(act, "telegram", "edited_message"))
    act.does({"who": "client", "press": {"key": "card:0"}})
    said = act.last_said()
    act.does({"who": "client", "say": "A logo"})

    assert act.moves(moved) == []
    assert [asked.partition("\n")[0] for asked in act.answers("client", said)] == ["How much would you like to pay?"]
    act.server.events.taken()


@pytest.mark.parametrize(("platform", "how"), WAYS)
def test_nobody_takes_back_what_another_said(acts: Acts, platform: str, how: str) -> None:
    act = acts({"platforms": {"client": platform, "stranger": platform}})
    act.does({"who": "client", "say": "/post"})
    act.does({"who": "client", **saying(platform, f"{SECRET} {platform} {how}")})

    act.does(taking_back(act, platform, how, who="stranger"))

    assert f"XYZZY 4711 {platform} {how}" in kept(act)
    act.does(taking_back(act, platform, how))
    assert f"XYZZY 4711 {platform} {how}" not in kept(act)


def test_what_was_taken_back_in_a_flood_is_gone(acts: Acts) -> None:
    act = acts({"platforms": {"client": "telegram"}})
    act.does({"who": "client", "say": "/post"})
    flood = [{"who": "client", "press": "A" * 22}] * 30
    secret = {"who": "client", **saying("telegram", f"{SECRET} flooded")}
    back = taking_back(act, "telegram", "edited_message")

    for step in (*flood, secret, *flood, *flood, back, *flood):
        act.server.send(act.request(step).raw())
    act.server.settle()

    assert "XYZZY 4711 flooded" not in kept(act)
    assert set(act.server.events.taken()) == {"handle_unknown", "too_many_messages"}


def test_the_same_words_once_more_take_nothing_back(acts: Acts) -> None:
    """Telegram tells of a preview or a reaction as of words written anew."""
    act = acts({"platforms": {"client": "telegram"}})
    act.does({"who": "client", "say": "/post"})
    act.does({"who": "client", **saying("telegram", f"{SECRET} shown")})
    said = act.last_said()

    act.does(taking_back(act, "telegram", "edited_message", words=f"{SECRET} shown"))

    assert (act.answers("client", said), f"{SECRET} shown" in kept(act)) == ([], True)


@pytest.mark.parametrize("kind", ["message", "edited_message"])
def test_a_file_that_was_not_given_to_us_is_not_fetched(acts: Acts, kind: str) -> None:
    act = acts({"platforms": {"client": "telegram"}})
    photo = {"photo": [{"file_id": "f4711", "width": 8, "file_size": 9}], "text": None, "as": kind}
    twist = {**photo, **(ELSEWHERE["telegram"] if kind == "message" else {})}
    bot: Any = act.server.house.bots["telegram"]
    bot.fetched.clear()

    act.does({"who": "client", "say": "x", "twist": twist})
    assert bot.fetched == []
    act.does({"who": "client", "say": "x", "twist": {**photo, "as": "message"}})
    assert bot.fetched.pop() == "f4711"


ELSEWHERE: dict[str, Json] = {
    "slack": {"event": {"channel": "C0GROUP", "channel_type": "channel"}},
    "telegram": {"chat": {"id": -100_4711, "type": "group"}},
}


@pytest.mark.parametrize(("platform", "how"), WAYS[1:])
def test_what_is_written_anew_in_a_group_leaves_private_words_alone(acts: Acts, platform: str, how: str) -> None:
    """Each chat numbers its own messages."""
    act = acts({"platforms": {"client": platform}})
    act.does({"who": "client", "say": "/post"})
    act.does({"who": "client", **saying(platform, f"{SECRET} group {how}")})
    said, step = act.last_said(), taking_back(act, platform, how)
    twist = {key: {**step["twist"].get(key, {}), **value} for key, value in ELSEWHERE[platform].items()}

    act.does({**step, "twist": {**step["twist"], **twist}})

    assert (f"XYZZY 4711 group {how}" in kept(act), act.answers("client", said)) == (True, [])


def test_what_stands_in_a_contract_stays(acts: Acts) -> None:
    act = acts({"platforms": {"worker": "telegram"}})
    act.deal.at("in_progress")
    act.does({"who": "worker", "say": "/deliver {contract}"})
    act.does({"who": "worker", **saying("telegram", SECRET)})
    act.does({"who": "worker", "press": {"key": "card"}})

    act.does(taking_back(act, "telegram", "edited_message", who="worker"))

    assert act.moves(0)[-1] == "contract deliver"
    assert json.dumps(SECRET).strip('"') in kept(act)


@pytest.mark.parametrize(("platform", "how"), WAYS[1:])
def test_z9_what_is_written_anew_is_no_command(acts: Acts, platform: str, how: str) -> None:
    act = acts({"platforms": {"client": platform}})
    act.deal.at("delivered")
    act.does({"who": "client", **saying(platform, "hello")})
    moved, said = act.moved(), act.last_said()

    act.does(taking_back(act, platform, how, words=f"/accept {act.deal.facts['contract']}"))

    assert (act.moves(moved), act.answers("client", said)) == ([], [])
    act.server.events.taken()
