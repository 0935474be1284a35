"""LINE's webhook: a signed bundle of events of many chats, read one by one."""

import base64
from datetime import UTC, datetime

from bots import text
from bots.door import (
    Json,
    compact,
    header,
    load,
    object_in,
    outside_id,
    part,
    parts,
    same,
    sha256_mac,
    stored,
    whole_number,
    word,
)
from bots.ports import BODY_LIMIT_BYTES, Answer, Headers, Received, Refusal
from conversations.messages import Arrived, Content, File, Incoming, Left, Other, Press, Sender, Text

SIGNATURE = "x-line-signature"
UNSEND = "unsend"
# Names for kinds of message that come without one. The talk and the receiver see them.
FILE_NAMES = {"image": "image.jpg", "file": "file", "video": "video.mp4", "audio": "audio.m4a"}


def receive(
    secrets: tuple[str, ...], destination: str, headers: Headers, body: bytes, now: float
) -> tuple[Answer, list[Received]]:
    if len(body) > BODY_LIMIT_BYTES:
        raise Refusal(413, "body_too_large")
    same([base64.b64encode(sha256_mac(secret, body)) for secret in secrets], header(headers, SIGNATURE))
    bundle = load(body)
    tenant = outside_id(bundle, "destination")
    if destination and tenant != destination and bundle.get("events"):
        raise Refusal(403, "other_channel")
    return Answer(200), [row(tenant, event, now) for event in parts(bundle, "events")]


def row(tenant: str, event: Json, now: float) -> Received:
    body = stored({"destination": tenant, "received": now, "event": event})
    # Old shapes carry no id of their own: the same bytes are then the same event.
    event_id = outside_id(event, "webhookEventId") or sha256_mac("event", stored(event)).hex()
    source = part(event, "source")
    chat = outside_id(source, "userId") or outside_id(source, "groupId") or outside_id(source, "roomId") or event_id
    return Received(tenant, event_id, f"line:{tenant}:{chat}", body)


def read(stored_event: bytes) -> Incoming | None:
    kept = object_in(stored_event)
    event = part(kept, "event")
    user_id = outside_id(event, "source", "userId")
    content = content_of(event)
    if not user_id or content is None or word(event, "mode") == "standby":
        return None
    tenant = outside_id(kept, "destination")
    event_id = outside_id(event, "webhookEventId") or sha256_mac("event", stored(event)).hex()
    at = whole_number(event, "timestamp") / 1000
    token = word(event, "replyToken")
    reply_to = compact({"token": token, "at": at}) if token and set(token) != {"0"} else ""
    return Incoming(
        id=event_id,
        sender=Sender("line", tenant, user_id),
        content=content,
        at=moment(at, kept),
        reply_to=reply_to,
        direct=word(event, "source", "type") == "user" and word(event, "type") != UNSEND,
        quoting=bool(word(event, "message", "quotedMessageId")),
        message=outside_id(event, "message", "id"),
        takes_back=outside_id(event, UNSEND, "messageId"),
    )


def moment(at: float, kept: Json) -> datetime:
    """When it was said; when it came in, where LINE's own time is no time."""
    try:
        return datetime.fromtimestamp(at or float(kept.get("received") or 0), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return datetime.fromtimestamp(0, UTC)


def content_of(event: Json) -> Content | None:
    match word(event, "type"):
        case "message":
            return message(part(event, "message"))
        case "follow":
            return Arrived()
        case "unfollow":
            return Left()
        case "unsend":
            return Other(UNSEND)
        case "postback":
            return press(part(event, "postback"))
        case _:
            return None


def press(postback: Json) -> Press:
    chosen = part(postback, "params")
    day = word(chosen, "date") or word(chosen, "datetime") or word(chosen, "time")
    return Press(text.kept(word(postback, "data")), text.kept(day))


def message(found: Json) -> Content | None:
    kind = word(found, "type")
    if kind == "text":
        return Text(text.kept(word(found, "text")))
    # A file that lies elsewhere (contentProvider external) is a sender's link, nothing we can fetch from LINE.
    external = word(found, "contentProvider", "type") == "external"
    if kind in ("image", "file") and outside_id(found, "id") and not external:
        called = text.kept(word(found, "fileName")) or FILE_NAMES[kind]
        return File(called, outside_id(found, "id"), whole_number(found, "fileSize"))
    return Other(text.kept(kind)) if kind else None
