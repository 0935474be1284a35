"""Calls to LINE through the SDK's client, with plain dicts as bodies."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3
from linebot.v3.messaging.api_client import ApiClient
from linebot.v3.messaging.configuration import Configuration
from linebot.v3.messaging.exceptions import ApiException

from bots import download, waiting
from bots.door import Json, object_in, opened, word
from bots.line import cards, wire
from bots.ports import NO_FORM, Sent, Unfetchable
from conversations.messages import Outgoing

# To connect, and then to answer: above the 6 s that LINE has been seen to take, below what holds up a chat for long.
TIMEOUT_SECONDS = (3, 7)
REPLY_TOKEN_GOOD_SECONDS = 50
# What is made later is pushed: a reply has no key, and if its answer is lost there has to be time to ask by the same
# token. It hangs on when the message was made, so that every attempt goes the same way as long as the token is good.
REPLY_MADE_WITHIN_SECONDS = 20
BACK_OFF_SECONDS = 2  # LINE's own 429 says nothing about when
UNAUTHORIZED_SECONDS = 300  # somebody has to mend the token first
USER_ID = re.compile(r"U[0-9a-f]{32}")  # LINE refuses a push to anything else
CONTENT_HOSTS = {"api.line.me": "https://api-data.line.me"}


@dataclass(frozen=True)
class Reply:
    """What LINE said. `status` 0: nothing, and the request may have arrived."""

    status: int
    body: Json = field(default_factory=dict)
    headers: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return word(self.body, "message")


class Line:
    """LINE's API at one address, with one pool of connections."""

    def __init__(self, token: str, api_base: str) -> None:
        configuration = Configuration(host=api_base.rstrip("/"), access_token=token)
        configuration.retries = False  # the outbox retries, with the same key
        self.client = ApiClient(configuration)
        self.client.rest_client.pool_manager.pool_classes_by_scheme = wire.POOLS
        self.base = api_base.rstrip("/")
        self.host = urlsplit(api_base).hostname or ""
        self.loopback = self.host in ("127.0.0.1", "localhost", "::1")

    def call(self, method: str, path: str, body: Json | None = None, retry_key: str = "") -> Reply:
        headers = {"Content-Type": "application/json"}
        if retry_key:
            headers["X-Line-Retry-Key"] = retry_key
        try:
            answer = self.client.call_api(
                path, method, header_params=headers, body=body, response_types_map={}, _request_timeout=TIMEOUT_SECONDS
            )
        except ApiException as error:
            return Reply(error.status or 0, object_in(as_bytes(error.body)), error.headers or {})
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return Reply(0, {"message": type(error).__name__})
        return Reply(answer.status_code, object_in(as_bytes(answer.raw_data)))

    def give_picture(self, menu_id: str, picture: bytes) -> Reply:
        """A rich menu's picture, as PNG."""
        base = CONTENT_HOSTS.get(self.host, self.base)
        headers = {"Authorization": self.client.default_headers["Authorization"], "Content-Type": "image/png"}
        path = f"{base}/v2/bot/richmenu/{quote(menu_id, safe='')}/content"
        try:
            answer = self.client.rest_client.request(
                "POST", path, headers=headers, body=picture, _request_timeout=TIMEOUT_SECONDS
            )
        except ApiException as error:
            return Reply(error.status or 0, object_in(as_bytes(error.body)))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return Reply(0, {"message": type(error).__name__})
        return Reply(answer.status)

    def content(self, message_id: str, limit_bytes: int) -> bytes:
        """Files lie on a host of their own."""
        base = CONTENT_HOSTS.get(self.host, self.base)
        path = f"{base}/v2/bot/message/{quote(message_id, safe='')}/content"
        headers = {"Authorization": self.client.default_headers["Authorization"]}
        try:
            answer = self.client.rest_client.request(
                "GET", path, headers=headers, _preload_content=False, _request_timeout=TIMEOUT_SECONDS
            )
            try:
                chunks = iter(lambda: answer.read1(download.CHUNK_BYTES), b"")
                return download.gathered(chunks, limit_bytes, download.WITHIN_SECONDS)
            finally:
                answer.close()
        except ApiException as error:
            raise Unfetchable(
                "gone" if error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE) else "unreachable"
            ) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unfetchable("unreachable") from error


def as_bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else str(body or "").encode("utf-8", "replace")


def send(line: Line, outgoing: Outgoing, retry_key: str, now: float) -> Sent:
    if outgoing.surface == "form":
        return Sent("dead", error=NO_FORM)
    messages = cards.messages(outgoing.message, loopback=line.loopback)
    hint = opened(outgoing.reply_to)
    token = word(hint, "token")
    spoken_at = hint.get("at")
    if not isinstance(spoken_at, int | float):
        spoken_at = 0
    made_soon = (outgoing.made_at or now) - spoken_at < REPLY_MADE_WITHIN_SECONDS
    if token and outgoing.first and made_soon and now - spoken_at < REPLY_TOKEN_GOOD_SECONDS:
        reply = line.call("POST", "/v2/bot/message/reply", {"replyToken": token, "messages": messages})
        if not (reply.status == HTTPStatus.BAD_REQUEST and "reply token" in reply.message.lower()):
            return outcome(reply)
        if outgoing.again:
            # Still young, and spent: by our own earlier attempt, whose answer was lost. A push would say it twice.
            return Sent("sent")
    if not USER_ID.fullmatch(outgoing.to.outside_id):
        return Sent("dead", error="not an id of LINE's")
    body: Json = {"to": outgoing.to.outside_id, "messages": messages}
    return outcome(line.call("POST", "/v2/bot/message/push", body, retry_key))


def outcome(reply: Reply) -> Sent:
    why = f"{reply.status} {reply.message}".strip()
    match reply.status:
        case HTTPStatus.OK | HTTPStatus.CONFLICT:  # the latter: this retry key was already accepted
            return Sent("sent")
        case HTTPStatus.TOO_MANY_REQUESTS if "monthly" in reply.message.lower():
            return Sent("dead", error=f"quota {why}")
        case HTTPStatus.TOO_MANY_REQUESTS:
            return Sent("retry", waiting.asked(reply.headers, BACK_OFF_SECONDS, clock()), why)
        case HTTPStatus.UNAUTHORIZED:
            return Sent("retry", UNAUTHORIZED_SECONDS, why)
        case HTTPStatus.FORBIDDEN | HTTPStatus.NOT_FOUND:
            return Sent("blocked", error=why)
        case status if status == 0 or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Sent("retry", error=why, ambiguous=True)
        case _:
            return Sent("dead", error=why)


def clock() -> float:
    return time.time()
