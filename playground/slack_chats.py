"""What the emulated Slack workspace knows: people, channels, messages, views, tokens that run out; and its webhooks."""

import hashlib
import hmac
import json
import queue
import secrets as dice
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from playground.exchange import Delivered, Exchange
from playground.phone import Person

GENERAL = "C0GENERAL"
BOT_USER = "U0ARIGATO"
BOT_ID = "B0ARIGATO"
VERIFICATION_TOKEN = "deprecated-verification-token"  # noqa: S105  Slack still sends one; nothing checks it


@dataclass(frozen=True)
class Workspace:
    """Who signs, who calls, and where."""

    signing_secret: str
    bot_token: str
    team_id: str
    app_id: str


@dataclass
class Channel:
    """A channel, or somebody's direct messages with the bot."""

    id: str
    members: set[str]
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen_at: dict[str, float] = field(default_factory=dict)
    past: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Desk:
    """What only one person sees: home, open modals, ephemeral messages."""

    person: Person
    ephemeral: dict[str, tuple[dict[str, Any], float]] = field(default_factory=dict)
    home: tuple[dict[str, Any], float] | None = None
    modals: list[tuple[dict[str, Any], float]] = field(default_factory=list)
    toast: str | None = None
    toast_at: float = 0.0
    acted_at: float = 0.0


@dataclass
class Pass:
    """A trigger_id or a response_url: whose, since when, how often used."""

    user: str
    issued_at: float
    channel: str = ""
    message_ts: str = ""
    uses: int = 0


class SlackChats:
    """The workspace and its webhooks."""

    def __init__(self, exchange: Exchange, workspace: Workspace) -> None:
        self.exchange = exchange
        self.workspace = workspace
        self.desks: dict[str, Desk] = {}
        self.channels: dict[str, Channel] = {GENERAL: Channel(GENERAL, {BOT_USER})}
        self.triggers: dict[str, Pass] = {}
        self.response_urls: dict[str, Pass] = {}
        self.files: dict[str, tuple[dict[str, Any], bytes]] = {}
        self._echoes: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._send_echoes, daemon=True).start()

    def desk(self, person: Person) -> Desk:
        with self.exchange.changed:
            self.channels[GENERAL].members.add(person.id)
            return self.desks.setdefault(person.id, Desk(person))

    def direct(self, user: str) -> Channel:
        id = "D" + user[1:]
        with self.exchange.changed:
            return self.channels.setdefault(id, Channel(id, {user, BOT_USER}))

    def channel(self, id: str) -> Channel | None:
        """A channel by its id, or somebody's direct messages by theirs."""
        return self.direct(id) if id in self.desks else self.channels.get(id)

    def new_ts(self) -> tuple[str, float]:
        at = self.exchange.now()
        return f"{at:.6f}", at

    def add(self, channel: Channel, content: dict[str, Any]) -> dict[str, Any]:
        with self.exchange.changed:
            ts, at = self.new_ts()
            message = {"type": "message", "team": self.workspace.team_id, "ts": ts, **content}
            channel.messages[ts] = message
            channel.seen_at[ts] = at
            self.exchange.changed.notify_all()
        return message

    def bot_message(self, text: str, blocks: list[dict[str, Any]] | None) -> dict[str, Any]:
        about = {"user": BOT_USER, "bot_id": BOT_ID, "app_id": self.workspace.app_id, "text": text}
        return {**about, "blocks": with_ids(blocks)} if blocks else about

    def echo(self, channel: Channel, event: dict[str, Any]) -> None:
        """Slack tells an app of its own messages too."""
        kind = "im" if channel.id.startswith("D") else "channel"
        self._echoes.put({"channel": channel.id, "channel_type": kind, "event_ts": event["ts"], **event})

    def show_ephemeral(self, user: str, message: dict[str, Any]) -> str:
        with self.exchange.changed:
            ts, at = self.new_ts()
            self.desks[user].ephemeral[ts] = ({**message, "ts": ts}, at)
            self.exchange.changed.notify_all()
        return ts

    def trigger(self, user: str) -> str:
        id = f"{dice.randbits(40)}.{dice.randbits(40)}.{dice.token_hex(16)}"
        self.triggers[id] = Pass(user, self.exchange.clock())
        return id

    def response_url(self, user: str, channel: str, message_ts: str) -> str:
        token = dice.token_urlsafe(24)
        self.response_urls[token] = Pass(user, self.exchange.clock(), channel, message_ts)
        return f"{self.exchange.base}response/{token}"

    def send_event(self, event: dict[str, Any]) -> None:
        """An event is sent again until it is taken, three times at most."""
        team = self.workspace.team_id
        person = {"enterprise_id": None, "team_id": team, "user_id": BOT_USER, "is_bot": True}
        payload = {
            "token": VERIFICATION_TOKEN,
            "team_id": team,
            "context_team_id": team,
            "api_app_id": self.workspace.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": "Ev" + dice.token_hex(5).upper(),
            "event_time": int(self.exchange.clock()),
            "authorizations": [{**person, "is_enterprise_install": False}],
            "is_ext_shared_channel": False,
        }
        self._deliver_event(payload, {}, 0)

    def send_payload(self, payload: dict[str, Any]) -> Delivered:
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return self._post(body, "application/x-www-form-urlencoded", payload, {})

    def send_command(self, form: dict[str, str]) -> Delivered:
        return self._post(urlencode(form).encode(), "application/x-www-form-urlencoded", form, {})

    def send_challenge(self) -> bool:
        challenge = dice.token_hex(20)
        payload = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
        delivered = self._post(json.dumps(payload).encode(), "application/json", payload, {})
        return delivered.accepted and challenge.encode() in delivered.body

    def _send_echoes(self) -> None:
        while True:
            self.send_event(self._echoes.get())

    def _deliver_event(self, payload: dict[str, Any], headers: dict[str, str], tried: int) -> None:
        delivered = self._post(json.dumps(payload).encode(), "application/json", payload, headers)
        if delivered.accepted or tried >= len(self.exchange.waits):
            return
        reason = "http_error" if delivered.status else "http_timeout"
        again = {"x-slack-retry-num": str(tried + 1), "x-slack-retry-reason": reason}
        self.exchange.later(self.exchange.waits[tried], lambda: self._deliver_event(payload, again, tried + 1))

    def _post(self, body: bytes, content_type: str, shown: Any, headers: dict[str, str]) -> Delivered:
        timestamp = str(int(self.exchange.clock()))
        base = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(self.workspace.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        signed = {
            "content-type": content_type,
            "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": f"v0={digest}",
        }
        return self.exchange.deliver(body, {**signed, **headers}, shown)


def with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Slack gives a block_id and action_ids where the app gave none."""
    known = [{**block, "block_id": block.get("block_id") or dice.token_hex(3)} for block in blocks]
    for block in known:
        for name in ("accessory", "element"):
            if isinstance(block.get(name), dict):
                block[name] = _with_action_id(block[name])
        if block["type"] == "actions":
            block["elements"] = [_with_action_id(each) for each in block["elements"]]
    return known


def _with_action_id(element: dict[str, Any]) -> dict[str, Any]:
    return {**element, "action_id": element.get("action_id") or dice.token_hex(3)}
