"""The bodies of Slack's interactive webhooks."""

from typing import Any

from playground.phone import Person
from playground.slack_chats import GENERAL, VERIFICATION_TOKEN, SlackChats


class SlackPayloads:
    """Everything one person's presses look like on the wire."""

    def __init__(self, person: Person, chats: SlackChats, direct_id: str) -> None:
        self.person = person
        self.chats = chats
        self.direct_id = direct_id

    def command(self, command: str, text: str) -> dict[str, str]:
        workspace = self.chats.workspace
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": workspace.team_id,
            "team_domain": "playground",
            "channel_id": self.direct_id,
            "channel_name": "directmessage",
            "user_id": self.person.id,
            "user_name": self.person.id.lower(),
            "command": command,
            "text": text,
            "api_app_id": workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": self.chats.response_url(self.person.id, self.direct_id, ""),
            "trigger_id": self.chats.trigger(self.person.id),
        }

    def action(self, place: dict[str, Any], action: dict[str, Any], ephemeral: bool) -> dict[str, Any]:
        """`place` is the message or the view the element stands in."""
        payload = {**self._about("block_actions"), "trigger_id": self.chats.trigger(self.person.id)}
        payload["actions"] = [action]
        if "ts" not in place:
            container = {"type": "view", "view_id": place["id"]}
            return {**payload, "container": container, "view": place}
        channel, ts = place["channel"], place["ts"]
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": ephemeral}
        name = "general" if channel == GENERAL else "directmessage"
        return {
            **payload,
            "container": container,
            "channel": {"id": channel, "name": name},
            **({} if ephemeral else {"message": place}),
            "state": {"values": {}},
            "response_url": self.chats.response_url(self.person.id, channel, ts),
        }

    def submission(self, view: dict[str, Any]) -> dict[str, Any]:
        return {
            **self._about("view_submission"),
            "trigger_id": self.chats.trigger(self.person.id),
            "view": view,
            "response_urls": [],
        }

    def closed(self, view: dict[str, Any]) -> dict[str, Any]:
        return {**self._about("view_closed"), "view": view, "is_cleared": False}

    def shortcut(self, callback_id: str) -> dict[str, Any]:
        about = {**self._about("shortcut"), "callback_id": callback_id, "action_ts": self.chats.new_ts()[0]}
        return {**about, "trigger_id": self.chats.trigger(self.person.id)}

    def message_shortcut(self, callback_id: str, message: dict[str, Any]) -> dict[str, Any]:
        return {
            **self.shortcut(callback_id),
            "type": "message_action",
            "message_ts": message["ts"],
            "message": message,
            "channel": {"id": self.direct_id, "name": "directmessage"},
            "response_url": self.chats.response_url(self.person.id, self.direct_id, message["ts"]),
        }

    def _about(self, kind: str) -> dict[str, Any]:
        team = self.chats.workspace.team_id
        name = self.person.id.lower()
        return {
            "type": kind,
            "user": {"id": self.person.id, "username": name, "name": name, "team_id": team},
            "api_app_id": self.chats.workspace.app_id,
            "token": VERIFICATION_TOKEN,
            "team": {"id": team, "domain": "playground"},
            "enterprise": None,
            "is_enterprise_install": False,
        }
