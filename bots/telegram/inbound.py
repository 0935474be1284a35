"""Telegram's updates as neutral messages. Plain JSON: the SDK's models refuse a whole update for one missing field."""

from collections.abc import Callable
from datetime import UTC, datetime

from bots import text
from bots.door import Json, compact, header, load, object_in, outside_id, part, parts, same, stored, whole_number, word
from bots.ports import BODY_LIMIT_BYTES, Answer, Headers, Received, Refusal
from conversations.messages import Arrived, Content, File, Incoming, Left, Other, Press, Sender, Text

SECRET_TOKEN = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header's name
ANONYMOUS_ADMIN = 1087968824  # GroupAnonymousBot stands for any admin of a group
EDITED = "edited_message"
PICKED = "|"  # between handle and day in a button of a picker
# What was not said first hand: passed on, made by another bot, quoted, or written in the name of a chat.
SECOND_HAND = ("forward_origin", "forward_date", "forward_from", "via_bot", "sender_chat")
QUOTING = ("quote", "external_reply")
UNUSED_KINDS = ("sticker", "voice", "video", "video_note", "audio", "animation", "location", "venue", "contact", "poll")
FILE_NAMES = {"document": "file", "photo": "photo.jpg"}


def receive(
    secrets: tuple[str, ...], tenant: str, headers: Headers, body: bytes, now: float
) -> tuple[Answer, list[Received]]:
    if len(body) > BODY_LIMIT_BYTES:
        raise Refusal(413, "body_too_large")
    if not secrets:
        raise Refusal(401, "no_secret_configured")
    same([secret.encode() for secret in secrets], header(headers, SECRET_TOKEN))
    update = load(body)
    return Answer(200), [row(tenant, update, now)] if whole_number(update, "update_id") else []


def row(tenant: str, update: Json, now: float) -> Received:
    kind = next((key for key in update if key != "update_id"), "")
    who = whole_number(update, kind, "from", "id") or whole_number(update, kind, "chat", "id")
    update_id = str(whole_number(update, "update_id"))
    body = stored({"tenant": tenant, "received": now, "update": update})
    return Received(tenant, update_id, f"telegram:{tenant}:{who or update_id}", body)


def read(stored_event: bytes) -> Incoming | None:
    kept = object_in(stored_event)
    update = part(kept, "update")
    for kind, take in TAKEN.items():
        found = part(update, kind)
        said = take(found) if found else None
        if said is not None and who(found):
            content, hint, direct = said
            return Incoming(
                id=str(whole_number(update, "update_id")),
                sender=sender(word(kept, "tenant"), part(found, "from")),
                content=content,
                at=moment(found, kept),
                reply_to=compact(hint),
                direct=direct,
                quoting=any(found.get(key) for key in QUOTING),
                message=name_of(found),
                takes_back=name_of(found) if kind == EDITED else "",
            )
    return None


def name_of(found: Json) -> str:
    """Of a message: each chat numbers its own."""
    number = whole_number(found, "message_id")
    return f"{whole_number(found, 'chat', 'id')}:{number}" if number else ""


Said = tuple[Content, Json, bool]


def who(found: Json) -> int:
    """The person's id; 0 for bots, channels and admins without a name."""
    speaker = part(found, "from")
    speaker_id = whole_number(speaker, "id")
    return 0 if speaker.get("is_bot") is True or speaker_id == ANONYMOUS_ADMIN else speaker_id


def sender(tenant: str, speaker: Json) -> Sender:
    name = " ".join(each for each in (word(speaker, "first_name"), word(speaker, "last_name")) if each)
    spoken = word(speaker, "language_code")[:2]
    language = spoken if spoken in ("ja", "en") else ""
    return Sender("telegram", tenant, str(whole_number(speaker, "id")), text.kept(name), language)


def moment(found: Json, kept: Json) -> datetime:
    """When it was said; when it came in for presses, which carry no time, and for a time that is none."""
    received = kept.get("received")
    try:
        return datetime.fromtimestamp(whole_number(found, "date") or float(received or 0), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return datetime.fromtimestamp(0, UTC)


def is_private(chat: Json) -> bool:
    return word(chat, "type") == "private"


def message(found: Json) -> Said | None:
    content = content_of(found)
    chat = part(found, "chat")
    if content is None or not chat:
        return None
    first_hand = not any(found.get(key) for key in SECOND_HAND)
    return content, {"chat": whole_number(chat, "id")}, is_private(chat) and first_hand


def edited(found: Json) -> Said | None:
    said = message(found)
    return (said[0], said[1], False) if said else None


def content_of(found: Json) -> Content | None:
    words = word(found, "text")
    if words:
        return command(text.kept(words)) if words.startswith("/") else Text(text.kept(words))
    document = part(found, "document")
    if outside_id(document, "file_id"):
        called = text.kept(word(document, "file_name")) or FILE_NAMES["document"]
        return File(called, outside_id(document, "file_id"), whole_number(document, "file_size"))
    sizes = [each for each in parts(found, "photo") if outside_id(each, "file_id")]
    if sizes:
        best = max(sizes, key=lambda each: whole_number(each, "width"))
        return File(FILE_NAMES["photo"], outside_id(best, "file_id"), whole_number(best, "file_size"))
    return next((Other(kind) for kind in UNUSED_KINDS if kind in found), None)


def command(words: str) -> Content:
    """/cmd@bot is /cmd; /start brings what the link carried."""
    first, space, rest = words.partition(" ")
    name = first.partition("@")[0]
    if name == "/start":
        return Arrived(rest.strip())
    return Text(name + space + rest)


def callback(found: Json) -> Said | None:
    """A press. It has to be answered by its own id even where the message under it is gone or not ours to see."""
    handle, _, value = word(found, "data").partition(PICKED)
    pressed = part(found, "message")
    chat = part(pressed, "chat")
    hint = {
        "callback": word(found, "id"),
        "chat": whole_number(chat, "id"),
        # A message of date 0 is inaccessible: it cannot be edited.
        "edit": whole_number(pressed, "message_id") if whole_number(pressed, "date") else 0,
    }
    return Press(text.kept(handle), text.kept(value)), hint, is_private(chat)


def membership(found: Json) -> Said | None:
    chat = part(found, "chat")
    if not is_private(chat):
        return None
    match word(found, "new_chat_member", "status"):
        case "kicked" | "left":
            return Left(), {}, True
        case "member":
            return Arrived(), {"chat": whole_number(chat, "id")}, True
        case _:
            return None


# Channels, business connections and everything else: nothing for us.
TAKEN: dict[str, Callable[[Json], Said | None]] = {
    "message": message,
    EDITED: edited,
    "callback_query": callback,
    "my_chat_member": membership,
}
