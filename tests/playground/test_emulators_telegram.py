"""The emulated Telegram, driven by the real aiogram Bot and by a phone."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import BotCommand, BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

from playground.emulator import NotOnScreen
from playground.telegram_html import NotHtml, parse_html
from tests.playground.receiver import TARO, Playground, running_playground, wait_until

CHAT = int(TARO.id)
Result = TypeVar("Result")


@pytest.fixture
def ground() -> Iterator[Playground]:
    with running_playground() as ground:
        yield ground


def call(ground: Playground, act: Callable[[Bot], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        server = TelegramAPIServer.from_base(ground.base + "/telegram")
        session = AiohttpSession(api=server)
        bot = Bot(ground.product.secrets.telegram_bot_token, session=session)
        try:
            return await act(bot)
        finally:
            await session.close()

    return asyncio.run(run())


def keys(*labels: str) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(text=label, callback_data=f"v1:{label}") for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=[row])


def send(ground: Playground, text: str, markup: InlineKeyboardMarkup | None = None) -> Any:
    return call(ground, lambda bot: bot.send_message(CHAT, text, parse_mode="HTML", reply_markup=markup))


def test_telegram_html_becomes_words_and_entities(ground: Playground) -> None:
    phone = ground.telegram.phone(TARO)
    phone.follows()

    message = send(ground, "😀 <b>採用</b> &lt;3 <a href='https://example.com/'>見る</a>")

    assert phone.sees("採用").text == "😀 採用 <3 見る"
    kinds = [(each.type, each.offset, each.length) for each in message.entities]
    assert kinds == [("bold", 3, 2), ("text_link", 9, 2)]


@pytest.mark.parametrize("text", ["I <3 you", "<b>a", "<b><i>a</b></i>", "a<br>b", "</b>", "<p>a</p>"])
def test_telegram_refuses_what_is_no_html(ground: Playground, text: str) -> None:
    ground.telegram.phone(TARO).follows()

    with pytest.raises(TelegramBadRequest, match="can't parse entities"):
        send(ground, text)

    assert len(ground.telegram.calls[-1].problems) == 1


def test_telegram_press_is_answered_and_the_message_edited_in_place(ground: Playground) -> None:
    phone = ground.telegram.phone(TARO)
    phone.follows()
    message = send(ground, "採用しますか", keys("はい", "いいえ"))
    phone.sees("採用しますか")

    phone.taps("はい")
    query = ground.product.got[-1][1]["callback_query"]
    call(ground, lambda bot: bot.answer_callback_query(query["id"], text="決めました"))
    call(ground, lambda bot: bot.edit_message_text("採用しました", chat_id=CHAT, message_id=message.message_id))

    assert query["data"] == "v1:はい"
    assert phone.screen().toast == "決めました"
    assert [(each.text, each.edited) for each in phone.screen().bubbles] == [("/start", False), ("採用しました", True)]
    with pytest.raises(NotOnScreen):
        phone.taps("はい")


def test_telegram_button_edited_away_can_still_have_been_pressed(ground: Playground) -> None:
    phone = ground.telegram.phone(TARO)
    phone.follows()
    message = send(ground, "採用しますか", keys("はい"))
    call(ground, lambda bot: bot.edit_message_text("もう決まりました", chat_id=CHAT, message_id=message.message_id))

    phone.taps_old(str(message.message_id), "はい")

    assert ground.product.got[-1][1]["callback_query"]["data"] == "v1:はい"


def test_telegram_refuses_an_edit_that_changes_nothing(ground: Playground) -> None:
    ground.telegram.phone(TARO).follows()
    message = send(ground, "同じ")

    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        call(ground, lambda bot: bot.edit_message_text("同じ", chat_id=CHAT, message_id=message.message_id))

    assert len(ground.telegram.calls[-1].problems) == 1


def test_telegram_press_can_be_answered_once(ground: Playground) -> None:
    phone = ground.telegram.phone(TARO)
    phone.follows()
    send(ground, "?", keys("a"))
    phone.taps("a")
    id = ground.product.got[-1][1]["callback_query"]["id"]
    call(ground, lambda bot: bot.answer_callback_query(id))

    with pytest.raises(TelegramBadRequest, match="query is too old"):
        call(ground, lambda bot: bot.answer_callback_query(id))


@pytest.mark.parametrize(
    "button",
    [
        InlineKeyboardButton(text="x", callback_data="é" * 33),
        InlineKeyboardButton(text="x"),
        InlineKeyboardButton(text="x", url="http://127.0.0.1/pay"),
    ],
)
def test_telegram_refuses_a_bad_button(ground: Playground, button: InlineKeyboardButton) -> None:
    ground.telegram.phone(TARO).follows()

    with pytest.raises(TelegramBadRequest):
        send(ground, "x", InlineKeyboardMarkup(inline_keyboard=[[button]]))

    assert len(ground.telegram.calls[-1].problems) == 1


def test_telegram_bot_cannot_write_first_nor_when_blocked(ground: Playground) -> None:
    phone = ground.telegram.phone(TARO)

    with pytest.raises(TelegramForbiddenError, match="can't initiate"):
        send(ground, "はじめまして")
    phone.follows()
    phone.blocks()
    with pytest.raises(TelegramForbiddenError, match="blocked by the user"):
        send(ground, "もしもし")

    change = ground.product.got[-1][1]["my_chat_member"]
    assert change["new_chat_member"]["status"] == "kicked"


def test_telegram_long_poll_waits_for_an_update(ground: Playground) -> None:
    phone = ground.telegram.phone(TARO)

    async def poll(bot: Bot) -> Any:
        await bot.delete_webhook()
        waiting = asyncio.create_task(bot.get_updates(timeout=5))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await asyncio.to_thread(phone.says, "こんにちは")
        first = await waiting
        return first, await bot.get_updates(offset=first[-1].update_id + 1)

    first, rest = call(ground, poll)

    assert [update.message.text for update in first] == ["こんにちは"]
    assert rest == []
    assert ground.product.got == []


def test_telegram_refused_updates_come_again_in_order(ground: Playground) -> None:
    ground.telegram.exchange.waits = (0.05,)
    phone = ground.telegram.phone(TARO)
    ground.product.refusals = 1
    phone.says("一")

    phone.says("二")

    wait_until(lambda: len(ground.product.got) == 3)
    assert [payload["message"]["text"] for _, payload in ground.product.got] == ["一", "一", "二"]


def test_telegram_files_go_both_ways(ground: Playground) -> None:
    phone = ground.telegram.phone(TARO)
    phone.sends_file("案.pdf", b"draft")
    file_id = ground.product.got[-1][1]["message"]["document"]["file_id"]

    async def fetch(bot: Bot) -> bytes:
        got = await bot.download(file_id)
        await bot.send_document(
            CHAT, BufferedInputFile(b"receipt", "領収書.pdf"), caption="<b>どうぞ</b>", parse_mode="HTML"
        )
        assert got is not None
        return got.read()

    content = call(ground, fetch)

    assert content == b"draft"
    assert phone.sees("領収書.pdf").text == "どうぞ\n[file] 領収書.pdf"


def test_telegram_commands_become_the_menu(ground: Playground) -> None:
    phone = ground.telegram.phone(TARO)

    call(ground, lambda bot: bot.set_my_commands([BotCommand(command="help", description="困ったとき")]))
    phone.taps("/help")

    assert [tap.label for tap in phone.screen().menu] == ["/help"]
    assert ground.product.got[-1][1]["message"]["text"] == "/help"


def test_telegram_limit_tells_how_long_to_wait(ground: Playground) -> None:
    ground.telegram.phone(TARO).follows()
    ground.telegram.faults.update(status=429, retry_after=7, times=1)

    with pytest.raises(TelegramRetryAfter) as limited:
        send(ground, "急ぎ")

    assert limited.value.retry_after == 7


def test_telegram_webhook_must_be_https(ground: Playground) -> None:
    with pytest.raises(TelegramBadRequest, match="HTTPS URL must be provided"):
        call(ground, lambda bot: bot.set_webhook("http://example.com/"))

    info = call(ground, lambda bot: bot.get_webhook_info())

    assert info.url == ground.base + "/webhooks/telegram"


def test_telegram_html_keeps_nested_entities_and_trims() -> None:
    words, entities = parse_html("  <b>a <i>b</i></b> &amp;&#33;&unknown; ")

    assert words == "a b &!&unknown;"
    assert [(each["type"], each["offset"], each["length"]) for each in entities] == [("bold", 0, 3), ("italic", 2, 1)]


def test_telegram_html_names_the_byte_where_it_breaks() -> None:
    with pytest.raises(NotHtml, match='Unsupported start tag "x" at byte offset 3'):
        parse_html("あ<x>")
