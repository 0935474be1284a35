"""Telegram's own ways: updates of every origin, presses that must be answered, edits in place, days as buttons."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest

from bots.ports import Received, Refusal, Sent, Unfetchable
from bots.telegram import TelegramBot, polling
from conversations.messages import (
    Arrived,
    Button,
    File,
    Incoming,
    Left,
    Message,
    Other,
    Picker,
    Press,
    Text,
)
from tests.bots import messages, platforms, recorder

ME = {"id": 4242, "is_bot": False, "first_name": "Taro", "last_name": "Yamada", "language_code": "ja-JP"}
CHAT = {"id": 4242, "type": "private", "first_name": "Taro"}
GROUP = {"id": -1001234567890, "type": "supergroup", "title": "G"}


@pytest.fixture
def telegram(clean: recorder.Recorder) -> Iterator[TelegramBot]:
    made = TelegramBot("123456:AAconf", platforms.SECRET, f"{clean.address}/telegram")
    yield made
    made.close()


@pytest.fixture
def quiet() -> TelegramBot:
    return TelegramBot("123456:AAconf", platforms.SECRET, "http://127.0.0.1:9")


def read(bot: TelegramBot, **update: Any) -> Incoming | None:
    hook = platforms.webhook("telegram", {"update_id": 7, **update})
    _, rows = bot.receive(hook.headers, hook.body, time.time())
    return bot.read(rows[0].body)


def message(**more: Any) -> dict[str, Any]:
    plain = {"message_id": 7, "date": 1_700_000_000, "chat": CHAT, "from": ME}
    return {key: value for key, value in {**plain, **more}.items() if value is not None}


@pytest.mark.parametrize(
    ("given", "content"),
    [
        (message(text="ロゴ"), Text("ロゴ")),
        (message(text="/start"), Arrived()),
        (message(text="/start J-7K2M4Q"), Arrived("J-7K2M4Q")),
        (message(text="/post@conf_bot a logo"), Text("/post a logo")),
        (message(document={"file_id": "f", "file_name": "a.pdf", "file_size": 3}), File("a.pdf", "f", 3)),
        (
            message(photo=[{"file_id": "s", "width": 90}, {"file_id": "b", "width": 800, "file_size": 9}]),
            File("photo.jpg", "b", 9),
        ),
        (message(sticker={}), Other("sticker")),
        (message(voice={"file_id": "v"}), Other("voice")),
    ],
)
def test_telegram_reads_each_kind(quiet: TelegramBot, given: dict[str, Any], content: object) -> None:
    incoming = read(quiet, message=given)

    assert incoming is not None
    assert (incoming.content, incoming.direct) == (content, True)
    assert (incoming.sender.name, incoming.sender.language) == ("Taro Yamada", "ja")


@pytest.mark.parametrize(
    "more",
    [
        {"chat": GROUP},
        {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}},
        {"via_bot": {"id": 1, "is_bot": True, "first_name": "b"}},
        {"sender_chat": GROUP},
    ],
)
def test_telegram_words_of_second_hand_are_not_direct(quiet: TelegramBot, more: dict[str, Any]) -> None:
    incoming = read(quiet, message=message(text="/publish J-1", **more))

    assert incoming is not None
    assert not incoming.direct


@pytest.mark.parametrize("more", [{"quote": {"text": "x", "position": 0}}, {"external_reply": {"origin": {}}}])
def test_telegram_words_beside_a_quote_are_their_own(quiet: TelegramBot, more: dict[str, Any]) -> None:
    incoming = read(quiet, message=message(text="/publish J-1", **more))

    assert incoming is not None
    assert (incoming.direct, incoming.quoting) == (True, True)


def test_telegram_edited_words_are_not_direct(quiet: TelegramBot) -> None:
    incoming = read(quiet, edited_message=message(text="x", edit_date=1))

    assert incoming is not None
    assert not incoming.direct


@pytest.mark.parametrize(
    "update",
    [
        {"channel_post": message(text="x", chat={"id": -100, "type": "channel"})},
        {"business_message": message(text="x")},
        {"message": message(text="x", **{"from": {**ME, "is_bot": True}})},
        {"message": message(text="x", chat=GROUP, **{"from": {"id": 1087968824, "is_bot": True}})},
        {"message": message(text="x", **{"from": None})},
        {"poll_answer": {"poll_id": "1", "user": ME, "option_ids": []}},
        {"message": 7},
        {"message": {"chat": [], "from": {"id": "x"}, "text": 3}},
        {"something_new": {"from": ME}},
    ],
)
def test_telegram_reads_nothing_in_what_is_not_a_person_s(quiet: TelegramBot, update: dict[str, Any]) -> None:
    assert read(quiet, **update) is None


@pytest.mark.parametrize(("status", "content"), [("kicked", Left()), ("member", Arrived()), ("restricted", None)])
def test_telegram_reads_who_comes_and_goes(quiet: TelegramBot, status: str, content: object) -> None:
    change = {"chat": CHAT, "from": ME, "date": 1, "new_chat_member": {"status": status, "user": {}}}

    incoming = read(quiet, my_chat_member=change)

    assert (incoming.content if incoming else None) == content


def callback(**more: Any) -> dict[str, Any]:
    plain = {"id": "cb1", "from": ME, "chat_instance": "1", "data": "h1", "message": message(text="q")}
    return {key: value for key, value in {**plain, **more}.items() if value is not None}


@pytest.mark.parametrize(
    ("given", "content", "direct"),
    [
        (callback(), Press("h1"), True),
        (callback(data="h1|2026-12-01"), Press("h1", "2026-12-01"), True),
        (callback(data=None), Press(""), True),
        (callback(message=None, inline_message_id="i"), Press("h1"), False),
        (callback(message=message(chat=GROUP)), Press("h1"), False),
        (callback(message={"chat": CHAT, "message_id": 7, "date": 0}), Press("h1"), True),
    ],
)
def test_telegram_reads_every_press(quiet: TelegramBot, given: dict[str, Any], content: Press, *, direct: bool) -> None:
    incoming = read(quiet, callback_query=given)

    assert incoming is not None
    assert (incoming.content, incoming.direct) == (content, direct)
    assert json.loads(incoming.reply_to)["callback"] == "cb1"


# -- going out


def methods(clean: recorder.Recorder) -> list[str]:
    return [call["call"].rsplit("/", 1)[-1] for call in clean.calls("telegram")]


def pressed(number: int) -> str:
    return json.dumps({"callback": f"cb{number}", "chat": 4242, "edit": 7})


def test_telegram_answers_a_press_once(telegram: TelegramBot, clean: recorder.Recorder) -> None:
    outgoing = messages.outgoing("telegram", Message("x"), reply_to=pressed(1))

    sent = [telegram.send(outgoing, "k") for _ in range(2)]

    assert sent == [Sent("sent")] * 2
    assert methods(clean) == ["answerCallbackQuery", "sendMessage", "sendMessage"]


def test_telegram_says_a_toast_on_the_button(telegram: TelegramBot, clean: recorder.Recorder) -> None:
    telegram.send(messages.outgoing("telegram", Message("済" * 300), "toast", pressed(2)), "k")

    assert (methods(clean), clean.errors()) == (["answerCallbackQuery"], [])
    assert clean.bodies("telegram")[0]["text"] == "済" * 199 + "…"


def test_telegram_edits_in_place(telegram: TelegramBot, clean: recorder.Recorder) -> None:
    outgoing = messages.outgoing("telegram", messages.KINDS["card"], "edit", pressed(3))

    first = telegram.send(outgoing, "k")

    assert (first, clean.errors()) == (Sent("sent"), [])
    # The same edit again is refused as "message is not modified", and that is as good as sent.
    assert telegram.send(outgoing, "k") == Sent("sent")
    assert methods(clean) == ["answerCallbackQuery", "editMessageText", "editMessageText"]


def test_telegram_sends_anew_what_is_gone(telegram: TelegramBot, clean: recorder.Recorder) -> None:
    gone = {"ok": False, "error_code": 400, "description": "Bad Request: message to edit not found"}
    clean.fault("telegram", "editMessageText", status=400, body=gone)

    sent = telegram.send(messages.outgoing("telegram", Message("x"), "edit", pressed(4)), "k")

    assert (sent, methods(clean)[1:]) == (Sent("sent"), ["editMessageText", "sendMessage"])


def test_telegram_shows_words_though_the_press_is_too_old(telegram: TelegramBot, clean: recorder.Recorder) -> None:
    late = {"ok": False, "error_code": 400, "description": "Bad Request: query is too old"}
    clean.fault("telegram", "answerCallbackQuery", status=400, body=late)

    sent = telegram.send(messages.outgoing("telegram", Message("x"), "toast", pressed(5)), "k")

    assert (sent, methods(clean)) == (Sent("sent"), ["answerCallbackQuery", "sendMessage"])


def test_telegram_follows_a_chat_that_moved(telegram: TelegramBot, clean: recorder.Recorder) -> None:
    moved = {"ok": False, "error_code": 400, "description": "upgraded", "parameters": {"migrate_to_chat_id": -1009}}
    clean.fault("telegram", "sendMessage", status=400, body=moved)

    sent = telegram.send(messages.outgoing("telegram", Message("x")), "k")

    assert (sent, clean.bodies("telegram")[-1]["chat_id"]) == (Sent("sent"), "-1009")


def test_telegram_takes_an_answer_its_sdk_would_refuse(telegram: TelegramBot, clean: recorder.Recorder) -> None:
    clean.fault("telegram", "sendMessage", status=200, body={"ok": True, "result": {"message_id": "seven"}})

    assert telegram.send(messages.outgoing("telegram", Message("x")), "k") == Sent("sent")


def test_telegram_offers_days_as_buttons(telegram: TelegramBot, clean: recorder.Recorder) -> None:
    picker = Picker("いつまで", messages.HANDLE, date(2026, 11, 24), date(2026, 12, 4))

    telegram.send(messages.outgoing("telegram", Message("いつまでですか。", picker=picker)), "k")

    rows = json.loads(clean.bodies("telegram")[0]["reply_markup"])["inline_keyboard"]
    offered = [button for row in rows for button in row]
    assert offered[0] == {"text": "11/24(火)", "callback_data": f"{messages.HANDLE}|2026-11-24"}
    assert max(button["callback_data"] for button in offered) == f"{messages.HANDLE}|2026-12-04"
    assert clean.errors() == []


def test_telegram_styles_buttons(telegram: TelegramBot, clean: recorder.Recorder) -> None:
    buttons = (Button("募集する", "h1", style="primary"), Button("やめる", "h2", style="danger"), Button("直す", "h3"))

    telegram.send(messages.outgoing("telegram", Message("x", buttons=buttons)), "k")

    rows = json.loads(clean.bodies("telegram")[0]["reply_markup"])["inline_keyboard"]
    assert [[button.get("style") for button in row] for row in rows] == [["primary", "danger"], [None]]


def test_telegram_fetches_a_file_up_to_its_limit(telegram: TelegramBot, clean: recorder.Recorder) -> None:
    found = {"ok": True, "result": {"file_id": "f", "file_unique_id": "u", "file_path": "photos/1.jpg"}}
    clean.fault("telegram", "getFile", status=200, body=found, count=2)

    assert telegram.fetch("f", 100).startswith(b"\x89PNG")
    with pytest.raises(Unfetchable, match="too_large"):
        telegram.fetch("f", 3)
    with pytest.raises(Unfetchable, match="gone"):
        telegram.fetch("without a path", 3)


def test_telegram_polls_from_where_it_stopped(telegram: TelegramBot, clean: recorder.Recorder) -> None:
    updates = [platforms.said("telegram", "x") | {"update_id": number} for number in (5, 6)]
    clean.fault("telegram", "getUpdates", status=200, body={"ok": True, "result": [*updates, "rubbish"]})
    stored: list[tuple[str, str]] = []

    def store(platform: str, rows: Sequence[Received]) -> None:
        stored.extend((platform, row.event_id) for row in rows)

    first = polling.poll(telegram, store, 0, 1)
    second = polling.poll(telegram, store, first, 1)

    assert (first, second, stored) == (7, 7, [("telegram", "5"), ("telegram", "6")])
    assert clean.errors() == []


@pytest.mark.parametrize("given", ["", "anything"])
def test_telegram_without_a_secret_refuses_every_webhook(given: str) -> None:
    bot = TelegramBot("123456:AAconf", "", "http://127.0.0.1:9")
    hook = platforms.webhook("telegram", platforms.said("telegram", "x"), given)

    with pytest.raises(Refusal) as refusal:
        bot.receive(hook.headers, hook.body, 0)
    assert refusal.value.status == 401


@pytest.mark.parametrize(("token", "secret"), [("", "s"), ("nonsense", "s"), ("123:a", "not allowed!")])
def test_telegram_needs_its_token_and_secret(token: str, secret: str) -> None:
    with pytest.raises(ValueError, match="webhook secret"):
        TelegramBot(token, secret, "http://127.0.0.1:9")
