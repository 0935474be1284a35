"""A phone with LINE on it."""

import mimetypes
import uuid
from datetime import date
from typing import Any

from playground.line_chats import LineChats
from playground.line_menus import LineMenus
from playground.phone import NotOnScreen, Person, find_tap, wait_until_seen
from playground.screen import Bubble, Screen, Tap

MENU_WORD = "メニュー"


class LinePhone:
    """One person's talk with the bot on LINE."""

    def __init__(self, person: Person, chats: LineChats, menus: LineMenus) -> None:
        self.person = person
        self.opened: list[str] = []
        self.chats = chats
        self.menus = menus
        self.chat = chats.chat(person)

    def follows(self) -> None:
        self._acts()
        again = self.chat.blocked
        self.chat.friend, self.chat.blocked = True, False
        self._send("follow", {"follow": {"isUnblocked": again}}, replies=True)

    def blocks(self) -> None:
        self._acts()
        self.chat.blocked = True
        self._send("unfollow", {}, replies=False)

    def says(self, text: str) -> None:
        self._sends_message({"type": "text", "text": text, "quoteToken": uuid.uuid4().hex})

    def sends_file(self, name: str, content: bytes) -> None:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        message: dict[str, Any] = {"type": "file", "fileName": name, "fileSize": len(content)}
        if kind.startswith("image/"):
            message = {"type": "image", "contentProvider": {"type": "line"}, "quoteToken": uuid.uuid4().hex}
        id = self.chats.message_id()
        self.chats.contents[id] = (kind, content)
        self._sends_message({"id": id, **message})

    def taps(self, label: str) -> None:
        self._press(self._find(label))

    def taps_old(self, bubble_id: str, label: str, place: int = 0) -> None:
        bubble = next((bubble for bubble in self.chat.bubbles if bubble.id == bubble_id), None)
        if bubble is None:
            raise NotOnScreen(bubble_id, self.screen())
        # A quick reply pressed twice within a blink arrives twice, so old ones can be pressed here too.
        items = (bubble.raw.get("quickReply") or {}).get("items") or []
        quick = tuple(Tap(item["action"].get("label", ""), "", item["action"]) for item in items)
        tap = find_tap(label, (*bubble.taps, *quick), place)
        if tap is None:
            raise NotOnScreen(label, self.screen())
        self._press(tap)

    def picks(self, label: str, day: date) -> None:
        action = self._find(label).raw
        if action["type"] != "datetimepicker":
            raise NotOnScreen(f"a date picker called {label}", self.screen())
        earliest, latest = action.get("min", ""), action.get("max", "9999")
        if not earliest[:10] <= day.isoformat() <= latest[:10].ljust(10, "9"):
            raise NotOnScreen(f"{day} in the date picker {label}", self.screen())
        value = {"date": f"{day}", "datetime": f"{day}T00:00", "time": "00:00"}[action["mode"]]
        self._acts()
        self._close_quick()
        self._send("postback", {"postback": {"data": action["data"], "params": {action["mode"]: value}}}, replies=True)

    def commands(self, text: str) -> None:
        self.says(text)

    def opens_home(self) -> None:
        self.says(MENU_WORD)

    def submits(self, values: dict[str, str]) -> dict[str, str]:
        raise NotOnScreen("a form", self.screen())

    def screen(self) -> Screen:
        with self.chats.exchange.changed:
            return Screen(tuple(self.chat.bubbles), self.chat.quick, self.menus.taps(self.chat))

    def sees(self, text: str, seconds: float = 10) -> Bubble:
        return wait_until_seen(
            self.chats.exchange,
            text,
            after=self.chat.acted_at,
            seconds=seconds,
            visible=lambda: self.chat.bubbles + self._quick_bubble(),
            screen=self.screen,
        )

    def _quick_bubble(self) -> list[Bubble]:
        """Quick replies are read as part of the newest message."""
        if not self.chat.quick or not self.chat.bubbles:
            return []
        newest = self.chat.bubbles[-1]
        return [Bubble(newest.id, newest.mine, newest.text, newest.raw, self.chat.quick, False, newest.at)]

    def _find(self, label: str) -> Tap:
        with self.chats.exchange.changed:
            shown = [tap for bubble in reversed(self.chat.bubbles) for tap in bubble.taps]
            tap = find_tap(label, (*self.chat.quick, *shown, *self.menus.taps(self.chat)))
        if tap is None:
            raise NotOnScreen(label, self.screen())
        return tap

    def _press(self, tap: Tap) -> None:
        action = tap.raw
        match action["type"]:
            case "message":
                self.says(action["text"])
            case "uri":
                self.opened.append(action["uri"])
            case "postback":
                self._acts()
                self._close_quick()
                said = action.get("displayText") or action.get("text")
                if said:
                    self.chats.say(self.chat, {"id": self.chats.message_id(), "type": "text", "text": said})
                self._send("postback", {"postback": {"data": action["data"]}}, replies=True)
            case "richmenuswitch":
                self._acts()
                switched = self.menus.switch(self.chat, action["richMenuAliasId"])
                status = "SUCCESS" if switched else "RICHMENU_ALIAS_ID_NOTFOUND"
                params = {"newRichMenuAliasId": action["richMenuAliasId"], "status": status}
                self._send("postback", {"postback": {"data": action["data"], "params": params}}, replies=True)
            case other:
                raise NotOnScreen(f"{tap.label} as something to tap (it is a {other})", self.screen())

    def _sends_message(self, message: dict[str, Any]) -> None:
        self._acts()
        known = {"id": self.chats.message_id(), **message}
        self.chats.say(self.chat, known)
        self._send("message", {"message": known}, replies=True)

    def _close_quick(self) -> None:
        with self.chats.exchange.changed:
            self.chat.quick = ()

    def _acts(self) -> None:
        self.chat.acted_at = self.chats.exchange.now()

    def _send(self, kind: str, details: dict[str, Any], *, replies: bool) -> None:
        self.chats.send(self.chats.event(self.chat, kind, details, replies=replies))
