"""Calls to Telegram through the SDK's client, which only knows coroutines: it lives on an event loop of its own, in one
thread, and the rest of the house calls it like any function."""

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

import aiohttp
from aiogram import Bot
from aiogram import exceptions as refused
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods.base import TelegramMethod

from bots import lease, text, waiting
from bots.door import Json, opened, whole_number, word
from bots.ports import NO_FORM, Sent, Unfetchable
from bots.telegram import words
from conversations.messages import Outgoing

R = TypeVar("R")

TIMEOUT_SECONDS = 10
UNAUTHORIZED_SECONDS = 300  # somebody has to mend the token first
REMEMBER_CALLBACKS = 10_000
TOAST_MAX = 200


@cache
def method(name: str) -> type[TelegramMethod[Any]]:
    """A method whose answer is taken as it is: the SDK's own models refuse an answer for one field they want, after the
    message has long been sent."""
    return type(name, (TelegramMethod,), {"__returning__": Any, "__api_method__": name, "__module__": __name__})


async def look_at_the_lease(*_: object) -> None:
    lease.insist()


class Session(AiohttpSession):
    """Looks at the lease before it writes."""

    async def create_session(self) -> aiohttp.ClientSession:
        session = await super().create_session()
        if not session.trace_configs:
            watch = aiohttp.TraceConfig()
            watch.on_request_chunk_sent.append(look_at_the_lease)
            watch.freeze()
            session.trace_configs.append(watch)
        return session


class Telegram:
    """The Bot API at one address."""

    def __init__(self, token: str, api_base: str) -> None:
        self.token = token
        self.api = TelegramAPIServer.from_base(api_base)
        self.lock = threading.Lock()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread: threading.Thread | None = None
        self.bot: Bot | None = None
        self.answered: dict[str, None] = {}
        self.moved: dict[int, int] = {}  # chats that became supergroups

    def call(self, name: str, timeout_seconds: int = TIMEOUT_SECONDS, **arguments: Any) -> Any:
        return self.run(self.called(name, timeout_seconds, arguments))

    async def called(self, name: str, timeout_seconds: int, arguments: Json) -> Any:
        bot = self.ready()
        # aiohttp takes a number of seconds, or no limit at all.
        return await bot.session(bot, method(name)(**arguments), timeout=timeout_seconds)

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        return asyncio.run_coroutine_threadsafe(work, self.running()).result()

    def running(self) -> asyncio.AbstractEventLoop:
        with self.lock:
            if self.loop is None:
                self.loop = asyncio.new_event_loop()
                self.thread = threading.Thread(target=self.loop.run_forever, name="telegram", daemon=True)
                self.thread.start()
            return self.loop

    def ready(self) -> Bot:
        """Made inside its loop, at the first call."""
        if self.bot is None:
            self.bot = Bot(self.token, session=Session(api=self.api))
        return self.bot

    def close(self) -> None:
        with self.lock:
            loop, self.loop = self.loop, None
            thread, self.thread = self.thread, None
        if loop is None or thread is None:
            return
        if self.bot is not None:
            asyncio.run_coroutine_threadsafe(self.bot.session.close(), loop).result(TIMEOUT_SECONDS)
            self.bot = None
        loop.call_soon_threadsafe(loop.stop)
        thread.join(TIMEOUT_SECONDS)
        loop.close()

    def content(self, file_id: str, limit_bytes: int) -> bytes:
        try:
            found = self.call("getFile", file_id=file_id)
            path = word(found, "file_path")
            if not path:
                raise Unfetchable("gone")
            return self.run(self.streamed(path, limit_bytes))
        except refused.TelegramNetworkError as error:
            raise Unfetchable("unreachable") from error
        except refused.TelegramAPIError as error:
            too_big = "too big" in error.message.lower()
            raise Unfetchable("too_large" if too_big else "gone") from error
        except (aiohttp.ClientError, OSError, refused.ClientDecodeError) as error:
            raise Unfetchable("unreachable") from error

    async def streamed(self, path: str, limit_bytes: int) -> bytes:
        found = bytearray()
        address = self.api.file_url(self.token, path)
        async for chunk in self.ready().session.stream_content(address, timeout=TIMEOUT_SECONDS):
            found += chunk
            if len(found) > limit_bytes:
                raise Unfetchable("too_large")
        return bytes(found)

    def first_answer(self, callback_id: str) -> bool:
        """Whether this press has not been answered yet; it is from now on."""
        with self.lock:
            if callback_id in self.answered:
                return False
            self.answered[callback_id] = None
            if len(self.answered) > REMEMBER_CALLBACKS:
                del self.answered[next(iter(self.answered))]
            return True


def send(telegram: Telegram, outgoing: Outgoing) -> Sent:
    if outgoing.surface == "form":
        return Sent("dead", error=NO_FORM)
    hint = opened(outgoing.reply_to)
    callback_id = word(hint, "callback")
    if callback_id and telegram.first_answer(callback_id):
        toast = toast_of(outgoing) if outgoing.surface == "toast" else ""
        if answer(telegram, callback_id, toast) and toast:
            return Sent("sent")
    shown: Json = {"text": words.html(outgoing.message), "parse_mode": "HTML"}
    shown["link_preview_options"] = {"is_disabled": True}
    keyboard = words.keyboard(outgoing.message, outgoing.language)
    if keyboard:
        shown["reply_markup"] = keyboard
    edit = whole_number(hint, "edit")
    if outgoing.surface == "edit" and edit:
        sent = attempt(telegram, "editMessageText", chat_id=whole_number(hint, "chat"), message_id=edit, **shown)
        if sent.error != GONE:
            return sent
    return attempt(telegram, "sendMessage", chat_id=chat_of(outgoing), **shown)


def chat_of(outgoing: Outgoing) -> int | str:
    """A private chat has its person's id."""
    outside_id = outgoing.to.outside_id
    return int(outside_id) if outside_id.lstrip("-").isascii() and outside_id.lstrip("-").isdigit() else outside_id


def toast_of(outgoing: Outgoing) -> str:
    return text.cut_utf16(text.shown(outgoing.message.plain).strip(), TOAST_MAX)


def answer(telegram: Telegram, callback_id: str, toast: str) -> bool:
    """Takes the clock off the button. One that comes too late is no reason to keep the words back."""
    arguments = {"callback_query_id": callback_id, **({"text": toast} if toast else {})}
    return attempt(telegram, "answerCallbackQuery", **arguments).result == "sent"


GONE = "message_gone"
CANNOT_EDIT = ("message to edit not found", "message can't be edited", "message_id_invalid")


def attempt(telegram: Telegram, name: str, **arguments: Any) -> Sent:
    chat_id = arguments.get("chat_id")
    if chat_id in telegram.moved:
        arguments["chat_id"] = telegram.moved[chat_id]
    try:
        telegram.call(name, **arguments)
    except refused.TelegramMigrateToChat as error:
        if chat_id in telegram.moved:
            return Sent("dead", error=error.message)
        telegram.moved[whole_number(arguments, "chat_id")] = error.migrate_to_chat_id
        return attempt(telegram, name, **arguments)
    except (refused.AiogramError, aiohttp.ClientError, OSError) as error:
        return failure(error)
    return Sent("sent")


def failure(error: Exception) -> Sent:
    why = str(getattr(error, "message", "") or type(error).__name__)
    match error:
        case refused.TelegramRetryAfter():
            return Sent("retry", waiting.at_most(error.retry_after), why)
        case refused.TelegramForbiddenError():
            return Sent("blocked", error=why)
        case refused.TelegramUnauthorizedError():
            return Sent("retry", UNAUTHORIZED_SECONDS, why)
        case refused.TelegramBadRequest() | refused.TelegramNotFound():
            return bad_request(why)
        case refused.TelegramNetworkError() | refused.TelegramServerError():
            return Sent("retry", error=why, ambiguous=True)
        case refused.TelegramAPIError():
            return Sent("retry", 1, why)
        case _:
            return Sent("retry", error=why, ambiguous=True)


def bad_request(why: str) -> Sent:
    plain = why.lower()
    if "message is not modified" in plain:
        return Sent("sent")
    if any(each in plain for each in CANNOT_EDIT):
        return Sent("dead", error=GONE)
    return Sent("blocked", error=why) if "chat not found" in plain else Sent("dead", error=why)
