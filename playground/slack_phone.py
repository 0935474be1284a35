"""A phone with Slack on it: direct messages with the bot, #general, Home and modals."""

import uuid
from dataclasses import replace
from datetime import date
from typing import Any

from playground.exchange import Answer, Delivered
from playground.phone import NotOnScreen, Person, find_tap, wait_until_seen
from playground.screen import Bubble, Screen, Tap
from playground.slack_chats import BOT_USER, GENERAL, Channel, SlackChats
from playground.slack_files import new_file
from playground.slack_form import (
    NoSuchOption,
    empty_fields,
    inputs_of,
    json_said,
    names_of,
    problems_of_answer,
    state_of,
    value_of,
)
from playground.slack_look import message_bubble, view_bubble, view_taps
from playground.slack_payloads import SlackPayloads
from playground.slack_views import SlackViews


class SlackPhone:
    """One member of the workspace."""

    def __init__(self, person: Person, chats: SlackChats, views: SlackViews) -> None:
        self.person = person
        self.opened: list[str] = []
        self.chats = chats
        self.views = views
        self.desk = chats.desk(person)
        self.direct = chats.direct(person.id)
        self.payloads = SlackPayloads(person, chats, self.direct.id)

    def follows(self) -> None:
        self._opens("messages")

    def opens_home(self) -> None:
        self._opens("home")

    def blocks(self) -> None:
        raise NotOnScreen("a way to block an app", self.screen())

    def says(self, text: str) -> None:
        self._says(text, {})

    def mentions(self, text: str) -> None:
        """Speaks to the bot in #general."""
        self._acts()
        content = {"user": self.person.id, "text": f"<@{BOT_USER}> {text}"}
        message = self.chats.add(self.chats.channels[GENERAL], content)
        self.chats.send_event({**message, "type": "app_mention", "channel": GENERAL, "event_ts": message["ts"]})

    def sends_file(self, name: str, content: bytes) -> None:
        file = new_file(self.chats, name, len(content))
        self.chats.files[file["id"]] = (file, content)
        self._says("", {"subtype": "file_share", "files": [file], "upload": False})

    def commands(self, text: str) -> None:
        self._acts()
        command, _, rest = text.partition(" ")
        delivered = self.chats.send_command(self.payloads.command(command, rest))
        if not delivered.accepted:
            self._toast(f'{command} failed with the error "dispatch_failed"')
            return
        self._shows_answer(delivered)

    def shortcut(self, callback_id: str) -> None:
        self._acts()
        self._sends(self.payloads.shortcut(callback_id))

    def message_shortcut(self, bubble_id: str, callback_id: str) -> None:
        self._acts()
        self._sends(self.payloads.message_shortcut(callback_id, self.direct.messages[bubble_id]))

    def taps(self, label: str) -> None:
        bubble, tap = self._find(label)
        self._press(bubble, tap)

    def taps_old(self, bubble_id: str, label: str, place: int = 0) -> None:
        """Also a button that was updated away: the press was already on its way."""
        places = (self.direct, self.chats.channels[GENERAL])
        past = [self._bubble(place, message) for place in places for message in place.past]
        for bubble in reversed([*past, *self._visible()]):
            tap = find_tap(label, bubble.taps, place) if bubble.id == bubble_id else None
            if tap is not None:
                self._press(bubble, tap)
                return
        raise NotOnScreen(f"{label} on {bubble_id}", self.screen())

    def picks(self, label: str, day: date) -> None:
        bubble, tap = self._find(label)
        if tap.kind != "date":
            raise NotOnScreen(f"a date picker called {label}", self.screen())
        self._act_on(bubble, tap, {"selected_date": day.isoformat()}, day.isoformat())

    def submits(self, values: dict[str, str]) -> dict[str, str]:
        view = self._modal()
        known = {name for block in inputs_of(view) for name in names_of(block)}
        unknown = [name for name in values if name not in known]
        if unknown:
            raise NotOnScreen(", ".join(unknown), self.screen())
        try:
            state = state_of(view, values)
        except NoSuchOption as option:
            raise NotOnScreen(f"the option {option}", self.screen()) from option
        errors = empty_fields(view, state, self.person.language)
        if errors:
            return errors
        self._acts()
        delivered = self.chats.send_payload(self.payloads.submission({**view, "state": state}))
        if not delivered.accepted:
            self._toast("We had some trouble connecting. Try again?")
            return {}
        return self._submitted(view, delivered)

    def closes(self) -> None:
        view = self._modal()
        self._acts()
        self._drop_modal()
        if view["notify_on_close"]:
            self._sends(self.payloads.closed(view))

    def screen(self) -> Screen:
        with self.chats.exchange.changed:
            desk = self.desk
            modal = desk.modals[-1][0] if desk.modals else None
            return Screen(
                bubbles=tuple(self._messages()),
                home=view_bubble(*desk.home) if desk.home else None,
                modal=modal,
                ephemeral=tuple(self._ephemeral()),
                toast=desk.toast,
                modal_taps=view_taps(modal) if modal else (),
            )

    def sees(self, text: str, seconds: float = 10) -> Bubble:
        return wait_until_seen(
            self.chats.exchange,
            text,
            after=self.desk.acted_at,
            seconds=seconds,
            visible=self._visible,
            screen=self.screen,
        )

    def _messages(self) -> list[Bubble]:
        places = (self.chats.channels[GENERAL], self.direct)
        found = [self._bubble(place, message) for place in places for message in place.messages.values()]
        return sorted(found, key=lambda each: each.id)

    def _bubble(self, place: Channel, message: dict[str, Any]) -> Bubble:
        shown = message_bubble({**message, "channel": place.id}, BOT_USER, place.seen_at[message["ts"]])
        # Somebody else's words in #general are not this person's.
        return replace(shown, mine=message["user"] == self.person.id)

    def _ephemeral(self) -> list[Bubble]:
        return [message_bubble(message, BOT_USER, at) for message, at in self.desk.ephemeral.values()]

    def _visible(self) -> list[Bubble]:
        """Oldest first; an open modal lies on top of everything."""
        with self.chats.exchange.changed:
            desk = self.desk
            home = [view_bubble(*desk.home)] if desk.home else []
            toast = [Bubble("toast", False, desk.toast, {}, (), False, desk.toast_at)] if desk.toast else []
            modal = [view_bubble(*desk.modals[-1])] if desk.modals else []
            shown = sorted([*self._messages(), *self._ephemeral(), *home], key=lambda each: each.at)
            return [*shown, *toast, *modal]

    def _find(self, label: str) -> tuple[Bubble, Tap]:
        for bubble in reversed(self._visible()):
            tap = find_tap(label, bubble.taps)
            if tap is not None:
                return bubble, tap
        raise NotOnScreen(label, self.screen())

    def _press(self, bubble: Bubble, tap: Tap) -> None:
        end = tap.raw.get("view_end")
        if end == "submit":
            self.submits({})
        elif end == "close":
            self.closes()
        elif tap.kind == "select":
            option = tap.raw["option"]
            many = tap.raw["element"]["type"] in ("checkboxes", "multi_static_select")
            chosen = {"selected_options": [option]} if many else {"selected_option": option}
            self._act_on(bubble, tap, chosen, tap.label)
        elif tap.kind == "date":
            raise NotOnScreen(f"{tap.label} as something to tap: pick a day", self.screen())
        else:
            if tap.kind == "url":
                self.opened.append(tap.raw["element"]["url"])
            self._act_on(bubble, tap, {}, "")

    def _act_on(self, bubble: Bubble, tap: Tap, chosen: dict[str, Any], said: str) -> None:
        element = tap.raw["element"]
        self._acts()
        view = next((view for view, _ in self.desk.modals if view["id"] == bubble.id), None)
        if view is not None and element["type"] != "button":
            self._fill(view, tap, said)
        block = next(each for each in bubble.raw["blocks"] if each["block_id"] == tap.raw["block_id"])
        if tap.raw["input"] and not block.get("dispatch_action"):
            return
        kept = {name: element[name] for name in ("value", "text") if name in element}
        at = self.chats.new_ts()[0]
        about = {"type": element["type"], "action_id": element["action_id"], "block_id": tap.raw["block_id"]}
        action = {**about, **kept, **chosen, "action_ts": at}
        place = bubble.raw if "channel" in bubble.raw else view or bubble.raw
        self._sends(self.payloads.action(place, action, bubble.id in self.desk.ephemeral))

    def _fill(self, view: dict[str, Any], tap: Tap, said: str) -> None:
        """What is chosen in an open modal stays there until it is sent."""
        entry = {tap.raw["element"]["action_id"]: value_of(tap.raw["element"], said)}
        with self.chats.exchange.changed:
            view["state"]["values"][tap.raw["block_id"]] = entry

    def _says(self, text: str, more: dict[str, Any]) -> None:
        self._acts()
        message = self.chats.add(self.direct, {"user": self.person.id, "text": _escaped(text), **more})
        about = {"channel": self.direct.id, "channel_type": "im", "event_ts": message["ts"]}
        self.chats.send_event({**message, **about, "client_msg_id": str(uuid.uuid4())})

    def _opens(self, tab: str) -> None:
        self._acts()
        view = {"view": self.desk.home[0]} if self.desk.home and tab == "home" else {}
        about = {"type": "app_home_opened", "user": self.person.id, "channel": self.direct.id, "tab": tab}
        self.chats.send_event({**about, "event_ts": self.chats.new_ts()[0], **view})

    def _submitted(self, view: dict[str, Any], delivered: Delivered) -> dict[str, str]:
        said = json_said(delivered)
        problems = problems_of_answer(said)
        self.chats.exchange.record("view_submission (answer)", said, Answer(200, {}, breaches=problems))
        if problems:
            self._toast("We had some trouble connecting. Try again?")
            return {}
        match said.get("response_action"):
            case "errors":
                return {str(block): str(error) for block, error in said["errors"].items()}
            case "update":
                self.views.replace(self.desk, view, said["view"])
            case "push":
                self.views.put(self.desk, said["view"])
            case "clear":
                self.desk.modals.clear()
            case _:
                self._drop_modal(view["id"])
        return {}

    def _drop_modal(self, id: str | None = None) -> None:
        with self.chats.exchange.changed:
            kept = [each for each in self.desk.modals if each[0]["id"] != id] if id else self.desk.modals[:-1]
            self.desk.modals[:] = kept
            self.chats.exchange.changed.notify_all()

    def _modal(self) -> dict[str, Any]:
        if not self.desk.modals:
            raise NotOnScreen("a modal", self.screen())
        return self.desk.modals[-1][0]

    def _shows_answer(self, delivered: Delivered) -> None:
        said = json_said(delivered) if "json" in delivered.content_type else {"text": delivered.body.decode()}
        if not said.get("text") and not said.get("blocks"):
            return
        blocks = said.get("blocks")
        content = self.chats.bot_message(str(said.get("text") or ""), blocks if isinstance(blocks, list) else None)
        if said.get("response_type") == "in_channel":
            self.chats.add(self.direct, content)
        else:
            self.chats.show_ephemeral(self.person.id, {"type": "message", "channel": self.direct.id, **content})

    def _sends(self, payload: dict[str, Any]) -> None:
        if not self.chats.send_payload(payload).accepted:
            self._toast("Something went wrong. The app did not answer.")

    def _toast(self, text: str) -> None:
        with self.chats.exchange.changed:
            self.desk.toast, self.desk.toast_at = text, self.chats.exchange.now()
            self.chats.exchange.changed.notify_all()

    def _acts(self) -> None:
        with self.chats.exchange.changed:
            self.desk.acted_at = self.chats.exchange.now()
            self.desk.toast = None


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
