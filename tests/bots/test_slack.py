"""Slack's own ways: three encodings through one door, forms checked there, edits, the home tab, triggers."""

import json
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bots.ports import Answer, Received, Refusal
from bots.slack import SlackBot
from bots.slack.door import from_socket
from bots.slack.socket import take
from conversations.messages import Arrived, File, Form, Incoming, OpenedHome, Press, Text
from tests.bots import platforms

TEAM, USER = platforms.TENANTS["slack"], platforms.PEOPLE["slack"]
SIGNS = "see <https://a.com|a> &amp; <@U1> in <#C1|jobs> &lt;!here&gt;"
FILE = "https://files.slack.com/a"
URL = "https://hooks.slack.com/actions/T1/1/abc"


@pytest.fixture
def quiet() -> Iterator[SlackBot]:
    bot = SlackBot(platforms.SECRET, "xoxb-1", "http://127.0.0.1:9", check=platforms.check)
    yield bot
    bot.close()


def taken(bot: SlackBot, hook: platforms.Webhook) -> tuple[Answer, list[Incoming | None]]:
    answer, rows = bot.receive(hook.headers, hook.body, time.time())
    return answer, [bot.read(row.body) for row in rows]


def event(**more: Any) -> platforms.Webhook:
    body = platforms.said("slack", "x")
    body["event"] = {key: value for key, value in {**body["event"], **more}.items() if value is not None}
    return platforms.webhook("slack", body)


def interaction(**more: Any) -> platforms.Webhook:
    plain = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": USER, "team_id": TEAM},
        "trigger_id": uuid.uuid4().hex,
        "container": {"type": "message", "message_ts": "1600000000.000100", "channel_id": "D1", "is_ephemeral": False},
        "channel": {"id": "D0000000001"},
        "response_url": URL,
    }
    return platforms.form({"payload": json.dumps({**plain, **more})})


def press(**action: Any) -> platforms.Webhook:
    return interaction(actions=[action])


@pytest.mark.parametrize(
    ("hook", "content"),
    [
        (event(), Text("x")),
        (event(text=SIGNS), Text("see https://a.com & @U1 in #jobs <!here>")),
        (event(type="app_home_opened", tab="home", channel_type=None), OpenedHome()),
        (event(type="app_home_opened", tab="messages", channel_type=None), Arrived()),
        (
            event(subtype="file_share", files=[{"name": "a.pdf", "url_private": FILE, "size": 5}]),
            File("a.pdf", FILE, 5),
        ),
        (event(type="app_mention", channel_type=None, text="<@U0BOT> ロゴ"), Text("ロゴ")),
        (press(type="button", action_id="press:1", value="h1"), Press("h1")),
        (press(type="datepicker", action_id="day:3:h1", selected_date="2026-12-04"), Press("h1", "2026-12-04")),
        (press(type="static_select", action_id="pick:2", selected_option={"value": "h2"}), Press("h2")),
        (platforms.form({"command": "/arigato", "text": "", "team_id": TEAM, "user_id": USER}), Text("menu")),
        (platforms.form({"command": "/arigato", "text": "A &amp; B", "team_id": TEAM, "user_id": USER}), Text("A & B")),
    ],
)
def test_slack_reads_each_kind(quiet: SlackBot, hook: platforms.Webhook, content: object) -> None:
    answer, read = taken(quiet, hook)

    assert answer == Answer(200)
    assert [incoming.content for incoming in read if incoming] == [content]


@pytest.mark.parametrize(
    "hook",
    [
        event(bot_id="B1"),
        event(subtype="message_changed"),
        event(subtype="bot_message"),
        event(channel_type="channel"),
        event(type="reaction_added"),
        press(type="button", action_id="link:1", url="https://a.com"),
        press(type="button", action_id="someone-else", value="h1"),
        interaction(type="view_closed"),
        interaction(type="shortcut"),
        platforms.form({"ssl_check": "1"}),
    ],
)
def test_slack_acknowledges_what_is_nothing_for_us(quiet: SlackBot, hook: platforms.Webhook) -> None:
    assert taken(quiet, hook) == (Answer(200), [])


@pytest.mark.parametrize(
    ("hook", "direct"),
    [
        (event(), True),
        (event(user_team="T0STRANGER"), False),
        (event(team="T0STRANGER"), False),
        (event(type="app_mention", channel_type=None), False),
        (press(type="button", action_id="press:1", value="h"), True),
        (
            interaction(
                user={"id": USER, "team_id": "T0STRANGER"},
                actions=[{"type": "button", "action_id": "press:1", "value": "h"}],
            ),
            False,
        ),
    ],
)
def test_slack_knows_strangers(quiet: SlackBot, hook: platforms.Webhook, *, direct: bool) -> None:
    _, read = taken(quiet, hook)

    assert [incoming.direct for incoming in read if incoming] == [direct]


def test_slack_echoes_a_signed_challenge_only(quiet: SlackBot) -> None:
    hook = platforms.webhook("slack", {"type": "url_verification", "challenge": "c-1"})

    answer, _ = quiet.receive(hook.headers, hook.body, time.time())

    assert answer.body == b"c-1"
    with pytest.raises(Refusal) as refusal:
        quiet.receive({}, hook.body, time.time())
    assert refusal.value.status == 401


@pytest.mark.parametrize("timestamp", ["-301", "301", "-1e9", "1.5", "1e10", "٣", " 1", "+1", ""])
def test_slack_refuses_strange_times(quiet: SlackBot, timestamp: str) -> None:
    now = 1_700_000_000
    at = str(now + int(timestamp)) if timestamp.lstrip("-") == "301" else timestamp
    body = platforms.encoded(platforms.said("slack", "x"))
    headers = platforms.slack_signature(platforms.SECRET, body, at) if timestamp else {}

    with pytest.raises(Refusal) as refusal:
        quiet.receive(headers, body, now)
    assert refusal.value.status == 401


def test_slack_without_a_secret_refuses_every_webhook() -> None:
    bot = SlackBot("", "xoxb-1", "http://127.0.0.1:9", "xapp-1")
    hook = platforms.webhook("slack", platforms.said("slack", "x"), "")

    with pytest.raises(Refusal) as refusal:
        bot.receive(hook.headers, hook.body, time.time())
    assert refusal.value.status == 401


def test_slack_needs_a_way_for_events_to_come() -> None:
    with pytest.raises(ValueError, match="Socket Mode"):
        SlackBot("", "xoxb-1", "http://127.0.0.1:9")


@pytest.mark.parametrize("change", ["v1", "upper", "reencoded"])
def test_slack_takes_no_other_form_of_signature(quiet: SlackBot, change: str) -> None:
    body = b"command=%2farigato&user_id=U1&team_id=T1&text="
    headers = platforms.slack_signature(platforms.SECRET, body)
    signature = headers["X-Slack-Signature"]
    changed = {"v1": signature.replace("v0=", "v1="), "upper": "v0=" + signature[3:].upper(), "reencoded": signature}
    content = body.replace(b"%2f", b"%2F") if change == "reencoded" else body

    with pytest.raises(Refusal) as refusal:
        quiet.receive({**headers, "X-Slack-Signature": changed[change]}, content, time.time())
    assert refusal.value.status == 401


def test_slack_gives_the_same_delivery_the_same_id(quiet: SlackBot) -> None:
    hook = press(type="button", action_id="press:1", value="h1")
    other = press(type="button", action_id="press:1", value="h1")

    ids = [quiet.receive(each.headers, each.body, time.time())[1][0].event_id for each in (hook, hook, other)]

    assert ids[0] == ids[1] != ids[2]


def test_slack_refuses_another_workspace_where_it_knows_its_own() -> None:
    bot = SlackBot(platforms.SECRET, "xoxb-1", "http://127.0.0.1:9", team_id="T0MINE")
    hook = event()

    with pytest.raises(Refusal) as refusal:
        bot.receive(hook.headers, hook.body, time.time())
    assert refusal.value.status == 403


def submission(price: str, note: str = "") -> platforms.Webhook:
    values = {
        "yen:needed:price": {"value": {"type": "plain_text_input", "value": price}},
        "day:needed:due": {"value": {"type": "datepicker", "selected_date": "2026-12-04"}},
        "choice:needed:kind": {"value": {"type": "static_select", "selected_option": {"value": "logo"}}},
        "yen:optional:note": {"value": {"type": "plain_text_input", "value": note or None}},
    }
    view = {"type": "modal", "callback_id": "form:en", "private_metadata": "h1", "state": {"values": values}}
    return interaction(type="view_submission", view=view)


def test_slack_form_comes_in_as_its_values() -> None:
    # Without a check everything that is signed comes in.
    bot = SlackBot(platforms.SECRET, "xoxb-1", "http://127.0.0.1:9")

    answer, read = taken(bot, submission("三万円"))

    expected = Form("h1", {"price": "三万円", "due": "2026-12-04", "kind": "logo", "note": ""})
    assert (answer, [incoming.content for incoming in read if incoming]) == (Answer(200), [expected])


def test_slack_form_with_a_mistake_is_answered_at_the_door() -> None:
    def check(kind: str, value: str, language: str) -> str | None:
        return platforms.check(kind, value, language)

    bot = SlackBot(platforms.SECRET, "xoxb-1", "http://127.0.0.1:9", check=check)

    answer, read = taken(bot, submission("lots"))
    accepted, stored = taken(bot, submission("30000"))

    wrong = {"response_action": "errors", "errors": {"yen:needed:price": "not yen (en)"}}
    assert (json.loads(answer.body), read) == (wrong, [])
    assert (accepted, len(stored)) == (Answer(200), 1)


def test_slack_block_suggestion_is_answered_with_no_options(quiet: SlackBot) -> None:
    answer, read = taken(quiet, interaction(type="block_suggestion"))

    assert (json.loads(answer.body), read) == ({"options": []}, [])


@pytest.mark.parametrize(
    "state", [None, [], {"values": []}, {"values": {"yen:needed:price": 3}}, {"values": {"x": {}}}]
)
def test_slack_form_of_another_shape_is_no_error(quiet: SlackBot, state: object) -> None:
    answer, _ = taken(quiet, interaction(type="view_submission", view={"state": state, "callback_id": 7}))

    assert answer.status == 200


class Asked(BaseSocketModeClient):
    """The side of the socket that hears our acknowledgements."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def send_socket_mode_response(self, response: SocketModeResponse | dict[str, Any]) -> None:
        self.heard.append(response.envelope_id if isinstance(response, SocketModeResponse) else "")


def test_slack_socket_tells_of_another_workspace_and_stores_nothing() -> None:
    bot, asked = SlackBot("", "xoxb-1", "http://127.0.0.1:9/", "xapp-1", team_id="T1"), Asked()
    events: list[tuple[str, str]] = []
    stored: list[Sequence[Received]] = []
    envelope = SocketModeRequest("events_api", "envelope-1", {**platforms.said("slack", "x"), "team_id": "T2"})

    take(bot, lambda _, rows: stored.append(rows), lambda *told: events.append(told), asked, envelope)

    assert (events, stored, asked.heard) == ([("slack", "other_team")], [], ["envelope-1"])


def test_slack_socket_brings_the_same_rows(quiet: SlackBot) -> None:
    answer, rows = from_socket(quiet.door, "events_api", platforms.said("slack", "x"), time.time())

    assert (answer, [row.event_id for row in rows]) == (Answer(200), ["Ev1"])
