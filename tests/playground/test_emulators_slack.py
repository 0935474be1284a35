"""The emulated Slack, driven by the real WebClient and by a phone."""

import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx2
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from starlette.responses import JSONResponse

from playground.emulator import NotOnScreen
from tests.playground.receiver import MAI, OTHER_MAI, Playground, running_playground, wait_until

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "応募する"}, "action_id": "apply", "value": "job:1"}
PICKER = {"type": "datepicker", "action_id": "day"}


@pytest.fixture
def ground() -> Iterator[Playground]:
    with running_playground() as ground:
        yield ground


@pytest.fixture
def client(ground: Playground) -> WebClient:
    return WebClient(token=ground.product.secrets.slack_bot_token, base_url=ground.base + "/slack/api/")


def section(words: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}}


def field(block_id: str, label: str, element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "input", "block_id": block_id, "label": {"type": "plain_text", "text": label}, "element": element}


def modal(*blocks: dict[str, Any]) -> dict[str, Any]:
    title, submit = ({"type": "plain_text", "text": words} for words in ("応募", "送る"))
    return {"type": "modal", "callback_id": "apply", "title": title, "submit": submit, "blocks": list(blocks)}


def apply_form() -> dict[str, Any]:
    options = [{"text": {"type": "plain_text", "text": words}, "value": words.lower()} for words in ("Yes", "No")]
    return modal(
        field("price", "金額", {"type": "plain_text_input", "action_id": "said"}),
        field("sure", "確か", {"type": "static_select", "action_id": "choice", "options": options}),
        field("due", "納期", PICKER),
    )


def test_slack_message_to_a_person_opens_their_direct_messages(ground: Playground, client: WebClient) -> None:
    phone, namesake = ground.slack.phone(MAI), ground.slack.phone(OTHER_MAI)

    answer = client.chat_postMessage(channel=MAI.id, text="仕事 &amp; 報酬", blocks=[section("ロゴ &lt;3")])

    assert answer["channel"] == "D0MAI"
    assert phone.sees("ロゴ").text == "ロゴ <3"
    assert namesake.screen().bubbles == ()
    wait_until(lambda: any("bot_id" in payload.get("event", {}) for _, payload in ground.product.got))


def test_slack_button_sends_block_actions_and_the_card_is_updated(ground: Playground, client: WebClient) -> None:
    phone = ground.slack.phone(MAI)
    card = [section("ロゴ"), {"type": "actions", "elements": [BUTTON]}]
    sent = client.chat_postMessage(channel=MAI.id, text="ロゴ", blocks=card)

    phone.taps("応募する")
    client.chat_update(channel=sent["channel"], ts=sent["ts"], text="応募済み", blocks=[section("応募済み")])

    (pressed,) = ground.product.of_type("block_actions")
    assert pressed["actions"][0]["value"] == "job:1"
    assert pressed["message"]["ts"] == sent["ts"]
    assert phone.sees("応募済み").edited
    with pytest.raises(NotOnScreen):
        phone.taps("応募する")


def test_slack_button_updated_away_can_still_have_been_pressed(ground: Playground, client: WebClient) -> None:
    phone = ground.slack.phone(MAI)
    card = [section("ロゴ"), {"type": "actions", "elements": [BUTTON]}]
    sent = client.chat_postMessage(channel=MAI.id, text="ロゴ", blocks=card)
    client.chat_update(channel=sent["channel"], ts=sent["ts"], text="締め切りました")

    phone.taps_old(sent["ts"], "応募する")

    assert [each["actions"][0]["value"] for each in ground.product.of_type("block_actions")] == ["job:1"]


def test_slack_command_opens_a_modal_that_is_filled_and_sent(ground: Playground, client: WebClient) -> None:
    phone = ground.slack.phone(MAI)
    phone.commands("/arigato mine")
    command = ground.product.got[-1][1]
    client.views_open(trigger_id=command["trigger_id"], view=apply_form())
    phone.sees("金額")

    phone.picks("納期", date(2026, 12, 4))
    errors = phone.submits({"金額": "30000", "sure": "Yes"})

    assert (command["command"], command["text"], command["user_id"]) == ("/arigato", "mine", MAI.id)
    assert errors == {}
    values = ground.product.got[-1][1]["view"]["state"]["values"]
    assert values["price"]["said"]["value"] == "30000"
    assert values["sure"]["choice"]["selected_option"]["value"] == "yes"
    assert values["due"]["day"]["selected_date"] == "2026-12-04"
    assert phone.screen().modal is None


def test_slack_modal_shows_the_errors_and_stays(ground: Playground, client: WebClient) -> None:
    phone = ground.slack.phone(MAI)
    phone.commands("/arigato")
    view = modal(field("price", "金額", {"type": "plain_text_input", "action_id": "said"}))
    client.views_open(trigger_id=ground.product.got[-1][1]["trigger_id"], view=view)
    ground.product.answers.append(JSONResponse({"response_action": "errors", "errors": {"price": "高すぎます"}}))

    empty, refused = phone.submits({}), phone.submits({"price": "x"})

    assert list(empty) == ["price"]
    assert refused == {"price": "高すぎます"}
    assert phone.screen().modal is not None


def test_slack_trigger_works_once_and_for_three_seconds(ground: Playground, client: WebClient) -> None:
    phone = ground.slack.phone(MAI)
    phone.commands("/arigato")
    phone.commands("/arigato")
    first, second = (payload["trigger_id"] for _, payload in ground.product.got)
    client.views_open(trigger_id=first, view=apply_form())
    ground.slack.set_clock(lambda: time.time() + 4)

    said = []
    for trigger in (first, second, "made.up"):
        with pytest.raises(SlackApiError) as refused:
            client.views_open(trigger_id=trigger, view=apply_form())
        said.append(refused.value.response["error"])

    assert said == ["exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id"]


def test_slack_home_is_published_and_pressed(ground: Playground, client: WebClient) -> None:
    phone = ground.slack.phone(MAI)
    phone.opens_home()
    opened = ground.product.got[-1][1]["event"]

    home = {"type": "home", "blocks": [section("新しい仕事"), {"type": "actions", "elements": [BUTTON]}]}
    client.views_publish(user_id=MAI.id, view=home)
    phone.sees("新しい仕事")
    phone.taps("応募する")

    assert (opened["type"], opened["tab"]) == ("app_home_opened", "home")
    pressed = ground.product.got[-1][1]
    assert pressed["container"]["type"] == "view"
    assert "response_url" not in pressed


def test_slack_response_url_answers_for_one_person_and_runs_out(ground: Playground) -> None:
    phone = ground.slack.phone(MAI)
    phone.commands("/arigato help")
    url = ground.product.got[-1][1]["response_url"]

    codes = [WebhookClient(url).send(text="使い方").status_code for _ in range(6)]

    assert codes == [200] * 5 + [404]
    assert phone.sees("使い方").text == "使い方"
    assert len(phone.screen().ephemeral) == 5


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ([section("x")] * 51, "invalid_blocks"),
        ([section("x" * 3001)], "invalid_blocks"),
        ([{"type": "actions", "elements": [BUTTON, BUTTON]}], "invalid_blocks"),
        ([{**section("x"), "block_id": "a"}, {**section("x"), "block_id": "a"}], "invalid_blocks"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "invalid_blocks"),
        ([{**section("x"), "colour": "red"}], "invalid_blocks"),
    ],
)
def test_slack_refuses_bad_blocks(
    ground: Playground, client: WebClient, blocks: list[dict[str, Any]], error: str
) -> None:
    ground.slack.phone(MAI)

    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=MAI.id, text="x", blocks=blocks)

    assert refused.value.response["error"] == error
    assert len(ground.slack.calls[-1].problems) == 1


def test_slack_files_go_both_ways(ground: Playground, client: WebClient) -> None:
    phone = ground.slack.phone(MAI)
    phone.sends_file("draft.pdf", b"draft")
    file = ground.product.got[-1][1]["event"]["files"][0]
    headers = {"authorization": f"Bearer {ground.product.secrets.slack_bot_token}"}

    content = httpx2.get(file["url_private_download"], headers=headers).content
    client.files_upload_v2(channel="D0MAI", filename="receipt.pdf", content=b"receipt", initial_comment="どうぞ")

    assert content == b"draft"
    assert phone.sees("receipt.pdf").text == "どうぞ\n[file] receipt.pdf"


def test_slack_knows_people_by_id(ground: Playground, client: WebClient) -> None:
    ground.slack.phone(MAI)
    ground.slack.phone(OTHER_MAI)

    people = [client.users_info(user=each.id, include_locale=True)["user"] for each in (MAI, OTHER_MAI)]

    assert [(each["id"], each["real_name"], each["locale"]) for each in people] == [
        ("U0MAI", "Mai", "ja-JP"),
        ("U0OTHERMAI", "Mai", "en-US"),
    ]


def test_slack_repeats_an_event_with_its_retry_headers(ground: Playground) -> None:
    ground.slack.exchange.waits = (0, 0)
    ground.product.refusals = 1

    ground.slack.phone(MAI).says("こんにちは")

    wait_until(lambda: len(ground.product.got) == 2)
    first, second = (payload for _, payload in ground.product.got)
    assert first == second
    assert [headers.get("x-slack-retry-num") for headers in ground.product.headers] == [None, "1"]


def test_slack_limit_carries_retry_after(ground: Playground, client: WebClient) -> None:
    ground.slack.phone(MAI)
    ground.slack.faults.update(status=429, retry_after=3, times=1)

    with pytest.raises(SlackApiError) as limited:
        client.chat_postMessage(channel=MAI.id, text="急ぎ")

    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "3"


def test_slack_wrong_token_is_refused(ground: Playground) -> None:
    stranger = WebClient(token="xoxb-wrong", base_url=ground.base + "/slack/api/")

    with pytest.raises(SlackApiError, match="invalid_auth"):
        stranger.auth_test()


def test_slack_verify_wants_its_challenge_back(ground: Playground) -> None:
    verified = ground.slack.verify()

    assert verified


def test_slack_listener_hears_webhooks_and_calls(ground: Playground, client: WebClient) -> None:
    heard: list[str] = []
    ground.slack.listen(lambda kind, details: heard.append(f"{kind} {details.get('method', '')}"))

    ground.slack.phone(MAI).commands("/arigato")
    client.auth_test()

    assert heard == ["webhook ", "call auth.test"]
