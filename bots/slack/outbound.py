"""Calls to Slack through the SDK's client: messages, edits, forms, the home tab, short answers."""

import http.client
import re
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient
from slack_sdk.webhook import WebhookClient

from bots import download, waiting
from bots.door import Json, opened, word
from bots.ports import NO_FORM, Sent, Unfetchable
from bots.slack import blocks, forms, wire
from conversations.messages import Outgoing

# Above the 6 s that Slack has been seen to take, below what holds up a chat for long.
TIMEOUT_SECONDS = 10
TRIGGER_GOOD_SECONDS = 2.5  # 3 s from the press on, less the way there
RESPONSE_URL_USES = 5
RESPONSE_URL_GOOD_SECONDS = 29 * 60
REMEMBER_URLS = 10_000
BACK_OFF_SECONDS = 1
UNAUTHORIZED_SECONDS = 300  # somebody has to mend the token first
SLACKS_HOST = re.compile(r"[a-z0-9.-]+\.slack\.com")
# The last is what the SDK raises for an answer that is JSON and no object.
BROKEN = (OSError, http.client.HTTPException, ValueError, AttributeError)
CODE = re.compile(r"[a-z0-9_.:-]+")
UNREACHABLE_PEOPLE = frozenset(
    ("user_not_found", "user_disabled", "channel_not_found", "is_archived", "cannot_dm_bot", "not_in_channel")
) | frozenset(("messages_tab_disabled", "user_not_visible", "restricted_action"))
BAD_TOKENS = frozenset(("invalid_auth", "not_authed", "token_expired", "token_revoked", "missing_scope"))
PASSING = frozenset(("ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"))
CANNOT_EDIT = frozenset(("message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"))
LATE_TRIGGERS = frozenset(("expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged"))


class Slack:
    """Slack's Web API at one address."""

    def __init__(self, token: str, api_base: str) -> None:
        wire.install()
        # The SDK's own retries know no idempotency key: a message would come twice.
        self.client = WebClient(token=token, base_url=api_base, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        self.client.proxy = None  # urllib knows it, too; the SDK would go past our connections
        self.token = token
        self.address = urlsplit(api_base)[:2]
        self.uses: dict[str, int] = {}
        self.lock = threading.Lock()

    def call(self, method: str, arguments: Mapping[str, Any]) -> tuple[Sent, Json]:
        return self.tried(method, json=dict(arguments))

    def tried(self, method: str, **how: Any) -> tuple[Sent, Json]:
        try:
            answer = self.client.api_call(method, **how)
        except SlackApiError as error:
            return failure(error), {}
        except BROKEN as error:
            return Sent("retry", error=type(error).__name__, ambiguous=True), {}
        return Sent("sent"), answer.data if isinstance(answer.data, dict) else {}

    def ask(self, method: str, arguments: Mapping[str, str]) -> tuple[Sent, Json]:
        """Slack's reading methods take no JSON."""
        return self.tried(method, params=dict(arguments), http_verb="GET")

    def respond(self, url: str, body: Json) -> Sent:
        """A response_url is as good as a token: it is only used on Slack's own host."""
        client = WebhookClient(url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        client.proxy = None
        try:
            answer = client.send_dict(body)
        except BROKEN as error:
            return Sent("retry", error=type(error).__name__, ambiguous=True)
        if answer.status_code == http.client.TOO_MANY_REQUESTS:
            return Sent("retry", seconds_of(answer.headers), "ratelimited")
        if answer.status_code >= http.client.INTERNAL_SERVER_ERROR:
            return Sent("retry", error=str(answer.status_code), ambiguous=True)
        return Sent("sent") if answer.status_code == http.client.OK else Sent("dead", error=str(answer.status_code))

    def may_respond(self, hint: Json, now: float) -> bool:
        url, at = word(hint, "url"), hint.get("at")
        fresh = isinstance(at, int | float) and now - at < RESPONSE_URL_GOOD_SECONDS
        if not (url and fresh and self.is_slacks(url)):
            return False
        with self.lock:
            used = self.uses.get(url, 0)
            self.uses[url] = used + 1
            if len(self.uses) > REMEMBER_URLS:
                del self.uses[next(iter(self.uses))]
        return used < RESPONSE_URL_USES

    def is_slacks(self, url: str) -> bool:
        try:
            split = urlsplit(url)
        except ValueError:
            return False
        return split[:2] == self.address or bool(split.scheme == "https" and SLACKS_HOST.fullmatch(split.netloc))

    def content(self, address: str, limit_bytes: int) -> bytes:
        """The token goes to Slack and nowhere else, so no redirection is followed: Slack's own lead to a login page."""
        if not self.is_slacks(address):
            raise Unfetchable("gone")
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "identity"}
        try:
            with httpx2.stream("GET", address, headers=headers, timeout=TIMEOUT_SECONDS) as answer:
                if answer.status_code != http.client.OK:
                    broken = answer.status_code >= http.client.INTERNAL_SERVER_ERROR
                    raise Unfetchable("unreachable" if broken else "gone")
                return download.gathered(answer.iter_raw(), limit_bytes, download.WITHIN_SECONDS)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unfetchable("unreachable") from error


def seconds_of(headers: Mapping[str, Any]) -> float:
    return waiting.asked(headers, BACK_OFF_SECONDS, time.time())


def failure(error: SlackApiError) -> Sent:
    answer = error.response
    found = getattr(answer, "data", None)
    code = word(found, "error")
    status = int(getattr(answer, "status_code", 0) or 0)
    if status == http.client.TOO_MANY_REQUESTS or code in ("ratelimited", "rate_limited"):
        return Sent("retry", seconds_of(getattr(answer, "headers", {})), code)
    if not CODE.fullmatch(code) and status == http.client.OK:
        # Not Slack's own words: something on the way answered, and the message may be there.
        return Sent("retry", BACK_OFF_SECONDS, "no answer of Slack's", ambiguous=True)
    if status >= http.client.INTERNAL_SERVER_ERROR or code in PASSING:
        return Sent("retry", BACK_OFF_SECONDS, f"{status} {code}", ambiguous=True)
    if code in UNREACHABLE_PEOPLE:
        return Sent("blocked", error=code)
    if code in BAD_TOKENS or status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        return Sent("retry", UNAUTHORIZED_SECONDS, code)
    return Sent("dead", error=NO_FORM if code in LATE_TRIGGERS else code or str(status))


def send(slack: Slack, outgoing: Outgoing, now: float) -> Sent:
    hint = opened(outgoing.reply_to)
    match outgoing.surface:
        case "home":
            return publish(slack, outgoing)
        case "form":
            return open_form(slack, outgoing, hint, now)
        case "toast":
            return toast(slack, outgoing, hint)
        case "edit":
            return edit(slack, outgoing, hint, now)
        case _:
            return chat(slack, outgoing, hint, now)


def shown(outgoing: Outgoing) -> Json:
    return {"text": blocks.fallback(outgoing.message), "blocks": blocks.blocks(outgoing.message)}


def post(slack: Slack, outgoing: Outgoing) -> Sent:
    """Into the person's own chat with the bot: their id is its address, nothing has to be remembered."""
    arguments = {"channel": outgoing.to.outside_id, "unfurl_links": False, "unfurl_media": False, **shown(outgoing)}
    return slack.call("chat.postMessage", arguments)[0]


def chat(slack: Slack, outgoing: Outgoing, hint: Json, now: float) -> Sent:
    if word(hint, "source") == "slash" and slack.may_respond(hint, now):
        sent = slack.respond(word(hint, "url"), {"response_type": "ephemeral", **shown(outgoing)})
        if sent.result != "dead":
            return sent
    return post(slack, outgoing)


def edit(slack: Slack, outgoing: Outgoing, hint: Json, now: float) -> Sent:
    if hint.get("ephemeral") is True and slack.may_respond(hint, now):
        sent = slack.respond(word(hint, "url"), {"replace_original": True, **shown(outgoing)})
        return sent if sent.result != "dead" else post(slack, outgoing)
    channel, ts = word(hint, "channel"), word(hint, "ts")
    if hint.get("ephemeral") is True or not (channel and ts):
        return chat(slack, outgoing, hint, now)
    sent, _ = slack.call("chat.update", {"channel": channel, "ts": ts, **shown(outgoing)})
    return post(slack, outgoing) if sent.error in CANNOT_EDIT else sent


def toast(slack: Slack, outgoing: Outgoing, hint: Json) -> Sent:
    channel = word(hint, "channel")
    if not channel:
        return post(slack, outgoing)
    arguments = {"channel": channel, "user": outgoing.to.outside_id, "text": blocks.fallback(outgoing.message)}
    sent, _ = slack.call("chat.postEphemeral", arguments)
    return post(slack, outgoing) if sent.result in ("dead", "blocked") else sent


def publish(slack: Slack, outgoing: Outgoing) -> Sent:
    view = {"type": "home", "blocks": blocks.blocks(outgoing.message, blocks.HOME_BLOCKS_MAX)}
    return slack.call("views.publish", {"user_id": outgoing.to.outside_id, "view": view})[0]


def open_form(slack: Slack, outgoing: Outgoing, hint: Json, now: float) -> Sent:
    trigger, at = word(hint, "trigger"), hint.get("at")
    if outgoing.form is None or not trigger:
        return Sent("dead", error=NO_FORM)
    if not isinstance(at, int | float) or now - at > TRIGGER_GOOD_SECONDS:
        return Sent("dead", error=NO_FORM)
    view = forms.modal(outgoing.form, outgoing.language)
    sent, _ = slack.call("views.open", {"trigger_id": trigger, "view": view})
    # Whether it has opened is not known, and the trigger is spent or too old for another attempt.
    return Sent("dead", error=NO_FORM) if sent.result == "retry" else sent
