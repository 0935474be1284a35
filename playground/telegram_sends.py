"""Telegram's methods that show something to a person: send, edit, delete, answer a press."""

import secrets as dice
from collections.abc import Callable
from typing import Any

from playground.exchange import Answer, Asked, Exchange
from playground.limits import Check
from playground.telegram_chats import Chat, TelegramChats
from playground.telegram_html import NotHtml, parse_html
from playground.telegram_limits import check_markup, check_parameters, check_text

Method = Callable[[dict[str, Any], Asked], Answer]
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
TOAST_MAX = 200
CHAT_ACTIONS = (
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
)


def fine(result: Any) -> Answer:
    return Answer(200, {"ok": True, "result": result})


def refused(status: int, description: str, check: Check | None = None) -> Answer:
    body = {"ok": False, "error_code": status, "description": description}
    return Answer(status, body, breaches=tuple(check.problems) if check else ())


class TelegramSends:
    """What the bot does in a chat."""

    def __init__(self, exchange: Exchange, chats: TelegramChats) -> None:
        self.exchange = exchange
        self.chats = chats

    def methods(self) -> dict[str, Method]:
        return {
            "sendmessage": self._send,
            "sendphoto": self._send_file("photo"),
            "senddocument": self._send_file("document"),
            "sendchataction": self._action,
            "editmessagetext": self._edit_text,
            "editmessagereplymarkup": self._edit_markup,
            "deletemessage": self._delete,
            "answercallbackquery": self._answer_press,
        }

    def _send(self, fields: dict[str, Any], asked: Asked) -> Answer:
        check = Check()
        content = _content(check, fields, "text")
        check_parameters(check, fields, ("chat_id",))
        return self._add(check, fields, content)

    def _send_file(self, kind: str) -> Method:
        def send(fields: dict[str, Any], asked: Asked) -> Answer:
            check = Check()
            check_parameters(check, {**fields, **asked.files}, ("chat_id", kind))
            content = _content(check, fields, "caption")
            name = str(fields.get(kind, kind)).removeprefix("attach://")
            file = asked.files.get(name) or asked.files.get(kind)
            if file is not None:
                content |= {kind: self._keep(kind, *file)}
            elif not check.problems and name not in self.chats.files:
                check.need(name.startswith("https://"), kind, "Bad Request: wrong remote file identifier specified")
            return self._add(check, fields, content)

        return send

    def _keep(self, kind: str, name: str, content: bytes) -> Any:
        file_id = dice.token_urlsafe(30)
        self.chats.files[file_id] = (name, content)
        known = {"file_id": file_id, "file_unique_id": file_id[:12], "file_size": len(content)}
        return [{**known, "width": 90, "height": 90}] if kind == "photo" else {**known, "file_name": name}

    def _add(self, check: Check, fields: dict[str, Any], content: dict[str, Any]) -> Answer:
        chat, refusal = self._open_chat(check, fields)
        if chat is None:
            return refusal
        markup = fields.get("reply_markup") or {}
        if "inline_keyboard" in markup:
            content["reply_markup"] = markup
        if "keyboard" in markup or "remove_keyboard" in markup:
            rows = markup.get("keyboard") or []
            chat.keyboard = [{"text": key} if isinstance(key, str) else key for row in rows for key in row]
        return fine(self.chats.add(chat, self.chats.bot, content))

    def _open_chat(self, check: Check, fields: dict[str, Any]) -> tuple[Chat | None, Answer]:
        """The chat, if the bot may write there."""
        if check.problems:
            return None, refused(400, check.problems[0].message, check)
        known = self.chats.chats.get(_number(fields["chat_id"]))
        if known is None:
            return None, refused(400, "Bad Request: chat not found")
        if known.blocked or known.person.id in self.exchange.faults.get("blocked", ()):
            return None, refused(403, "Forbidden: bot was blocked by the user")
        if not known.started:
            return None, refused(403, "Forbidden: bot can't initiate conversation with a user")
        return known, fine(True)

    def _action(self, fields: dict[str, Any], asked: Asked) -> Answer:
        check = Check()
        check_parameters(check, fields, ("chat_id", "action"))
        wrong = "Bad Request: wrong parameter action in request"
        check.need(fields.get("action") in CHAT_ACTIONS, "action", wrong)
        chat, refusal = self._open_chat(check, fields)
        return fine(True) if chat else refusal

    def _edit_text(self, fields: dict[str, Any], asked: Asked) -> Answer:
        check = Check()
        content = _content(check, fields, "text")
        return self._edit(check, fields, content, ("text", "entities"))

    def _edit_markup(self, fields: dict[str, Any], asked: Asked) -> Answer:
        check = Check()
        check_markup(check, fields.get("reply_markup"))
        return self._edit(check, fields, {}, ())

    def _edit(self, check: Check, fields: dict[str, Any], content: dict[str, Any], replaced: tuple[str, ...]) -> Answer:
        check_parameters(check, fields, ("chat_id", "message_id"))
        chat, refusal = self._open_chat(check, fields)
        if chat is None:
            return refusal
        message_id = _number(fields["message_id"])
        with self.exchange.changed:
            old = chat.messages.get(message_id)
            if old is None:
                return refused(400, "Bad Request: message to edit not found")
            if old["from"]["id"] != self.chats.bot["id"]:
                return refused(400, "Bad Request: message can't be edited")
            kept = {name: value for name, value in old.items() if name not in (*replaced, "reply_markup", "edit_date")}
            markup = fields.get("reply_markup") or {}
            shown = {"reply_markup": markup} if markup.get("inline_keyboard") else {}
            new = {**kept, **content, **shown}
            if new == {name: value for name, value in old.items() if name != "edit_date"}:
                check.fail("text", "message is not modified")
                return refused(400, NOT_MODIFIED, check)
            return fine(self.chats.change(chat, message_id, new))

    def _delete(self, fields: dict[str, Any], asked: Asked) -> Answer:
        check = Check()
        check_parameters(check, fields, ("chat_id", "message_id"))
        chat, refusal = self._open_chat(check, fields)
        if chat is None:
            return refusal
        with self.exchange.changed:
            self.chats.keep(chat, _number(fields["message_id"]))
            gone = chat.messages.pop(_number(fields["message_id"]), None)
            self.exchange.changed.notify_all()
        return fine(True) if gone else refused(400, "Bad Request: message to delete not found")

    def _answer_press(self, fields: dict[str, Any], asked: Asked) -> Answer:
        check = Check()
        text = str(fields.get("text") or "")
        check.need(len(text) <= TOAST_MAX, "text", "Bad Request: MESSAGE_TOO_LONG")
        if check.problems:
            return refused(400, check.problems[0].message, check)
        with self.exchange.changed:
            person = self.chats.callbacks.pop(str(fields.get("callback_query_id")), None)
            if person is None:
                return refused(400, TOO_OLD)
            chat = self.chats.chats[person]
            chat.toast, chat.toast_at = text or None, self.exchange.now()
            self.exchange.changed.notify_all()
        return fine(True)


def _content(check: Check, fields: dict[str, Any], name: str) -> dict[str, Any]:
    """The words with their entities, as they will stand in the message."""
    source = str(fields.get(name) or "")
    mode = str(fields.get("parse_mode") or "").lower()
    entities = fields.get("entities" if name == "text" else "caption_entities") or []
    words = source.strip()
    if mode == "html":
        try:
            words, entities = parse_html(source)
        except NotHtml as reason:
            check.fail(name, f"Bad Request: can't parse entities: {reason}")
            return {}
    elif mode:
        check.fail("parse_mode", "Bad Request: unsupported parse_mode")
    check_text(check, words, name)
    check_markup(check, fields.get("reply_markup"))
    marks = {"entities" if name == "text" else "caption_entities": entities} if entities else {}
    return {name: words, **marks} if words else {}


def _number(value: Any) -> int:
    try:
        return int(value)
    except ValueError:
        return 0
