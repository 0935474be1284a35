"""What the emulated Telegram knows: private chats, messages, and the queue of updates."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from playground.exchange import Delivered, Exchange
from playground.phone import Person
from playground.screen import Bubble, Tap

NOT_SENT_UNLESS_ASKED = ("chat_member", "message_reaction", "message_reaction_count")


@dataclass
class Chat:
    """One person's private chat with the bot."""

    person: Person
    started: bool = False
    blocked: bool = False
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    seen_at: dict[int, float] = field(default_factory=dict)
    keyboard: list[dict[str, Any]] = field(default_factory=list)
    past: list[Bubble] = field(default_factory=list)
    toast: str | None = None
    toast_at: float = 0.0
    acted_at: float = 0.0


class TelegramChats:
    """Chats, and updates on their way to the product: by webhook or by long poll."""

    def __init__(self, exchange: Exchange, bot: dict[str, Any], webhook_secret: str) -> None:
        self.exchange = exchange
        self.bot = bot
        self.webhook_secret = webhook_secret
        self.webhook_url: str = exchange.webhook
        self.allowed: list[str] = []
        self.chats: dict[int, Chat] = {}
        self.updates: list[dict[str, Any]] = []
        self.callbacks: dict[str, int] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.last_error: str | None = None
        self._message_id = 100
        self._update_id = 500_000_000
        self._sending = threading.Lock()
        self._failed = 0

    def chat(self, person: Person) -> Chat:
        with self.exchange.changed:
            return self.chats.setdefault(int(person.id), Chat(person))

    def user(self, chat: Chat) -> dict[str, Any]:
        person = chat.person
        return {"id": int(person.id), "is_bot": False, "first_name": person.name, "language_code": person.language}

    def place(self, chat: Chat) -> dict[str, Any]:
        return {"id": int(chat.person.id), "type": "private", "first_name": chat.person.name}

    def add(self, chat: Chat, sender: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        """A new message in the chat, from either side."""
        with self.exchange.changed:
            self._message_id += 1
            at = self.exchange.now()
            message = {
                "message_id": self._message_id,
                "from": sender,
                "chat": self.place(chat),
                "date": int(at),
                **content,
            }
            chat.messages[self._message_id] = message
            chat.seen_at[self._message_id] = at
            self.exchange.changed.notify_all()
            return message

    def change(self, chat: Chat, message_id: int, content: dict[str, Any]) -> dict[str, Any]:
        with self.exchange.changed:
            self.keep(chat, message_id)
            at = self.exchange.now()
            chat.messages[message_id] = {**content, "edit_date": int(at)}
            chat.seen_at[message_id] = at
            self.exchange.changed.notify_all()
            return chat.messages[message_id]

    def keep(self, chat: Chat, message_id: int) -> None:
        """A finger may be on a button while it goes: what was shown can still be pressed as a stale one."""
        if message_id in chat.messages:
            chat.past.append(as_bubble(chat, chat.messages[message_id]))

    def push(self, kind: str, content: dict[str, Any]) -> None:
        wanted = kind in self.allowed if self.allowed else kind not in NOT_SENT_UNLESS_ASKED
        if not wanted:
            return
        with self.exchange.changed:
            self._update_id += 1
            self.updates.append({"update_id": self._update_id, kind: content})
            self.exchange.changed.notify_all()
        self.flush()

    def flush(self) -> None:
        """The oldest update goes first; while the product refuses it, those behind it wait."""
        while self.webhook_url:
            with self._sending:
                if not self.updates:
                    return
                delivered = self._post(self.updates[0])
                if delivered.accepted:
                    self._failed = 0
                    self.updates.pop(0)
                    continue
                self.last_error = f"Wrong response from the webhook: {delivered.status}"
                wait = self.exchange.waits[min(self._failed, len(self.exchange.waits) - 1)]
                self._failed += 1
            self.exchange.later(wait, self.flush)
            return

    def _post(self, update: dict[str, Any]) -> Delivered:
        headers = {"content-type": "application/json", "x-telegram-bot-api-secret-token": self.webhook_secret}
        return self.exchange.deliver(json.dumps(update).encode(), headers, update)


def as_bubble(chat: Chat, message: dict[str, Any]) -> Bubble:
    id = message["message_id"]
    words = [message.get("text") or message.get("caption") or ""]
    if "document" in message:
        words.append(f"[file] {message['document'].get('file_name', '')}")
    if "photo" in message:
        words.append("[photo]")
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    taps = tuple(Tap(key["text"], "postback" if "callback_data" in key else "url", key) for row in rows for key in row)
    text = "\n".join(line for line in words if line)
    mine = not message["from"]["is_bot"]
    return Bubble(str(id), mine, text, message, taps, "edit_date" in message, chat.seen_at[id])
