"""Telegram: the Bot of this platform."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aiogram.exceptions import AiogramError

from bots.door import each_of, whole_number, word
from bots.ports import Answer, Finding, Headers, Received, Sent
from bots.telegram import inbound, outbound
from conversations.messages import Incoming, Outgoing, Sender

# Named, because what is not named stays as it was set before.
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
DESCRIPTION_MAX = 256


class TelegramBot:
    """`commands` are those of the menu by language, as (name, description). Without a webhook secret only polling
    brings updates: every webhook is refused."""

    platform = "telegram"

    def __init__(
        self,
        token: str,
        webhook_secret: str,
        api_base: str,
        *,
        commands: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    ) -> None:
        self.secrets = each_of(webhook_secret)
        if not TOKEN.fullmatch(token) or not all(map(SECRET.fullmatch, self.secrets)):
            raise ValueError("Telegram needs its bot token; a webhook secret is up to 256 of A-Z a-z 0-9 _ -")
        self.tenant = token.partition(":")[0]
        self.commands = commands or {}
        self.telegram = outbound.Telegram(token, api_base)

    def receive(self, headers: Headers, body: bytes, now: float) -> tuple[Answer, list[Received]]:
        return inbound.receive(self.secrets, self.tenant, headers, body, now)

    def read(self, event: bytes) -> Incoming | None:
        return inbound.read(event)

    def fetch(self, reference: str, limit_bytes: int) -> bytes:
        return self.telegram.content(reference, limit_bytes)

    def profile(self, sender: Sender) -> Sender:
        """Telegram says name and language with every message."""
        return sender

    def send(self, outgoing: Outgoing, retry_key: str) -> Sent:
        return outbound.send(self.telegram, outgoing)

    def set_up(self, public_url: str) -> list[str]:
        address = f"{public_url.rstrip('/')}/webhooks/telegram"
        done = []
        if not self.secrets:
            done.append("webhook not set: there is no webhook secret, updates come by polling")
        elif address.startswith("https://"):
            sent = outbound.attempt(
                self.telegram,
                "setWebhook",
                url=address,
                secret_token=self.secrets[0],
                allowed_updates=ALLOWED_UPDATES,
            )
            done.append(f"webhook {address}: {sent.error or 'set'}")
        else:
            done.append("webhook not set: Telegram takes https addresses only")
        return done + [self.set_commands(language) for language in self.commands]

    def set_commands(self, language: str) -> str:
        commands = [
            {"command": name, "description": about[:DESCRIPTION_MAX]}
            for name, about in self.commands[language]
            if COMMAND.fullmatch(name)
        ]
        # English is also for everybody whose language has no list of its own.
        scope: dict[str, Any] = {} if language == "en" else {"language_code": language}
        sent = outbound.attempt(self.telegram, "setMyCommands", commands=commands, **scope)
        return f"commands ({language}): {sent.error or len(commands)}"

    def examine(self) -> list[Finding]:
        try:
            me = self.telegram.call("getMe")
            hook = self.telegram.call("getWebhookInfo")
        except (AiogramError, OSError) as error:
            return [Finding("error", "Telegram token", f"refused: {error}")]
        findings = [Finding("ok", "Telegram bot", f"@{word(me, 'username')}")]
        address = word(hook, "url")
        findings.append(Finding("ok" if address else "warning", "Telegram webhook", address or "none is set"))
        if word(hook, "last_error_message"):
            findings.append(Finding("warning", "Telegram delivery", word(hook, "last_error_message")))
        waiting = whole_number(hook, "pending_update_count")
        if waiting:
            findings.append(Finding("warning", "Telegram queue", f"{waiting} updates wait"))
        return findings

    def close(self) -> None:
        self.telegram.close()
