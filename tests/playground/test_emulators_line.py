"""The emulated LINE, driven by the real SDK and by a phone."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx2
import pytest
from linebot.v3.messaging import (
    ApiClient,
    ApiException,
    Configuration,
    MessagingApi,
    MessagingApiBlob,
    PushMessageRequest,
    ReplyMessageRequest,
    RichMenuRequest,
)

from playground.emulator import NotOnScreen, NotSeen
from tests.playground.receiver import HANAKO, Playground, running_playground, wait_until

POSTBACK = {"type": "postback", "label": "募集する", "data": "post:1", "displayText": "募集します"}

EMPTY_BOX = {"type": "box", "layout": "vertical", "contents": []}


@pytest.fixture
def ground() -> Iterator[Playground]:
    with running_playground() as ground:
        yield ground


@pytest.fixture
def client(ground: Playground) -> Iterator[ApiClient]:
    token = ground.product.secrets.line_channel_token
    with ApiClient(Configuration(host=ground.base + "/line", access_token=token)) as client:
        yield client


def push(client: ApiClient, *messages: dict[str, Any], key: str | None = None) -> Any:
    request = PushMessageRequest.from_dict({"to": HANAKO.id, "messages": list(messages)})
    return MessagingApi(client).push_message_with_http_info(request, x_line_retry_key=key or str(uuid.uuid4()))


def text(words: str, *actions: dict[str, Any]) -> dict[str, Any]:
    items = [{"type": "action", "action": action} for action in actions]
    return {"type": "text", "text": words, **({"quickReply": {"items": items}} if items else {})}


def test_line_reply_works_once(ground: Playground, client: ApiClient) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    phone.says("こんにちは")
    token = ground.product.got[-1][1]["events"][0]["replyToken"]
    request = ReplyMessageRequest.from_dict({"replyToken": token, "messages": [text("ようこそ")]})

    MessagingApi(client).reply_message(request)

    assert phone.sees("ようこそ").mine is False
    with pytest.raises(ApiException) as refused:
        MessagingApi(client).reply_message(request)
    assert refused.value.status == 400
    assert [call.status for call in ground.line.calls] == [200, 400]


def test_line_push_with_the_same_key_arrives_once(ground: Playground, client: ApiClient) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    key = str(uuid.uuid4())
    first = push(client, text("一度だけ"), key=key)

    with pytest.raises(ApiException) as conflict:
        push(client, text("一度だけ"), key=key)

    assert conflict.value.status == 409
    accepted = conflict.value.headers["x-line-accepted-request-id"]
    assert accepted == first.headers["x-line-request-id"]
    assert [bubble.text for bubble in phone.screen().bubbles] == ["一度だけ"]


def test_line_quick_replies_vanish_with_the_next_message(ground: Playground, client: ApiClient) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    push(client, text("どうしますか", POSTBACK))
    phone.sees("募集する")

    phone.taps("募集する")

    event = ground.product.got[-1][1]["events"][0]
    assert event["postback"] == {"data": "post:1"}
    assert [bubble.text for bubble in phone.screen().bubbles if bubble.mine] == ["募集します"]
    with pytest.raises(NotOnScreen):
        phone.taps("募集する")


def test_line_old_quick_reply_can_be_pressed_as_a_stale_one(ground: Playground, client: ApiClient) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    push(client, text("どうしますか", POSTBACK))
    old = phone.sees("どうしますか")
    phone.says("別の話")

    phone.taps_old(old.id, "募集する")

    assert ground.product.got[-1][1]["events"][0]["type"] == "postback"


def test_line_date_picker_sends_the_day(ground: Playground, client: ApiClient) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    picker = {"type": "datetimepicker", "label": "日付", "data": "due", "mode": "date", "min": "2026-01-01"}
    push(client, text("いつまで", picker))
    phone.sees("いつまで")

    phone.picks("日付", date(2026, 12, 4))

    assert ground.product.got[-1][1]["events"][0]["postback"] == {"data": "due", "params": {"date": "2026-12-04"}}


def test_line_flex_is_read_and_pressed(ground: Playground, client: ApiClient) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    words = [{"type": "text", "text": "ロゴ"}, {"type": "text", "text": "30,000円"}]
    body = {"type": "box", "layout": "vertical", "contents": [*words, {"type": "button", "action": POSTBACK}]}
    push(client, {"type": "flex", "altText": "ロゴの仕事", "contents": {"type": "bubble", "body": body}})

    phone.sees("30,000円")
    phone.taps("募集する")

    assert phone.screen().bubbles[0].text == "ロゴ\n30,000円"
    assert ground.product.got[-1][1]["events"][0]["postback"]["data"] == "post:1"


@pytest.mark.parametrize(
    "message",
    [
        text("多い", *[{**POSTBACK, "label": str(number)} for number in range(13)], POSTBACK),
        text("長い", {**POSTBACK, "label": "あ" * 21}),
        text("😀" * 2501),
        {"type": "flex", "altText": "x", "contents": {"type": "bubble"}},
        {"type": "flex", "altText": "x" * 401, "contents": {"type": "bubble", "body": EMPTY_BOX}},
    ],
)
def test_line_refuses_what_breaks_a_rule(ground: Playground, message: dict[str, Any]) -> None:
    ground.line.phone(HANAKO).follows()
    headers = {"authorization": f"Bearer {ground.product.secrets.line_channel_token}"}

    # The SDK refuses some of these by itself, so they go out without it.
    sent = {"to": HANAKO.id, "messages": [message]}
    answer = httpx2.post(ground.base + "/line/v2/bot/message/push", json=sent, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["message"] == "The request body has 1 error(s)"
    assert len(ground.line.calls[-1].problems) == 1


def test_line_labels_are_counted_as_people_count(ground: Playground, client: ApiClient) -> None:
    ground.line.phone(HANAKO).follows()

    answer = push(client, text("家族", {**POSTBACK, "label": "👨‍👩‍👧‍👦" * 20}))

    assert answer.status_code == 200


def test_line_rich_menu_is_shown_and_pressed(ground: Playground, client: ApiClient) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    bounds = {"x": 0, "y": 0, "width": 2500, "height": 843}
    action = {"type": "message", "label": "依頼する", "text": "依頼する"}
    menu = {"size": {"width": 2500, "height": 843}, "selected": True, "name": "client", "chatBarText": "メニュー"}
    request = RichMenuRequest.from_dict({**menu, "areas": [{"bounds": bounds, "action": action}]})

    id = MessagingApi(client).create_rich_menu(request).rich_menu_id
    MessagingApiBlob(client).set_rich_menu_image(id, b"\x89PNG", _headers={"Content-Type": "image/png"})
    MessagingApi(client).set_default_rich_menu(id)
    phone.taps("依頼する")

    assert [tap.label for tap in phone.screen().menu] == ["依頼する"]
    assert ground.product.got[-1][1]["events"][0]["message"]["text"] == "依頼する"
    assert [call.problems for call in ground.line.calls] == [(), (), ()]


def test_line_content_profile_and_figures_can_be_read(ground: Playground, client: ApiClient) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    phone.sends_file("案.png", b"picture")
    id = ground.product.got[-1][1]["events"][0]["message"]["id"]
    api = MessagingApi(client)

    content = bytes(MessagingApiBlob(client).get_message_content(id))

    assert content == b"picture"
    assert api.get_profile(HANAKO.id).display_name == "花子"
    assert api.get_message_quota_consumption().total_usage == 0
    assert api.get_bot_info().chat_mode == "bot"


def test_line_delivers_again_what_was_not_taken(ground: Playground) -> None:
    ground.line.exchange.waits = (0.01,)
    ground.product.refusals = 1

    ground.line.phone(HANAKO).follows()

    wait_until(lambda: len(ground.product.got) == 2)
    first, second = (payload["events"][0] for _, payload in ground.product.got)
    assert second["webhookEventId"] == first["webhookEventId"]
    assert [first["deliveryContext"]["isRedelivery"], second["deliveryContext"]["isRedelivery"]] == [False, True]


def test_line_faults_are_the_platforms_own(ground: Playground, client: ApiClient) -> None:
    ground.line.phone(HANAKO).follows()
    ground.line.faults.update(status=429, times=1)
    said = []

    with pytest.raises(ApiException) as limited:
        push(client, text("一"))
    said.append(limited.value.status)
    said.append(push(client, text("二")).status_code)
    ground.line.faults["quota"] = True
    with pytest.raises(ApiException) as used_up:
        push(client, text("三"))

    assert said == [429, 200]
    assert "monthly limit" in used_up.value.body


def test_line_verify_button_sends_no_events(ground: Playground) -> None:
    assert ground.line.verify()

    assert ground.product.got[-1][1]["events"] == []


def test_line_sees_prints_the_screen_when_nothing_comes(ground: Playground) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    phone.says("もしもし")

    with pytest.raises(NotSeen, match="もしもし"):
        phone.sees("返事", seconds=0.05)


def test_line_every_webhook_can_come_twice(ground: Playground) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    ground.line.faults["duplicate"] = True

    phone.says("一回だけ言った")

    first, second = (payload["events"][0] for _, payload in ground.product.got[-2:])
    assert first == second


def test_line_answer_can_be_lost_after_the_effect(ground: Playground, client: ApiClient) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    key = str(uuid.uuid4())
    ground.line.faults["lost"] = True
    with pytest.raises(ApiException) as lost:
        push(client, text("届いている"), key=key)
    ground.line.faults.clear()

    with pytest.raises(ApiException) as again:
        push(client, text("届いている"), key=key)

    assert (lost.value.status, again.value.status) == (500, 409)
    assert [bubble.text for bubble in phone.screen().bubbles] == ["届いている"]


def test_line_message_to_someone_who_blocked_is_accepted_and_unseen(ground: Playground, client: ApiClient) -> None:
    phone = ground.line.phone(HANAKO)
    phone.follows()
    phone.blocks()

    answer = push(client, text("もしもし"))

    assert answer.status_code == 200
    assert phone.screen().bubbles == ()
    assert ground.product.got[-1][1]["events"][0]["type"] == "unfollow"
