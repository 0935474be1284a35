"""The emulated LINE Messaging API: sends, profiles, quota, content; rich menus are next door."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from playground.exchange import Answer, Asked, Exchange
from playground.limits import Check
from playground.line_chats import Chat, LineChats
from playground.line_limits import check_messages
from playground.line_menus import LineMenus
from playground.line_phone import LinePhone
from playground.phone import Person, Phone

Endpoint = Callable[[Asked, dict[str, str]], Answer]
RETRY_KEY_SECONDS = 24 * 60 * 60
BODY_BYTES_MAX = 2 * 1024 * 1024
MONTHLY_LIMIT = 200
SENDS = "/v2/bot/message/"


class Line:
    """The API side of LINE."""

    def __init__(self, exchange: Exchange, channel_secret: str, channel_token: str) -> None:
        self.exchange = exchange
        self.channel_token = channel_token
        self.chats = LineChats(exchange, channel_secret)
        self.menus = LineMenus(exchange, self.chats)
        self._accepted: dict[str, tuple[float, str, dict[str, Any]]] = {}
        self._sent = 0
        self._routes: list[tuple[str, str, Endpoint]] = [
            ("POST", SENDS + "reply", self._reply),
            ("POST", SENDS + "push", self._push),
            ("POST", SENDS + "multicast", self._multicast),
            ("POST", SENDS + "validate/{kind}", self._validate),
            ("GET", SENDS + "quota", lambda *_: Answer(200, {"type": "limited", "value": MONTHLY_LIMIT})),
            ("GET", SENDS + "quota/consumption", lambda *_: Answer(200, {"totalUsage": self._sent})),
            ("GET", SENDS + "{id}/content", self._content),
            ("GET", SENDS + "{id}/content/transcoding", lambda *_: Answer(200, {"status": "succeeded"})),
            ("GET", "/v2/bot/profile/{id}", self._profile),
            ("GET", "/v2/bot/info", self._info),
            ("POST", "/v2/bot/chat/loading/start", self._loading),
            ("GET", "/v2/bot/channel/webhook/endpoint", self._endpoint),
            ("POST", "/v2/bot/channel/webhook/test", self._test),
            *self.menus.routes(),
        ]
        self._patterns = [
            (verb, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), endpoint)
            for verb, path, endpoint in self._routes
        ]

    def answer(self, asked: Asked) -> Answer:
        request_id = {"x-line-request-id": str(uuid.uuid4())}
        if asked.headers.get("authorization") != f"Bearer {self.channel_token}":
            return Answer(401, {"message": "Authentication failed. Confirm the access token."}, request_id)
        for verb, pattern, endpoint in self._patterns:
            found = pattern.fullmatch(asked.path)
            if found and verb == asked.verb:
                answer = self._checked(asked) or endpoint(
                    asked, {**found.groupdict(), "request": request_id["x-line-request-id"]}
                )
                return Answer(answer.status, answer.body, {**request_id, **answer.headers}, answer.breaches)
        check = Check()
        check.fail(asked.path, "no such endpoint")
        return Answer(404, {"message": "Not found"}, request_id, tuple(check.problems))

    def name_of(self, asked: Asked) -> str:
        return f"{asked.verb} {asked.path}"

    def broken(self, asked: Asked, status: int, retry_after: int) -> Answer:
        if status == 429:
            return Answer(429, {"message": "The API rate limit has been exceeded. Try again later."})
        return Answer(status, {"message": "Internal server error"})

    def waits(self, asked: Asked) -> float:
        return 0.0

    def phone(self, person: Person) -> Phone:
        return LinePhone(person, self.chats, self.menus)

    def verify(self) -> bool:
        return self.chats.send().accepted

    def _checked(self, asked: Asked) -> Answer | None:
        """What is wrong whatever the endpoint."""
        check = Check()
        if len(asked.body) > BODY_BYTES_MAX and not asked.path.endswith("/content"):
            check.fail("body", "Request Entity Too Large")
            return Answer(413, {"message": "Request Entity Too Large"}, breaches=tuple(check.problems))
        key = asked.headers.get("x-line-retry-key")
        if key is None:
            return None
        if asked.path not in (SENDS + "push", SENDS + "multicast"):
            check.fail("X-Line-Retry-Key", "not accepted by this endpoint")
        check.need(_is_uuid(key), "X-Line-Retry-Key", "must be a UUID")
        return refused(check) if check.problems else None

    def _reply(self, asked: Asked, found: dict[str, str]) -> Answer:
        check = Check()
        check.shape(asked.fields, "", ("notificationDisabled",), ("replyToken", "messages"))
        check_messages(check, asked.fields.get("messages"))
        if check.problems:
            return refused(check)
        chat = self.chats.take_reply_token(asked.fields["replyToken"])
        if chat is None:
            check.fail("replyToken", "unknown, used before, or older than a minute")
            return Answer(400, {"message": "Invalid reply token"}, breaches=tuple(check.problems))
        return Answer(200, self._show([chat], asked.fields["messages"]))

    def _push(self, asked: Asked, found: dict[str, str]) -> Answer:
        return self._send_once(asked, found["request"], [asked.fields.get("to")])

    def _multicast(self, asked: Asked, found: dict[str, str]) -> Answer:
        return self._send_once(asked, found["request"], asked.fields.get("to"))

    def _send_once(self, asked: Asked, request_id: str, to: Any) -> Answer:
        check = Check()
        check.shape(asked.fields, "", ("notificationDisabled", "customAggregationUnits"), ("to", "messages"))
        check_messages(check, asked.fields.get("messages"))
        check.need(isinstance(to, list) and 1 <= len(to) <= 500, "to", "Size must be between 1 and 500")
        check.need(isinstance(to, list) and len(set(map(str, to))) == len(to), "to", "the same user ID twice")
        if check.problems:
            return refused(check)
        key = asked.headers.get("x-line-retry-key")
        with self.exchange.changed:
            before = self._accepted.get(key) if key else None
            if before and self.exchange.clock() - before[0] < RETRY_KEY_SECONDS:
                said = {"message": "The retry key is already accepted", **before[2]}
                return Answer(409, said, {"x-line-accepted-request-id": before[1]})
            if self.exchange.faults.get("quota"):
                return Answer(429, {"message": "You have reached your monthly limit."})
            chats = [self.chats.chats[id] for id in to if id in self.chats.chats]
            if not chats and asked.path.endswith("/push"):
                return Answer(400, {"message": "Failed to send messages"})
            sent = self._show(chats, asked.fields["messages"])
            self._sent += len(chats)
            if key:
                self._accepted[key] = (self.exchange.clock(), request_id, sent)
        return Answer(200, sent if asked.path.endswith("/push") else {})

    def _show(self, chats: list[Chat], messages: list[dict[str, Any]]) -> dict[str, Any]:
        ids = [self.chats.message_id() for _ in messages]
        for chat in chats:
            self.chats.show(chat, messages, ids)
        return {"sentMessages": [{"id": id, "quoteToken": uuid.uuid4().hex} for id in ids]}

    def _validate(self, asked: Asked, found: dict[str, str]) -> Answer:
        check = Check()
        check_messages(check, asked.fields.get("messages"))
        return refused(check) if check.problems else Answer(200, {})

    def _content(self, asked: Asked, found: dict[str, str]) -> Answer:
        kind, content = self.chats.contents.get(found["id"], ("", b""))
        return Answer(200, content, {"content-type": kind}) if kind else Answer(404, {"message": "Not found"})

    def _profile(self, asked: Asked, found: dict[str, str]) -> Answer:
        chat = self.chats.chats.get(found["id"])
        if chat is None or not chat.friend or chat.blocked:
            return Answer(404, {"message": "Not found"})
        person = chat.person
        return Answer(200, {"userId": person.id, "displayName": person.name, "language": person.language})

    def _info(self, asked: Asked, found: dict[str, str]) -> Answer:
        about = {"userId": self.chats.bot_id, "basicId": "@000arigt", "displayName": "Arigato"}
        return Answer(200, {**about, "chatMode": "bot", "markAsReadMode": "auto"})

    def _loading(self, asked: Asked, found: dict[str, str]) -> Answer:
        check = Check()
        check.shape(asked.fields, "", ("loadingSeconds",), ("chatId",))
        seconds = asked.fields.get("loadingSeconds", 20)
        check.need(seconds in range(5, 61, 5), "loadingSeconds", "5 to 60, a multiple of 5")
        return refused(check) if check.problems else Answer(202, {})

    def _endpoint(self, asked: Asked, found: dict[str, str]) -> Answer:
        return Answer(200, {"endpoint": self.exchange.webhook, "active": True})

    def _test(self, asked: Asked, found: dict[str, str]) -> Answer:
        delivered = self.chats.send()
        said = {"timestamp": _iso(self.exchange.clock()), "statusCode": delivered.status}
        return Answer(200, {"success": delivered.accepted, "reason": str(delivered.status), "detail": "", **said})


def refused(check: Check) -> Answer:
    problems = tuple(check.problems)
    details = [{"message": problem.message, "property": problem.where.removeprefix(".")} for problem in problems]
    message = f"The request body has {len(problems)} error(s)"
    return Answer(400, {"message": message, "details": details}, breaches=problems)


def _is_uuid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) is not None


def _iso(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}.000Z"
