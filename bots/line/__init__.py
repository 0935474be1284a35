"""LINE: the Bot of this platform."""

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote

from bots import text
from bots.door import each_of, word
from bots.line import inbound, menu, outbound
from bots.ports import Answer, Finding, Headers, Received, Sent
from conversations.messages import Incoming, Outgoing, Sender

WEBHOOK = "/v2/bot/channel/webhook/endpoint"


class LineBot:
    """`destination` is the bot's own user id, when it is known: events for another channel are then refused.
    `menu_words` are the rich menu's six words (see menu.py), as (label, words it says), and `chat_bar` the word that
    opens it."""

    platform = "line"

    def __init__(
        self,
        secret: str,
        token: str,
        api_base: str,
        *,
        destination: str = "",
        menu_words: Sequence[tuple[str, str]] = (),
        chat_bar: str = "",
    ) -> None:
        self.secrets = each_of(secret)
        if not self.secrets or not token:
            raise ValueError("LINE needs its channel secret and its channel access token")
        self.destination = destination
        self.menu_words = tuple(menu_words)
        self.chat_bar = chat_bar
        self.line = outbound.Line(token, api_base)

    def receive(self, headers: Headers, body: bytes, now: float) -> tuple[Answer, list[Received]]:
        return inbound.receive(self.secrets, self.destination, headers, body, now)

    def read(self, event: bytes) -> Incoming | None:
        return inbound.read(event)

    def fetch(self, reference: str, limit_bytes: int) -> bytes:
        return self.line.content(reference, limit_bytes)

    def profile(self, sender: Sender) -> Sender:
        found = self.line.call("GET", f"/v2/bot/profile/{quote(sender.outside_id, safe='')}").body
        spoken = word(found, "language")[:2]
        return replace(
            sender,
            name=text.kept(word(found, "displayName")) or sender.name,
            language=spoken if spoken in ("ja", "en") else sender.language,
        )

    def send(self, outgoing: Outgoing, retry_key: str) -> Sent:
        return outbound.send(self.line, outgoing, retry_key, outbound.clock())

    def set_up(self, public_url: str) -> list[str]:
        address = f"{public_url.rstrip('/')}/webhooks/line"
        done = []
        if address.startswith("https://"):
            reply = self.line.call("PUT", WEBHOOK, {"endpoint": address})
            done.append(
                f"webhook {address}: {'set' if reply.status == HTTPStatus.OK else reply.message or reply.status}"
            )
        else:
            done.append("webhook not set: LINE takes https addresses only")
        return done + menu.set_up(self.line, self.menu_words, self.chat_bar)

    def examine(self) -> list[Finding]:
        info = self.line.call("GET", "/v2/bot/info")
        if info.status != HTTPStatus.OK:
            return [Finding("error", "LINE token", f"refused: {info.status} {info.message}".strip())]
        findings = [Finding("ok", "LINE bot", f"{word(info.body, 'displayName')} ({word(info.body, 'basicId')})")]
        webhook = self.line.call("GET", WEBHOOK)
        active = webhook.status == HTTPStatus.OK and webhook.body.get("active") is True
        address = word(webhook.body, "endpoint") or "none is set"
        findings.append(
            Finding("ok" if active else "warning", "LINE webhook", address if active else f"off: {address}")
        )
        return findings

    def close(self) -> None:
        self.line.client.close()
        self.line.client.rest_client.pool_manager.clear()
