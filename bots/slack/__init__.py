"""Slack: the Bot of this platform."""

import time
from dataclasses import replace

from bots import text
from bots.door import each_of, part, word
from bots.ports import Answer, Finding, Headers, Received, Sent
from bots.slack import inbound, outbound
from bots.slack.door import Door
from bots.slack.forms import Check
from conversations.messages import Incoming, Outgoing, Sender


class SlackBot:
    """`check` says what is wrong with a form's field: (kind, text, language) -> sentence or None. `team_id` and
    `app_id`, where known: requests for another workspace, or of another app, are refused. Without a signing secret only
    Socket Mode brings events."""

    platform = "slack"

    def __init__(
        self,
        signing_secret: str,
        bot_token: str,
        api_base: str,
        app_token: str = "",
        *,
        check: Check | None = None,
        team_id: str = "",
        app_id: str = "",
    ) -> None:
        if not bot_token or not (signing_secret or app_token):
            raise ValueError("Slack needs its bot token, and its signing secret or an app token for Socket Mode")
        self.door = Door(each_of(signing_secret), team_id, app_id, check)
        self.app_token = app_token
        self.slack = outbound.Slack(bot_token, api_base)

    def receive(self, headers: Headers, body: bytes, now: float) -> tuple[Answer, list[Received]]:
        return self.door.receive(headers, body, now)

    def read(self, event: bytes) -> Incoming | None:
        return inbound.read(event)

    def fetch(self, reference: str, limit_bytes: int) -> bytes:
        return self.slack.content(reference, limit_bytes)

    def profile(self, sender: Sender) -> Sender:
        _, found = self.slack.ask("users.info", {"user": sender.outside_id, "include_locale": "true"})
        user = part(found, "user")
        named = word(user, "profile", "display_name") or word(user, "profile", "real_name") or word(user, "real_name")
        spoken = word(user, "locale")[:2]
        return replace(
            sender,
            name=text.kept(named) or sender.name,
            language=spoken if spoken in ("ja", "en") else sender.language,
        )

    def send(self, outgoing: Outgoing, retry_key: str) -> Sent:
        return outbound.send(self.slack, outgoing, time.time())

    def set_up(self, public_url: str) -> list[str]:
        address = f"{public_url.rstrip('/')}/webhooks/slack"
        return [f"nothing to do by API: the app's manifest names {address} for events, interactivity and /arigato"]

    def examine(self) -> list[Finding]:
        sent, found = self.slack.call("auth.test", {})
        if sent.result != "sent":
            return [Finding("error", "Slack token", f"refused: {sent.error}")]
        way = "Socket Mode" if self.app_token else "webhooks"
        return [
            Finding("ok", "Slack bot", f"{word(found, 'user')} in {word(found, 'team')} ({word(found, 'team_id')})"),
            Finding("ok", "Slack events", f"come by {way}"),
        ]

    def close(self) -> None:
        """The SDK's client opens a connection for each call and keeps none."""
