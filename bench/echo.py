"""Bare echo bots: each platform's SDK as its own documentation shows it, on our web server. They store nothing, and the
echo is made but not sent: no call to a platform is part of what is measured."""

import hmac
import importlib
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.load import BOT_TOKEN, SECRET

Door = Callable[[Request], Awaitable[Response]]


def line() -> Door:
    """The handler of line-bot-sdk's own examples: parse, make the reply to each text, answer OK."""
    messaging = importlib.import_module("linebot.v3.messaging")
    webhooks = importlib.import_module("linebot.v3.webhooks")
    sdk = importlib.import_module("linebot.v3.webhook")
    exceptions = importlib.import_module("linebot.v3.exceptions")
    parser = sdk.WebhookParser(SECRET)

    async def callback(request: Request) -> Response:
        body = (await request.body()).decode()
        try:
            events = parser.parse(body, request.headers["X-Line-Signature"])
        except exceptions.InvalidSignatureError:
            return Response("Invalid signature", 400)
        for event in events:
            if isinstance(event, webhooks.MessageEvent) and isinstance(event.message, webhooks.TextMessageContent):
                echo = messaging.TextMessage(text=event.message.text)
                reply = messaging.ReplyMessageRequest(replyToken=event.reply_token, messages=[echo])
                assert reply.to_dict(), "what would be sent"
        return Response("OK")

    return callback


def slack() -> Door:
    bolt = importlib.import_module("slack_bolt.async_app")
    adapter = importlib.import_module("slack_bolt.adapter.starlette.async_handler")
    authorization = importlib.import_module("slack_bolt.authorization")

    async def authorize(**_: object) -> Any:
        # In place of auth.test, which Bolt asks of Slack once: nothing leaves this machine.
        return authorization.AuthorizeResult(
            enterprise_id=None,
            team_id="T0000000001",
            bot_user_id="U1",
            bot_id="B1",
            bot_token="xoxb-1",  # noqa: S106 - it opens nothing
        )

    app = bolt.AsyncApp(signing_secret=SECRET, authorize=authorize)

    @app.event("message")  # type: ignore[untyped-decorator] # the SDK is imported late
    async def message(event: dict[str, Any]) -> None:
        assert event["text"], "the text to echo"

    door: Door = adapter.AsyncSlackRequestHandler(app).handle
    return door


def telegram() -> Door:
    aiogram = importlib.import_module("aiogram")
    bot = aiogram.Bot(BOT_TOKEN)
    dispatcher = aiogram.Dispatcher()

    @dispatcher.message()  # type: ignore[untyped-decorator] # the SDK is imported late
    async def message(message: Any) -> Any:
        return message.answer(message.text)

    async def callback(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), SECRET):
            return Response("Unauthorized", 401)
        update = aiogram.types.Update.model_validate(await request.json(), context={"bot": bot})
        # A handler's method may be the webhook's own answer: Telegram then carries it out.
        made = await dispatcher.feed_update(bot, update)
        answer = made.model_dump_json(exclude_none=True, context={"bot": bot}, include={"chat_id", "text"})
        return Response(answer, media_type="application/json")

    return callback


DOORS = {"line": line, "slack": slack, "telegram": telegram}


def application(platform: str) -> Starlette:
    return Starlette(routes=[Route("/webhooks/{platform}", DOORS[platform](), methods=["POST"])])
