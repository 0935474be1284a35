"""The emulated Slack Web API: messages, people, channels; views and files are next door."""

import json
import re
from collections.abc import Callable
from typing import Any

from playground.exchange import Answer, Asked, Exchange
from playground.limits import Check
from playground.phone import Person, Phone
from playground.slack_chats import BOT_ID, BOT_USER, GENERAL, Channel, SlackChats, Workspace, with_ids
from playground.slack_files import SlackFiles
from playground.slack_limits import MESSAGE_BLOCKS_MAX, check_blocks
from playground.slack_phone import SlackPhone
from playground.slack_views import SlackViews, breach, fine, refused

Method = Callable[[dict[str, Any]], Answer]
METHOD = re.compile(r"/(?:api/)?([a-z]\w*(?:\.\w+)+)")
RESPONSE = re.compile(r"/response/([\w-]+)")
RESPONSE_USES_MAX = 5
RESPONSE_SECONDS = 30 * 60
TEXT_MAX = 40_000
NESTED = ("blocks", "view", "attachments", "metadata", "files")
ZONES = {"ja": ("ja-JP", "Asia/Tokyo", 32400), "en": ("en-US", "America/New_York", -18000)}


class Slack:
    """The API side of Slack."""

    def __init__(self, exchange: Exchange, workspace: Workspace) -> None:
        self.exchange = exchange
        self.workspace = workspace
        self.chats = SlackChats(exchange, workspace)
        self.views = SlackViews(exchange, self.chats)
        self.files = SlackFiles(exchange, self.chats)
        self.methods: dict[str, Method] = {
            "api.test": lambda _: fine(),
            "auth.test": self._auth,
            "team.info": lambda _: fine(team={"id": workspace.team_id, "name": "Playground", "domain": "playground"}),
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.getPermalink": self._permalink,
            "conversations.open": self._open,
            "conversations.info": self._info,
            "conversations.members": self._members,
            "users.info": self._user,
            "reactions.add": self._react,
            **self.views.methods(),
            **self.files.methods(),
        }

    def answer(self, asked: Asked) -> Answer:
        response = RESPONSE.fullmatch(asked.path)
        if response:
            return self._respond(response[1], asked)
        if asked.path.startswith(("/upload/", "/files/")):
            return self.files.transfer(asked)
        called = METHOD.fullmatch(asked.path)
        if called is None or called[1] not in self.methods:
            return breach("unknown_method", asked.path, "not emulated or not a method")
        args = {name: _decoded(name, value) for name, value in {**asked.query, **asked.fields}.items()}
        token = args.pop("token", None) or asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token != self.workspace.bot_token:
            return refused("invalid_auth" if token else "not_authed")
        return self.methods[called[1]](args)

    def name_of(self, asked: Asked) -> str:
        called = METHOD.fullmatch(asked.path)
        return called[1] if called else asked.path.split("/")[1]

    def broken(self, asked: Asked, status: int, retry_after: int) -> Answer:
        if status == 429:
            return Answer(429, {"ok": False, "error": "ratelimited"}, {"retry-after": str(retry_after)})
        return Answer(status, {"ok": False, "error": "internal_error"})

    def waits(self, asked: Asked) -> float:
        return 0.0

    def phone(self, person: Person) -> Phone:
        return SlackPhone(person, self.chats, self.views)

    def verify(self) -> bool:
        return self.chats.send_challenge()

    def _auth(self, args: dict[str, Any]) -> Answer:
        about = {"url": "https://playground.slack.com/", "team": "Playground", "user": "arigato"}
        team = {"team_id": self.workspace.team_id, "is_enterprise_install": False}
        return fine(**about, **team, user_id=BOT_USER, bot_id=BOT_ID)

    def _post(self, args: dict[str, Any]) -> Answer:
        refusal = _check_message(args)
        if refusal is not None:
            return refusal
        channel = self.chats.channel(str(args.get("channel")))
        if channel is None:
            return refused("channel_not_found")
        thread = {"thread_ts": args["thread_ts"]} if args.get("thread_ts") else {}
        content = self.chats.bot_message(str(args.get("text") or ""), args.get("blocks"))
        message = self.chats.add(channel, {**content, **thread})
        self.chats.echo(channel, message)
        return fine(channel=channel.id, ts=message["ts"], message=message)

    def _update(self, args: dict[str, Any]) -> Answer:
        refusal = _check_message(args)
        if refusal is not None:
            return refusal
        channel, ts = self._message(args)
        if channel is None:
            return refused("message_not_found")
        old = channel.messages[ts]
        if old.get("user") != BOT_USER:
            return refused("cant_update_message")
        message = self._change(channel, ts, str(args.get("text") or ""), args.get("blocks"))
        return fine(channel=channel.id, ts=ts, text=message["text"], message=message)

    def _change(self, channel: Channel, ts: str, text: str, blocks: list[dict[str, Any]] | None) -> dict[str, Any]:
        with self.exchange.changed:
            new_ts, at = self.chats.new_ts()
            channel.past.append(channel.messages[ts])
            kept = {name: value for name, value in channel.messages[ts].items() if name != "blocks"}
            shown = {"blocks": with_ids(blocks)} if blocks else {}
            message = {**kept, "text": text, **shown, "edited": {"user": BOT_USER, "ts": new_ts}}
            channel.messages[ts] = message
            channel.seen_at[ts] = at
            self.exchange.changed.notify_all()
        self.chats.echo(channel, {"type": "message", "subtype": "message_changed", "message": message, "ts": new_ts})
        return message

    def _delete(self, args: dict[str, Any]) -> Answer:
        channel, ts = self._message(args)
        if channel is None:
            return refused("message_not_found")
        with self.exchange.changed:
            channel.past.append(channel.messages.pop(ts))
            self.exchange.changed.notify_all()
        return fine(channel=channel.id, ts=ts)

    def _message(self, args: dict[str, Any]) -> tuple[Channel | None, str]:
        """Unlike chat.postMessage, changing a message wants the channel's own id."""
        channel, ts = self.chats.channels.get(str(args.get("channel"))), str(args.get("ts"))
        return (channel, ts) if channel and ts in channel.messages else (None, ts)

    def _post_ephemeral(self, args: dict[str, Any]) -> Answer:
        refusal = _check_message(args)
        if refusal is not None:
            return refusal
        channel, user = self.chats.channel(str(args.get("channel"))), str(args.get("user"))
        if channel is None:
            return refused("channel_not_found")
        if user not in channel.members:
            return refused("user_not_in_channel")
        content = self.chats.bot_message(str(args.get("text") or ""), args.get("blocks"))
        message = {"type": "message", "channel": channel.id, **content}
        return fine(message_ts=self.chats.show_ephemeral(user, message))

    def _permalink(self, args: dict[str, Any]) -> Answer:
        channel, ts = self._message({"channel": args.get("channel"), "ts": args.get("message_ts")})
        if channel is None:
            return refused("message_not_found")
        link = f"https://playground.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
        return fine(channel=channel.id, permalink=link)

    def _open(self, args: dict[str, Any]) -> Answer:
        user = str(args.get("users") or "")
        if user not in self.chats.desks:
            return refused("user_not_found")
        return fine(channel={"id": self.chats.direct(user).id})

    def _info(self, args: dict[str, Any]) -> Answer:
        channel = self.chats.channels.get(str(args.get("channel")))
        if channel is None:
            return refused("channel_not_found")
        direct = channel.id != GENERAL
        name = {"user": next(iter(channel.members - {BOT_USER}), "")} if direct else {"name": "general"}
        return fine(channel={"id": channel.id, "is_im": direct, "is_channel": not direct, "is_member": True, **name})

    def _members(self, args: dict[str, Any]) -> Answer:
        channel = self.chats.channels.get(str(args.get("channel")))
        if channel is None:
            return refused("channel_not_found")
        return fine(members=sorted(channel.members), response_metadata={"next_cursor": ""})

    def _user(self, args: dict[str, Any]) -> Answer:
        desk = self.chats.desks.get(str(args.get("user")))
        if desk is None:
            return refused("user_not_found")
        person = desk.person
        locale, zone, offset = ZONES.get(person.language, ZONES["en"])
        flags = {"deleted": False, "is_bot": False, "is_app_user": False, "is_admin": False, "is_restricted": False}
        about = {
            "id": person.id,
            "team_id": self.workspace.team_id,
            "name": person.id.lower(),
            "real_name": person.name,
        }
        profile = {"display_name": person.name, "real_name": person.name, "team": self.workspace.team_id}
        shown = {"locale": locale} if args.get("include_locale") in (True, "true", "1", 1) else {}
        return fine(user={**about, **flags, "tz": zone, "tz_offset": offset, "profile": profile, **shown})

    def _react(self, args: dict[str, Any]) -> Answer:
        channel, ts = self._message({"channel": args.get("channel"), "ts": args.get("timestamp")})
        if channel is None:
            return refused("message_not_found")
        with self.exchange.changed:
            reactions = channel.messages[ts].setdefault("reactions", [])
            if any(each["name"] == args.get("name") for each in reactions):
                return refused("already_reacted")
            reactions.append({"name": args.get("name"), "users": [BOT_USER], "count": 1})
        return fine()

    def _respond(self, token: str, asked: Asked) -> Answer:
        known = self.chats.response_urls.get(token)
        if known is None:
            return breach("invalid_url", "response_url", "unknown")
        known.uses += 1
        if known.uses > RESPONSE_USES_MAX or self.exchange.clock() - known.issued_at > RESPONSE_SECONDS:
            check = Check()
            check.fail("response_url", "works five times within 30 minutes")
            return Answer(404, {"ok": False, "error": "expired_url"}, breaches=tuple(check.problems))
        args = asked.fields
        channel = self.chats.channels[known.channel]
        if args.get("delete_original"):
            with self.exchange.changed:
                channel.messages.pop(known.message_ts, None)
                self.chats.desks[known.user].ephemeral.pop(known.message_ts, None)
                self.exchange.changed.notify_all()
            return fine()
        refusal = _check_message(args)
        if refusal is not None:
            return refusal
        self._show_response(known.user, channel, known.message_ts, args)
        return fine()

    def _show_response(self, user: str, channel: Channel, ts: str, args: dict[str, Any]) -> None:
        text, blocks = str(args.get("text") or ""), args.get("blocks")
        message = {"type": "message", "channel": channel.id, **self.chats.bot_message(text, blocks)}
        ephemeral = self.chats.desks[user].ephemeral
        if args.get("replace_original") and ts in ephemeral:
            with self.exchange.changed:
                ephemeral[ts] = ({**message, "ts": ts, "edited": {"user": BOT_USER, "ts": ts}}, self.exchange.now())
                self.exchange.changed.notify_all()
        elif args.get("replace_original") and ts in channel.messages:
            self._change(channel, ts, text, blocks)
        elif args.get("response_type") == "in_channel":
            self.chats.echo(channel, self.chats.add(channel, self.chats.bot_message(text, blocks)))
        else:
            self.chats.show_ephemeral(user, message)


def _check_message(args: dict[str, Any]) -> Answer | None:
    check = Check()
    text, blocks = str(args.get("text") or ""), args.get("blocks")
    if blocks:
        check_blocks(check, blocks, "blocks", MESSAGE_BLOCKS_MAX)
    if check.problems:
        return refused("invalid_blocks", check)
    if len(text) > TEXT_MAX:
        return breach("msg_too_long", "text", f"{len(text)} characters, at most {TEXT_MAX}")
    if not text.strip() and not blocks and not args.get("attachments"):
        return breach("no_text", "text", "an empty message")
    return None


def _decoded(name: str, value: Any) -> Any:
    """Form fields carry nested values as JSON text."""
    if name in NESTED and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
