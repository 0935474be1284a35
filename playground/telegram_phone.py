"""A phone with Telegram on it."""

import mimetypes
import secrets as dice
from collections.abc import Callable
from datetime import date
from typing import Any

from playground.limits import utf16
from playground.phone import NotOnScreen, Person, find_tap, wait_until_seen
from playground.screen import Bubble, Screen, Tap
from playground.telegram_chats import TelegramChats, as_bubble

Commands = Callable[[Person], list[dict[str, Any]]]


class TelegramPhone:
    """One person's private chat with the bot on Telegram."""

    def __init__(self, person: Person, chats: TelegramChats, commands_for: Commands) -> None:
        self.person = person
        self.opened: list[str] = []
        self.chats = chats
        self.commands_for = commands_for
        self.chat = chats.chat(person)

    def follows(self) -> None:
        if self.chat.blocked:
            self._membership("kicked", "member")
        self.chat.blocked = False
        self.says("/start")

    def blocks(self) -> None:
        self._acts()
        self.chat.blocked = True
        self._membership("member", "kicked")

    def says(self, text: str) -> None:
        self._acts()
        self.chat.started = True
        content: dict[str, Any] = {"text": text}
        if text.startswith("/"):
            command = text.split(maxsplit=1)[0]
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": utf16(command)}]
        self.chats.push("message", self.chats.add(self.chat, self.chats.user(self.chat), content))

    def edits(self, bubble_id: str, text: str) -> None:
        """The person corrects what they said before."""
        self._acts()
        message = self.chat.messages[int(bubble_id)]
        self.chats.push("edited_message", self.chats.change(self.chat, int(bubble_id), {**message, "text": text}))

    def sends_file(self, name: str, content: bytes) -> None:
        self._acts()
        self.chat.started = True
        file_id, unique = dice.token_urlsafe(30), dice.token_urlsafe(8)
        self.chats.files[file_id] = (name, content)
        known = {"file_id": file_id, "file_unique_id": unique, "file_size": len(content)}
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        sent: dict[str, Any] = {"document": {**known, "file_name": name, "mime_type": kind}}
        if kind in ("image/png", "image/jpeg"):
            sent = {"photo": [{**known, "width": 90, "height": 90}]}
        self.chats.push("message", self.chats.add(self.chat, self.chats.user(self.chat), sent))

    def taps(self, label: str) -> None:
        for bubble in reversed(self._bubbles()):
            tap = find_tap(label, bubble.taps)
            if tap is not None:
                self._press(bubble, tap)
                return
        tap = find_tap(label, (*self._keyboard(), *self._menu()))
        if tap is None:
            raise NotOnScreen(label, self.screen())
        self.says(label)

    def taps_old(self, bubble_id: str, label: str, place: int = 0) -> None:
        """Also a button that was edited away or deleted: the press was already on its way."""
        versions = [each for each in reversed([*self.chat.past, *self._bubbles()]) if each.id == bubble_id]
        for bubble in versions:
            tap = find_tap(label, bubble.taps, place)
            if tap is not None:
                self._press(bubble, tap)
                return
        raise NotOnScreen(f"{label} on {bubble_id}", self.screen())

    def picks(self, label: str, day: date) -> None:
        """Telegram has no date picker: a day is a button or is typed."""
        shown = [tap.label for bubble in self._bubbles() for tap in bubble.taps]
        if label in shown:
            self.taps(label)
        else:
            self.says(day.isoformat())

    def commands(self, text: str) -> None:
        self.says(text)

    def opens_home(self) -> None:
        self.says("/menu")

    def submits(self, values: dict[str, str]) -> dict[str, str]:
        raise NotOnScreen("a form", self.screen())

    def screen(self) -> Screen:
        with self.chats.exchange.changed:
            return Screen(tuple(self._bubbles()), self._keyboard(), self._menu(), toast=self.chat.toast)

    def sees(self, text: str, seconds: float = 10) -> Bubble:
        return wait_until_seen(
            self.chats.exchange,
            text,
            after=self.chat.acted_at,
            seconds=seconds,
            visible=lambda: self._bubbles() + self._toast(),
            screen=self.screen,
        )

    def _bubbles(self) -> list[Bubble]:
        with self.chats.exchange.changed:
            return [as_bubble(self.chat, message) for message in self.chat.messages.values()]

    def _toast(self) -> list[Bubble]:
        if self.chat.toast is None:
            return []
        return [Bubble("toast", False, self.chat.toast, {}, (), False, self.chat.toast_at)]

    def _keyboard(self) -> tuple[Tap, ...]:
        return tuple(Tap(key["text"], "message", key) for key in self.chat.keyboard)

    def _menu(self) -> tuple[Tap, ...]:
        return tuple(Tap("/" + each["command"], "message", each) for each in self.commands_for(self.person))

    def _press(self, bubble: Bubble, tap: Tap) -> None:
        if "callback_data" not in tap.raw:
            self.opened.append(tap.raw.get("url") or tap.raw.get("web_app", {}).get("url", ""))
            return
        self._acts()
        id = str(dice.randbits(62))
        self.chats.callbacks[id] = int(self.person.id)
        query = {
            "id": id,
            "from": self.chats.user(self.chat),
            "message": self.chat.messages.get(int(bubble.id), bubble.raw),
            "chat_instance": str(dice.randbits(62)),
            "data": tap.raw["callback_data"],
        }
        self.chats.push("callback_query", query)

    def _membership(self, old: str, new: str) -> None:
        def member(status: str) -> dict[str, Any]:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": self.chats.bot, "status": status, **until}

        change = {"chat": self.chats.place(self.chat), "from": self.chats.user(self.chat)}
        at = {"date": int(self.chats.exchange.clock())}
        self.chats.push(
            "my_chat_member", {**change, **at, "old_chat_member": member(old), "new_chat_member": member(new)}
        )

    def _acts(self) -> None:
        with self.chats.exchange.changed:
            self.chat.acted_at = self.chats.exchange.now()
            self.chat.toast = None
