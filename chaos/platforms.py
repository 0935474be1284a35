"""The messengers as a process of their own: their APIs as far as the product calls them, with the faults real ones
have, and a journal of all that was shown. Formats are looked at elsewhere; here it is about once, and in order."""

import asyncio
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from aiohttp import web

from chaos import bank
from chaos.journal import Journal
from chaos.plan import Plan
from chaos.talkers import Talkers, parsed

# What becomes of a request: the odds of each, the rest is answered as it should be.
FAULTS = {"429": 0.03, "500": 0.03, "slow": 0.01, "hangs up": 0.01, "answer lost": 0.03, "answer hangs": 0.01}
BEFORE_EFFECT = ("429", "500", "slow", "hangs up")
HANGS_SECONDS = 1
RETRY_AFTER_SECONDS = (1, 1, 2)
OK, CONFLICT, BUSY, BROKEN = 200, 409, 429, 500
SHOWING = {
    "reply": "line",
    "push": "line",
    "chat.postMessage": "slack",
    "chat.update": "slack",
    "sendMessage": "telegram",
    "editMessageText": "telegram",
}


def face_of(shown: Mapping[str, Any]) -> str:
    """What a message looks like, in a few letters: the same for each attempt at it, another for every other."""
    return sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]


def face(method: str, fields: Mapping[str, Any]) -> str:
    match SHOWING[method]:
        case "line":
            return face_of({"messages": fields["messages"]})
        case "slack":
            return face_of({"text": fields["text"], "blocks": fields["blocks"]})
    return face_of({"text": fields["text"], "reply_markup": parsed(fields.get("reply_markup"))})


@dataclass
class Chat:
    """`not_before` is when the one who was told to wait may come again."""

    not_before: float = 0


@dataclass
class Platforms:
    plan: Plan
    journal: Journal
    dice: random.Random
    talkers: Talkers
    chats: dict[tuple[str, str], Chat] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    numbers: int = 1_000
    faulty: bool = True

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.path.rsplit("/", 1)[-1]
        fields = await read(request)
        if method not in SHOWING:
            return self.small_talk(request, fields)
        platform = SHOWING[method]
        to = str(fields.get("to") or fields.get("channel") or fields.get("chat_id") or "")
        if method == "reply":
            to = self.talkers.tokens.get(fields["replyToken"], "")
            if not to:
                return web.json_response({"message": "Invalid reply token"}, status=400)
        elif platform == "slack" and to.startswith("D"):
            to = "U" + to[1:]
        return await self.show(request, platform, method, to, fields)

    async def show(
        self, request: web.Request, platform: str, method: str, to: str, fields: Mapping[str, Any]
    ) -> web.StreamResponse:
        chat = self.chats.setdefault((platform, to), Chat())
        told = {"platform": platform, "chat": to, "face": face(method, fields)}
        early = chat.not_before - time.time()
        if early > 0:
            self.journal.note("early", by=early, **told)
        fault = self.fault()
        if fault in BEFORE_EFFECT:
            self.journal.note("refused", fault=fault, **told)
            return await self.refused(request, platform, chat, fault)
        key = request.headers.get("X-Line-Retry-Key", "")
        if key and key in self.keys:
            self.journal.note("known", key=key, **told)
            return web.json_response({"message": "The retry key is already accepted"}, status=CONFLICT)
        self.keys.add(key)
        if method == "reply":
            del self.talkers.tokens[fields["replyToken"]]
        self.numbers += 1
        self.journal.note("shown", key=key, method=method, fault=fault, **told)
        self.talkers.saw(platform, to, fields, self.numbers)
        if fault:
            await asyncio.sleep(HANGS_SECONDS if fault == "answer hangs" else 0)
            return bank.hung_up(request)
        return self.answer(platform, to)

    def fault(self) -> str:
        if not self.faulty:
            return ""
        drawn = self.dice.random()
        for name, odds in FAULTS.items():
            drawn -= odds
            if drawn < 0:
                return name
        return ""

    async def refused(self, request: web.Request, platform: str, chat: Chat, fault: str) -> web.StreamResponse:
        if fault == "429":
            seconds = self.dice.choice(RETRY_AFTER_SECONDS)
            # LINE does not say for how long.
            chat.not_before = time.time() + seconds if platform != "line" else 0
            return busy(platform, seconds)
        if fault == "500":
            return web.json_response({"ok": False, "error_code": BROKEN, "description": "Internal"}, status=BROKEN)
        await asyncio.sleep(HANGS_SECONDS if fault == "slow" else 0)
        return bank.hung_up(request)

    def answer(self, platform: str, to: str) -> web.Response:
        match platform:
            case "line":
                return web.json_response({"sentMessages": [{"id": str(self.numbers)}]})
            case "slack":
                return web.json_response({"ok": True, "channel": f"D{to[1:]}", "ts": f"{self.numbers}.000100"})
        return web.json_response({"ok": True, "result": {"message_id": self.numbers}})

    def small_talk(self, request: web.Request, fields: Mapping[str, Any]) -> web.Response:
        """What shows no message: profiles, answered presses, toasts."""
        name = {"displayName": "Hanako", "language": "ja"}
        user = {"profile": {"display_name": "Hanako"}, "locale": "ja-JP"}
        return web.json_response({"ok": True, "result": True, "user": user, **name})

    async def open(self, _: web.Application) -> None:
        await self.talkers.begin()

    async def close(self, _: web.Application) -> None:
        await self.talkers.end()

    def calm(self) -> None:
        self.faulty = False
        self.talkers.silent = True


def busy(platform: str, seconds: int) -> web.Response:
    headers = {"Retry-After": str(seconds)} if platform == "slack" else {}
    parameters = {"parameters": {"retry_after": seconds}} if platform == "telegram" else {}
    said = {"ok": False, "error": "ratelimited", "error_code": BUSY, "description": "Too Many Requests", **parameters}
    return web.json_response(said, status=BUSY, headers=headers)


async def read(request: web.Request) -> Mapping[str, Any]:
    if request.content_type == "application/json" and request.can_read_body:
        found: Mapping[str, Any] = await request.json()
        return found
    form = await request.post()
    return {**request.query, **{name: str(value) for name, value in form.items()}}


def run(plan: Plan) -> None:
    """Until it is killed. SIGUSR1: faults stop, and so do the people."""
    journal = Journal(plan.journal("platforms"))
    talkers = Talkers(plan, Journal(plan.journal("said")))
    platforms = Platforms(plan, journal, random.Random(plan.seed + 1), talkers)
    bank.serve(plan.platforms, platforms, [web.route("*", "/{path:.*}", platforms.call)])
