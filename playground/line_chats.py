"""What the emulated LINE knows: who is a friend of the bot, and what each of them sees."""

import base64
import hashlib
import hmac
import json
import secrets as dice
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from playground.exchange import Delivered, Exchange
from playground.line_look import as_bubble, quick_taps
from playground.phone import Person
from playground.screen import Bubble, Tap

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REPLY_TOKEN_SECONDS = 60


@dataclass
class Chat:
    """One friend's talk with the bot."""

    person: Person
    friend: bool = False
    blocked: bool = False
    bubbles: list[Bubble] = field(default_factory=list)
    quick: tuple[Tap, ...] = ()
    menu_id: str | None = None
    acted_at: float = 0.0


@dataclass(frozen=True)
class ReplyToken:
    person_id: str
    issued_at: float


class LineChats:
    """The chats, the webhooks they cause and the content people have sent."""

    def __init__(self, exchange: Exchange, channel_secret: str) -> None:
        self.exchange = exchange
        self.channel_secret = channel_secret
        self.bot_id = "U" + hashlib.md5(channel_secret.encode(), usedforsecurity=False).hexdigest()
        self.chats: dict[str, Chat] = {}
        self.reply_tokens: dict[str, ReplyToken] = {}
        self.contents: dict[str, tuple[str, bytes]] = {}
        self._messages = 500_000_000_000_000_000

    def chat(self, person: Person) -> Chat:
        with self.exchange.changed:
            return self.chats.setdefault(person.id, Chat(person))

    def message_id(self) -> str:
        with self.exchange.changed:
            self._messages += 1
            return str(self._messages)

    def show(self, chat: Chat, messages: list[dict[str, Any]], ids: list[str]) -> None:
        """The bot's messages arrive. Quick replies belong to the newest message only."""
        with self.exchange.changed:
            if not chat.blocked and chat.person.id not in self.exchange.faults.get("blocked", ()):
                for id, message in zip(ids, messages, strict=True):
                    chat.bubbles.append(as_bubble(id, message, self.exchange.now()))
                    chat.quick = quick_taps(message)
            self.exchange.changed.notify_all()

    def say(self, chat: Chat, message: dict[str, Any]) -> None:
        """The person's own message: shown, and its quick replies are gone."""
        with self.exchange.changed:
            mine = as_bubble(message["id"], message, self.exchange.now())
            chat.bubbles.append(replace(mine, mine=True))
            chat.quick = ()
            self.exchange.changed.notify_all()

    def event(self, chat: Chat, kind: str, details: dict[str, Any], *, replies: bool) -> dict[str, Any]:
        at = self.exchange.clock()
        event: dict[str, Any] = {
            "type": kind,
            "webhookEventId": ulid(at),
            "deliveryContext": {"isRedelivery": False},
            "timestamp": int(at * 1000),
            "source": {"type": "user", "userId": chat.person.id},
            "mode": "active",
            **details,
        }
        if replies:
            token = dice.token_hex(16)
            event["replyToken"] = token
            with self.exchange.changed:
                self.reply_tokens[token] = ReplyToken(chat.person.id, at)
        return event

    def send(self, *events: dict[str, Any]) -> Delivered:
        """One POST; what the product does not take is sent again later with the same event ids."""
        delivered = self._post(list(events))
        if not delivered.accepted:
            self._again(list(events), 0)
        return delivered

    def take_reply_token(self, token: str) -> Chat | None:
        """Once, and within a minute."""
        with self.exchange.changed:
            known = self.reply_tokens.pop(token, None)
            if known is None or self.exchange.clock() - known.issued_at > REPLY_TOKEN_SECONDS:
                return None
            return self.chats[known.person_id]

    def _again(self, events: list[dict[str, Any]], tried: int) -> None:
        if not events or tried >= len(self.exchange.waits):
            return
        repeated = [{**event, "deliveryContext": {"isRedelivery": True}} for event in events]

        def redeliver() -> None:
            if not self._post(repeated).accepted:
                self._again(repeated, tried + 1)

        self.exchange.later(self.exchange.waits[tried], redeliver)

    def _post(self, events: list[dict[str, Any]]) -> Delivered:
        payload = {"destination": self.bot_id, "events": events}
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        digest = hmac.new(self.channel_secret.encode(), body, hashlib.sha256).digest()
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "LineBotWebhook/2.0",
            "x-line-signature": base64.b64encode(digest).decode(),
        }
        return self.exchange.deliver(body, headers, payload)


def ulid(at: float, roll: Callable[[int], int] = dice.randbits) -> str:
    number = (int(at * 1000) << 80) | roll(80)
    return "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -5, -5))
