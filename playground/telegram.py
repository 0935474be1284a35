"""The emulated Telegram Bot API: updates, the bot's own settings, files; sending is next door."""

import json
import re
from collections.abc import Callable
from typing import Any

from playground.exchange import Answer, Asked, Exchange
from playground.limits import Check
from playground.phone import Person, Phone
from playground.telegram_chats import TelegramChats
from playground.telegram_limits import check_commands
from playground.telegram_phone import TelegramPhone
from playground.telegram_sends import TelegramSends, fine, refused

Method = Callable[[dict[str, Any], Asked], Answer]
PATH = re.compile(r"/bot([^/]+)/(\w+)")
FILE = re.compile(r"/file/bot([^/]+)/(.+)")
POLL_SECONDS_MAX = 50


class Telegram:
    """The API side of Telegram."""

    def __init__(self, exchange: Exchange, token: str, webhook_secret: str) -> None:
        self.exchange = exchange
        self.token = token
        bot = {
            "id": int(token.split(":", maxsplit=1)[0]),
            "is_bot": True,
            "first_name": "Arigato",
            "username": "arigato_demo_bot",
        }
        self.chats = TelegramChats(exchange, bot, webhook_secret)
        self.sends = TelegramSends(exchange, self.chats)
        self.settings: dict[tuple[str, str], Any] = {}
        self.commands: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.methods: dict[str, Method] = {
            "getme": self._me,
            "getupdates": self._updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
            "setmycommands": self._set_commands,
            "getmycommands": self._get_commands,
            "deletemycommands": self._set_commands,
            "setchatmenubutton": self._menu_button,
            "setmydescription": self._setting("description"),
            "setmyshortdescription": self._setting("short_description"),
            "setmyname": self._setting("name"),
            "getmydescription": self._read_setting("description"),
            "getmyshortdescription": self._read_setting("short_description"),
            "getmyname": self._read_setting("name"),
            "getfile": self._file,
            "logout": lambda *_: fine(True),
            "close": lambda *_: fine(True),
            **self.sends.methods(),
        }

    def answer(self, asked: Asked) -> Answer:
        file = FILE.fullmatch(asked.path)
        if file and file[1] == self.token and file[2] in self.chats.files:
            return Answer(200, self.chats.files[file[2]][1], {"content-type": "application/octet-stream"})
        called = PATH.fullmatch(asked.path)
        if called is None:
            return refused(404, "Not Found")
        if called[1] != self.token:
            return refused(401, "Unauthorized")
        method = self.methods.get(called[2].lower())
        if method is None:
            check = Check()
            check.fail(called[2], "not emulated or not a method")
            return Answer(404, refused(404, "Not Found: method not found").body, breaches=tuple(check.problems))
        return method(_decoded(asked), asked)

    def name_of(self, asked: Asked) -> str:
        return asked.path.rsplit("/", 1)[-1]

    def broken(self, asked: Asked, status: int, retry_after: int) -> Answer:
        if status != 429:
            return refused(status, "Internal Server Error")
        told = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {retry_after}"}
        return Answer(429, {**told, "parameters": {"retry_after": retry_after}}, {"retry-after": str(retry_after)})

    def waits(self, asked: Asked) -> float:
        """A poll is held until there is something, as long as it was asked to be."""
        if not asked.path.lower().endswith("/getupdates") or self.chats.webhook_url:
            return 0.0
        fields = _decoded(asked)
        offset = int(fields.get("offset") or 0)
        if any(update["update_id"] >= offset for update in list(self.chats.updates)):
            return 0.0
        return float(min(int(fields.get("timeout") or 0), POLL_SECONDS_MAX))

    def phone(self, person: Person) -> Phone:
        return TelegramPhone(person, self.chats, self._commands_for)

    def verify(self) -> bool:
        """Telegram has no such button; what it has is a queue that should be empty."""
        return not self.chats.updates

    def _me(self, fields: dict[str, Any], asked: Asked) -> Answer:
        abilities = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        more = {"can_connect_to_business": False, "has_main_web_app": False}
        return fine({**self.chats.bot, **abilities, **more})

    def _updates(self, fields: dict[str, Any], asked: Asked) -> Answer:
        if self.chats.webhook_url:
            reason = (
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
            return refused(409, f"Conflict: {reason}")
        if isinstance(fields.get("allowed_updates"), list):
            self.chats.allowed = fields["allowed_updates"]
        offset, limit = int(fields.get("offset") or 0), int(fields.get("limit") or 100)
        with self.exchange.changed:
            kept = [update for update in self.chats.updates if update["update_id"] >= offset]
            self.chats.updates[:] = kept
            return fine(kept[:limit])

    def _set_webhook(self, fields: dict[str, Any], asked: Asked) -> Answer:
        """Whatever address the product names, its updates come to the one this emulator was given: loopback only."""
        url = str(fields.get("url") or "")
        check = Check()
        https = not url or url.startswith("https://")
        check.need(https, "url", "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        secret = fields.get("secret_token")
        good = secret is None or re.fullmatch(r"[A-Za-z0-9_-]{1,256}", str(secret)) is not None
        check.need(good, "secret_token", "Bad Request: secret token contains unallowed characters")
        if check.problems:
            return refused(400, check.problems[0].message, check)
        self.chats.webhook_url = self.exchange.webhook if url else ""
        if secret is not None:
            self.chats.webhook_secret = str(secret)
        if isinstance(fields.get("allowed_updates"), list):
            self.chats.allowed = fields["allowed_updates"]
        self._drop(fields)
        self.exchange.later(0, self.chats.flush)
        return Answer(200, {"ok": True, "result": True, "description": "Webhook was set"})

    def _delete_webhook(self, fields: dict[str, Any], asked: Asked) -> Answer:
        self.chats.webhook_url = ""
        self._drop(fields)
        return Answer(200, {"ok": True, "result": True, "description": "Webhook was deleted"})

    def _drop(self, fields: dict[str, Any]) -> None:
        if fields.get("drop_pending_updates") is True:
            with self.exchange.changed:
                self.chats.updates.clear()

    def _webhook_info(self, fields: dict[str, Any], asked: Asked) -> Answer:
        about = {"url": self.chats.webhook_url, "has_custom_certificate": False}
        error = {"last_error_message": self.chats.last_error} if self.chats.last_error else {}
        return fine({**about, "pending_update_count": len(self.chats.updates), **error})

    def _set_commands(self, fields: dict[str, Any], asked: Asked) -> Answer:
        check = Check()
        commands = fields.get("commands", [])
        check_commands(check, commands)
        if check.problems:
            return refused(400, check.problems[0].message, check)
        self.commands[_command_key(fields)] = commands
        return fine(True)

    def _get_commands(self, fields: dict[str, Any], asked: Asked) -> Answer:
        return fine(self.commands.get(_command_key(fields), []))

    def _commands_for(self, person: Person) -> list[dict[str, Any]]:
        for scope in (f"chat:{person.id}", "all_private_chats", "default"):
            for language in (person.language, ""):
                if self.commands.get((scope, language)):
                    return self.commands[scope, language]
        return []

    def _menu_button(self, fields: dict[str, Any], asked: Asked) -> Answer:
        self.settings["menu_button", str(fields.get("chat_id", ""))] = fields.get("menu_button")
        return fine(True)

    def _setting(self, name: str) -> Method:
        def write(fields: dict[str, Any], asked: Asked) -> Answer:
            self.settings[name, str(fields.get("language_code", ""))] = fields.get(name, "")
            return fine(True)

        return write

    def _read_setting(self, name: str) -> Method:
        def read(fields: dict[str, Any], asked: Asked) -> Answer:
            return fine({name: self.settings.get((name, str(fields.get("language_code", ""))), "")})

        return read

    def _file(self, fields: dict[str, Any], asked: Asked) -> Answer:
        id = str(fields.get("file_id"))
        if id not in self.chats.files:
            return refused(400, "Bad Request: invalid file_id")
        size = len(self.chats.files[id][1])
        return fine({"file_id": id, "file_unique_id": id[:12], "file_size": size, "file_path": id})


def _command_key(fields: dict[str, Any]) -> tuple[str, str]:
    scope = fields.get("scope") or {"type": "default"}
    name = f"chat:{scope['chat_id']}" if scope["type"] == "chat" else str(scope["type"])
    return name, str(fields.get("language_code") or "")


def _decoded(asked: Asked) -> dict[str, Any]:
    """Form values are text: numbers, booleans and nested JSON are read out of them, words are left alone."""
    words = ("text", "caption", "name", "description", "short_description", "secret_token", "callback_query_id", "url")
    fields = {**asked.query, **asked.fields}
    return {name: value if name in words else _value(value) for name, value in fields.items()}


def _value(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value in ("true", "True"):
        return True
    if value in ("false", "False"):
        return False
    if value[:1] in "[{" or re.fullmatch(r"-?\d+", value):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
