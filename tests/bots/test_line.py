"""LINE's own ways: bundles of many chats, a reply token that works once, a retry key that makes a push safe."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bots.line import LineBot
from bots.ports import Refusal, Sent, Unfetchable
from conversations.messages import Arrived, File, Left, Message, Other, Press, Text
from tests.bots import messages, platforms, recorder

USER = platforms.PEOPLE["line"]


@pytest.fixture
def line(clean: recorder.Recorder) -> Iterator[LineBot]:
    made = LineBot(platforms.SECRET, "tok", f"{clean.address}/line")
    yield made
    made.close()


def event(**more: Any) -> dict[str, Any]:
    plain = platforms.said("line", "x")["events"][0]
    return {key: value for key, value in {**plain, **more}.items() if value is not None}


def read_all(bot: LineBot, *events: dict[str, Any]) -> list[Any]:
    hook = platforms.webhook("line", {"destination": platforms.TENANTS["line"], "events": list(events)})
    _, rows = bot.receive(hook.headers, hook.body, time.time())
    return [bot.read(row.body) for row in rows]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "follow", "message": None}, Arrived()),
        ({"type": "unfollow", "message": None, "replyToken": None}, Left()),
        ({"type": "postback", "message": None, "postback": {"data": "h1"}}, Press("h1")),
        (
            {"type": "postback", "message": None, "postback": {"data": "h1", "params": {"date": "2026-12-04"}}},
            Press("h1", "2026-12-04"),
        ),
        ({"message": {"type": "file", "id": "9", "fileName": "a.pdf", "fileSize": 3}}, File("a.pdf", "9", 3)),
        (
            {"message": {"type": "image", "id": "9", "contentProvider": {"type": "line"}}},
            File("image.jpg", "9"),
        ),
        (
            {"message": {"type": "image", "id": "9", "contentProvider": {"type": "external"}}},
            Other("image"),
        ),
        ({"message": {"type": "sticker", "id": "9"}}, Other("sticker")),
        # Typed words that look like a press stay words.
        ({"message": {"type": "text", "id": "9", "text": "action=release&id=1"}}, Text("action=release&id=1")),
    ],
)
def test_line_reads_each_kind(line: LineBot, given: dict[str, Any], expected: object) -> None:
    assert [incoming.content for incoming in read_all(line, event(**given))] == [expected]


def test_line_reads_nothing_on_standby_and_in_unknown_kinds(line: LineBot) -> None:
    standby = event(mode="standby", replyToken=None)
    unknown = event(type="somethingNew", message=None)
    nameless = event(source={"type": "group", "groupId": "C1"})

    assert read_all(line, standby, unknown, nameless) == [None, None, None]


def test_line_reads_the_good_events_beside_a_bad_one(line: LineBot) -> None:
    bad = {"type": "message", "message": 7, "source": [], "timestamp": "never"}

    found = read_all(line, *[event(webhookEventId=f"E{number}") for number in range(99)], bad)

    assert [incoming.id for incoming in found if incoming] == [f"E{number}" for number in range(99)]


def test_line_words_in_a_group_are_not_direct_and_quoting_is_told(line: LineBot) -> None:
    group = event(source={"type": "group", "groupId": "C1", "userId": USER})
    quoting = event(message={"type": "text", "id": "1", "text": "x", "quotedMessageId": "7"})

    read = [each for each in read_all(line, group, quoting, event()) if each]

    assert [(each.direct, each.quoting) for each in read] == [(False, False), (True, True), (True, False)]


def test_line_separates_chats_and_keeps_event_ids(line: LineBot) -> None:
    other = event(source={"type": "user", "userId": "Uother"}, webhookEventId="E2")
    hook = platforms.webhook("line", {"destination": "Ubot", "events": [event(), other]})

    _, rows = line.receive(hook.headers, hook.body, 0)

    assert [(row.conversation, row.event_id) for row in rows] == [
        (f"line:Ubot:{USER}", "01HGEN00000000000000000001"),
        ("line:Ubot:Uother", "E2"),
    ]


def test_line_refuses_another_channel_but_answers_verify() -> None:
    bot = LineBot(platforms.SECRET, "tok", "http://127.0.0.1:9", destination="Umine")
    other = platforms.webhook("line", platforms.said("line", "x"))
    verify = platforms.webhook("line", {"destination": "Uxxx", "events": []})

    answer, rows = bot.receive(verify.headers, verify.body, 0)

    assert (answer.status, rows) == (200, [])
    with pytest.raises(Refusal) as refusal:
        bot.receive(other.headers, other.body, 0)
    assert refusal.value.status == 403
    bot.close()


def test_line_refuses_hexadecimal_and_reencoded_signatures(line: LineBot) -> None:
    body = platforms.encoded(platforms.said("line", "x"))
    good = platforms.line_signature(platforms.SECRET, body)["X-Line-Signature"]
    spaced = body.replace(b":", b": ", 1)

    for headers, content in (({"x-line-signature": good.encode().hex()}, body), ({"x-line-signature": good}, spaced)):
        with pytest.raises(Refusal) as refusal:
            line.receive(headers, content, 0)
        assert refusal.value.status == 401


def incoming_reply_to(line: LineBot, words: str) -> str:
    hook = platforms.webhook("line", platforms.said("line", words))
    _, rows = line.receive(hook.headers, hook.body, time.time())
    incoming = line.read(rows[0].body)
    assert incoming is not None
    return incoming.reply_to


def paths(clean: recorder.Recorder) -> list[str]:
    return [call["call"].rsplit("/", 1)[-1] for call in clean.calls("line")]


def test_line_replies_once_and_pushes_the_rest(line: LineBot, clean: recorder.Recorder) -> None:
    reply_to = incoming_reply_to(line, "first")
    outgoing = messages.outgoing("line", Message("x"), reply_to=reply_to)

    sent = [line.send(replace(outgoing, first=first), str(uuid.uuid4())) for first in (True, False, False)]

    assert sent == [Sent("sent")] * 3
    assert paths(clean) == ["reply", "push", "push"]
    assert clean.errors() == []


def test_line_pushes_when_the_token_is_old(line: LineBot, clean: recorder.Recorder) -> None:
    old = messages.outgoing("line", Message("x"), reply_to=f'{{"token":"t","at":{time.time() - 51}}}')

    line.send(old, str(uuid.uuid4()))

    assert paths(clean) == ["push"]


@pytest.mark.parametrize(("made", "way"), [(2, "reply"), (25, "push")])
def test_every_attempt_at_one_message_goes_the_same_way(
    line: LineBot, clean: recorder.Recorder, made: int, way: str
) -> None:
    """Else a reply whose answer was lost would be followed by a push, and be there twice."""
    for age in (made, 45):
        said = time.time() - age
        outgoing = messages.outgoing("line", Message("x"), reply_to=f'{{"token":"t","at":{said}}}')
        clean.fault("line", f"/{way}", status=500)

        line.send(replace(outgoing, again=age > made, made_at=said + made), str(uuid.uuid4()))

    assert paths(clean) == [way, way]


def test_line_pushes_when_line_does_not_know_the_token(line: LineBot, clean: recorder.Recorder) -> None:
    clean.fault("line", "/reply", status=400, body={"message": "Invalid reply token"})
    outgoing = messages.outgoing("line", Message("x"), reply_to=incoming_reply_to(line, "unknown"))

    sent = line.send(outgoing, str(uuid.uuid4()))

    assert (sent, paths(clean)) == (Sent("sent"), ["reply", "push"])


def test_line_push_that_was_accepted_before_is_sent(line: LineBot, clean: recorder.Recorder) -> None:
    outgoing, key = messages.outgoing("line", Message("x")), str(uuid.uuid4())

    sent = [line.send(outgoing, key) for _ in range(2)]

    assert sent == [Sent("sent")] * 2
    assert [call["status"] for call in clean.calls("line")] == [200, 409]
    assert [call["headers"]["x-line-retry-key"] for call in clean.calls("line")] == [key, key]


def test_line_reply_broken_off_is_tried_again_as_a_reply(line: LineBot, clean: recorder.Recorder) -> None:
    clean.fault("line", "/reply", status=500)
    outgoing, key = messages.outgoing("line", Message("x"), reply_to=incoming_reply_to(line, "broken")), "k"

    results = [line.send(outgoing, key).result for _ in range(2)]

    assert (results, paths(clean)) == (["retry", "sent"], ["reply", "reply"])


def test_line_reply_whose_answer_was_lost_is_not_pushed(line: LineBot, clean: recorder.Recorder) -> None:
    clean.fault("line", "/reply", status=500)
    clean.fault("line", "/reply", status=400, body={"message": "Invalid reply token"})
    outgoing = messages.outgoing("line", Message("x"), reply_to=incoming_reply_to(line, "lost"))

    results = [line.send(replace(outgoing, again=again), "one key").result for again in (False, True)]

    assert (results, paths(clean)) == (["retry", "sent"], ["reply", "reply"])


def test_line_stops_at_the_monthly_limit(line: LineBot, clean: recorder.Recorder) -> None:
    clean.fault("line", "/push", status=429, body={"message": "You have reached your monthly limit."})

    assert line.send(messages.outgoing("line", Message("x")), str(uuid.uuid4())).result == "dead"


def test_line_puts_a_long_text_before_its_card(line: LineBot, clean: recorder.Recorder) -> None:
    line.send(messages.outgoing("line", Message("a" * 6000, "契約の条件")), str(uuid.uuid4()))

    sent = clean.bodies("line")[0]["messages"]
    assert [message["type"] for message in sent] == ["text", "text", "flex"]
    assert "".join(message.get("text", "") for message in sent) == "a" * 6000


def test_line_shows_no_unsafe_link(line: LineBot, clean: recorder.Recorder) -> None:
    line.send(messages.outgoing("line", messages.KINDS["hostile everywhere"]), str(uuid.uuid4()))

    body = clean.calls("line")[0]["body"]
    assert "javascript:" not in body


def test_line_answers_a_picker_with_its_own_calendar(line: LineBot, clean: recorder.Recorder) -> None:
    line.send(messages.outgoing("line", messages.KINDS["picker"]), str(uuid.uuid4()))

    action = clean.bodies("line")[0]["messages"][0]["quickReply"]["items"][0]["action"]
    assert (action["type"], action["data"], action["max"]) == ("datetimepicker", messages.HANDLE, "2027-01-01")


def test_line_fetches_a_file_up_to_its_limit(line: LineBot, clean: recorder.Recorder) -> None:
    assert line.fetch("1", 100).startswith(b"\x89PNG")
    assert clean.errors() == []
    with pytest.raises(Unfetchable, match="too_large"):
        line.fetch("1", 3)


def test_line_needs_its_secret() -> None:
    with pytest.raises(ValueError, match="channel secret"):
        LineBot("", "tok", "http://127.0.0.1:9")
