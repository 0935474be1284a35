"""What Slack is sent: edits, the home tab, forms, answers only one person sees; never to a stranger's host."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from bots import lease
from bots.ports import Sent, Unfetchable
from bots.slack import SlackBot
from conversations.messages import Message
from tests.bots import messages, platforms, recorder


@pytest.fixture
def slack(clean: recorder.Recorder) -> SlackBot:
    return SlackBot(platforms.SECRET, "xoxb-1", f"{clean.address}/slack/api/", check=platforms.check)


def methods(clean: recorder.Recorder) -> list[str]:
    return [call["call"].rsplit("/", 1)[-1] for call in clean.calls("slack")]


def reply(**hint: Any) -> str:
    return json.dumps({"source": "chat", "channel": "D0000000001", "at": time.time(), **hint})


def test_slack_edits_the_message_that_was_pressed(slack: SlackBot, clean: recorder.Recorder) -> None:
    reply_to = reply(ts="1600000000.000100")

    sent = slack.send(messages.outgoing("slack", messages.KINDS["card"], "edit", reply_to), "k")

    assert (sent, methods(clean), clean.errors()) == (Sent("sent"), ["chat.update"], [])


def test_slack_sends_anew_what_cannot_be_edited(slack: SlackBot, clean: recorder.Recorder) -> None:
    clean.fault("slack", "chat.update", status=200, body={"ok": False, "error": "message_not_found"})
    reply_to = reply(ts="1600000000.000100")

    sent = slack.send(messages.outgoing("slack", Message("x"), "edit", reply_to), "k")

    assert (sent, methods(clean)) == (Sent("sent"), ["chat.update", "chat.postMessage"])


def test_slack_answers_a_command_unseen_by_others_five_times(slack: SlackBot, clean: recorder.Recorder) -> None:
    reply_to = reply(source="slash", url=f"{clean.address}/slack/response/T1/a")

    sent = [slack.send(messages.outgoing("slack", Message("x"), reply_to=reply_to), "k") for _ in range(6)]

    assert sent == [Sent("sent")] * 6
    assert methods(clean) == ["a"] * 5 + ["chat.postMessage"]
    assert {body.get("response_type") for body in clean.bodies("slack")[:5]} == {"ephemeral"}
    assert clean.errors() == []


def test_slack_edits_what_only_one_person_sees_through_its_url(slack: SlackBot, clean: recorder.Recorder) -> None:
    reply_to = reply(ephemeral=True, ts="1600000000.000100", url=f"{clean.address}/slack/response/T1/b")

    slack.send(messages.outgoing("slack", Message("x"), "edit", reply_to), "k")

    assert (methods(clean), clean.bodies("slack")[0]["replace_original"], clean.errors()) == (["b"], True, [])


def test_slack_sends_no_answer_to_a_stranger_s_host(slack: SlackBot, clean: recorder.Recorder) -> None:
    reply_to = reply(source="slash", url="http://127.0.0.1:1/steal")

    sent = slack.send(messages.outgoing("slack", Message("x"), reply_to=reply_to), "k")

    assert (sent, methods(clean)) == (Sent("sent"), ["chat.postMessage"])


def test_slack_opens_a_form_while_its_trigger_is_good(slack: SlackBot, clean: recorder.Recorder) -> None:
    outgoing = messages.outgoing("slack", Message(), "form", reply(trigger="1.2.x"))
    short = [replace(each, label="x", hint="", value="", options=each.options[:1]) for each in messages.FORM.fields]

    sent = slack.send(replace(outgoing, form=replace(messages.FORM, fields=tuple(short))), "k")

    view = clean.bodies("slack")[0]["view"]
    assert (sent, methods(clean), clean.errors()) == (Sent("sent"), ["views.open"], [])
    assert view["private_metadata"] == messages.HANDLE
    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == [
        "yen:needed:price",
        "day:needed:due",
        "long_text:needed:words",
        "choice:needed:kind",
        "text:optional:note",
    ]


def test_slack_opens_a_form_of_any_words(slack: SlackBot, clean: recorder.Recorder) -> None:
    sent = slack.send(messages.outgoing("slack", Message(), "form", reply(trigger="1.2.z")), "k")

    assert (sent, clean.errors()) == (Sent("sent"), [])


@pytest.mark.parametrize("age", [3, None])
def test_slack_opens_no_form_too_late(slack: SlackBot, clean: recorder.Recorder, age: int | None) -> None:
    reply_to = reply(trigger="1.2.y", at=time.time() - age) if age else ""

    sent = slack.send(messages.outgoing("slack", Message(), "form", reply_to), "k")

    assert (sent, methods(clean)) == (Sent("dead", error="expired_trigger"), [])


def test_slack_publishes_the_home_tab(slack: SlackBot, clean: recorder.Recorder) -> None:
    slack.send(messages.outgoing("slack", messages.KINDS["list"], "home"), "k")

    assert (methods(clean), clean.errors()) == (["views.publish"], [])


def test_slack_says_a_toast_to_one_person(slack: SlackBot, clean: recorder.Recorder) -> None:
    slack.send(messages.outgoing("slack", Message("もう済んでいます。"), "toast", reply()), "k")

    assert (methods(clean), clean.errors()) == (["chat.postEphemeral"], [])


def test_slack_puts_people_s_words_into_plain_text_or_escapes_them(slack: SlackBot, clean: recorder.Recorder) -> None:
    slack.send(messages.outgoing("slack", messages.KINDS["hostile"]), "k")

    body = clean.bodies("slack")[0]
    assert "mrkdwn" not in json.dumps(body["blocks"])
    assert "<" not in body["text"]


def test_slack_repeats_no_action_id(slack: SlackBot, clean: recorder.Recorder) -> None:
    slack.send(messages.outgoing("slack", messages.KINDS["card"]), "k")
    slack.send(messages.outgoing("slack", messages.dressed("x", 3)), "k")

    for body in clean.bodies("slack"):
        ids = [part["action_id"] for block in body["blocks"] for part in block.get("elements", ())]
        assert len(ids) == len(set(ids)) > 0


def test_slack_fetches_files_from_slack_only(slack: SlackBot, clean: recorder.Recorder) -> None:
    with pytest.raises(Unfetchable, match="gone"):
        slack.fetch("https://evil.example/file", 10)
    with pytest.raises(Unfetchable, match="gone"):
        slack.fetch("file:///etc/passwd", 10)


@pytest.mark.parametrize("source", ["chat", "slash"])
def test_slack_looks_at_the_lease_behind_a_proxy_too(
    clean: recorder.Recorder, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", clean.address)
    monkeypatch.setenv("HTTPS_PROXY", clean.address)
    slack = SlackBot(platforms.SECRET, "xoxb-1", f"{clean.address}/slack/api/", check=platforms.check)
    reply_to = reply(source=source, url=f"{clean.address}/slack/response/T1/a")

    with lease.held(lambda: False):
        sent = slack.send(messages.outgoing("slack", Message("x"), "chat", reply_to), "k")

    assert (sent.result, sent.ambiguous, methods(clean)) == ("retry", True, [])
