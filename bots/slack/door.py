"""Slack's door: everything that is signed is acknowledged, and a form with a mistake is answered at once."""

import hashlib
import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from bots.door import Json, header, load, optional_header, outside_id, part, same, sha256_mac, stored, word
from bots.ports import BODY_LIMIT_BYTES, Answer, Headers, Received, Refusal
from bots.slack import forms, inbound

TOLERANCE_SECONDS = 300
SIGNATURE, TIMESTAMP = "x-slack-signature", "x-slack-request-timestamp"
FORM = "application/x-www-form-urlencoded"
FORM_FIELDS_MAX = 100


@dataclass(frozen=True)
class Door:
    """`team_id` and `app_id`, where known: requests for another workspace, or of another app, are refused."""

    signing_secrets: tuple[str, ...]
    team_id: str
    app_id: str
    check: forms.Check | None

    def receive(self, headers: Headers, body: bytes, now: float) -> tuple[Answer, list[Received]]:
        if len(body) > BODY_LIMIT_BYTES:
            raise Refusal(413, "body_too_large")
        verify(self.signing_secrets, headers, body, now)
        digest = hashlib.sha256(body).hexdigest()
        if optional_header(headers, "content-type").split(";")[0].strip().lower() != FORM:
            return self.event(load(body), digest, now)
        form = form_of(body)
        if form.get("ssl_check") == "1":
            return Answer(200), []
        if "payload" in form:
            return self.interaction(load(form["payload"].encode("utf-8", "replace")), digest, now)
        return self.command(dict(form), digest, now)

    def event(self, body: Json, digest: str, now: float) -> tuple[Answer, list[Received]]:
        if word(body, "type") == "url_verification":
            return Answer(200, word(body, "challenge").encode("utf-8", "replace")), []
        self.refuse_others(body, word(body, "team_id") or word(body, "enterprise_id"))
        if word(body, "type") != "event_callback":
            return Answer(200), []
        return Answer(200), rows("event", body, outside_id(body, "event_id") or digest, now)

    def interaction(self, payload: Json, digest: str, now: float) -> tuple[Answer, list[Received]]:
        self.refuse_others(payload, word(payload, "team", "id") or word(payload, "enterprise", "id"))
        match word(payload, "type"):
            case "block_suggestion" | "dialog_suggestion":
                return in_json({"options": []}), []
            case "view_submission":
                wrong = forms.errors(part(payload, "view"), self.check)
                if wrong:
                    return in_json({"response_action": "errors", "errors": wrong}), []
        return Answer(200), rows("interaction", payload, digest, now)

    def command(self, form: Json, digest: str, now: float) -> tuple[Answer, list[Received]]:
        self.refuse_others(form, word(form, "team_id") or word(form, "enterprise_id"))
        return Answer(200), rows("command", form, digest, now)

    def refuse_others(self, payload: Json, team_id: str) -> None:
        """An installation for a whole organisation names only that: then it stands in the team's place."""
        if self.team_id and team_id and team_id != self.team_id:
            raise Refusal(403, "other_team")
        app_id = word(payload, "api_app_id")
        if self.app_id and app_id and app_id != self.app_id:
            raise Refusal(403, "other_app")


def verify(secrets: tuple[str, ...], headers: Headers, body: bytes, now: float) -> None:
    if not secrets:
        # Anybody can sign with nothing.
        raise Refusal(401, "no_secret_configured")
    given = header(headers, SIGNATURE)
    timestamp = header(headers, TIMESTAMP)
    if not re.fullmatch(rb"[0-9]{1,11}", timestamp):
        raise Refusal(401, "timestamp_malformed")
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise Refusal(401, "timestamp_stale")
    signed = b"v0:" + timestamp + b":" + body
    same([b"v0=" + sha256_mac(secret, signed).hex().encode() for secret in secrets], given)


def form_of(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FORM_FIELDS_MAX)
    except ValueError as error:
        raise Refusal(400, "not_a_form") from error
    made = dict(fields)
    if len(made) != len(fields):
        raise Refusal(400, "doubled_key")
    return made


def rows(kind: str, payload: Json, event_id: str, now: float) -> list[Received]:
    """One row, or none where there is nothing to read in it: the bot's own words come back as events, too."""
    body = stored({"kind": kind, "id": event_id, "received": now, "payload": payload})
    said = inbound.read(body)
    if said is None:
        return []
    if said.takes_back:
        body = stored({"kind": kind, "id": event_id, "received": now, "payload": inbound.without_words(payload)})
    tenant, user_id = said.sender.tenant, said.sender.outside_id
    return [Received(tenant, event_id, f"slack:{tenant}:{user_id}", body)]


def in_json(body: Json) -> Answer:
    return Answer(200, json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"), "application/json")


def from_socket(door: Door, kind: str, payload: Json, now: float) -> tuple[Answer, list[Received]]:
    """The same for what came through Socket Mode, where the connection itself is the proof of origin."""
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    open_by_kind = {"events_api": door.event, "interactive": door.interaction, "slash_commands": door.command}
    if kind not in open_by_kind:
        return Answer(200), []
    return open_by_kind[kind](payload, digest, now)
