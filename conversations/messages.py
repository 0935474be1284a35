"""What people say and what they are shown, the same on every platform. Bots translate to and from these."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class Sender:
    """Who speaks: (platform, tenant, outside_id) is who they are; name and language are only what they call it."""

    platform: str  # "line", "slack", "telegram"
    tenant: str  # Slack's team id, LINE's destination, Telegram's bot id
    outside_id: str
    name: str = ""  # "" where the platform does not say it; the bot may be asked
    language: str = ""  # "ja", "en" or "" for unknown

    @property
    def chat(self) -> str:
        """The private chat with them."""
        return f"{self.platform}:{self.tenant}:{self.outside_id}"


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Press:
    """A button made by us, with the opaque handle behind it; `value` is what a date picker was set to."""

    handle: str
    value: str = ""


@dataclass(frozen=True)
class Form:
    """A form (Slack's modal) sent in: the handle it was opened with and the text of each field by question key."""

    handle: str
    values: dict[str, str]


@dataclass(frozen=True)
class File:
    """A file; `reference` is the platform's name for it. The content is fetched before the conversation sees it."""

    name: str
    reference: str
    size: int = 0
    file_id: int = 0  # ours, once kept
    sha256: str = ""


@dataclass(frozen=True)
class Arrived:
    """They followed, pressed Start, or opened the chat for the first time; `payload` is a deep link's."""

    payload: str = ""


@dataclass(frozen=True)
class OpenedHome:
    """Slack's App Home was opened."""


@dataclass(frozen=True)
class Left:
    """They blocked or unfollowed the bot: nothing can be sent until they come back."""


@dataclass(frozen=True)
class Other:
    """Something we take no meaning from: a sticker, a place, a voice message."""

    kind: str


Content = Text | Press | Form | File | Arrived | OpenedHome | Left | Other


@dataclass(frozen=True)
class Incoming:
    """One thing said. `id` is the platform's own event id. `reply_to` is the bot's own JSON: what its outbound side
    needs to answer this very message (reply token, trigger id, message to edit). `direct` is true only for words
    said first hand in a private chat: not forwarded, edited, in a group, or by a bot. `quoting`: they answer by
    quoting another message; the words are theirs, but no operator's command is taken so. `message` is the platform's id
    of the message itself, `takes_back` that of an earlier one that is gone now, or was written anew."""

    id: str
    sender: Sender
    content: Content
    at: datetime
    reply_to: str = ""
    direct: bool = True
    quoting: bool = False
    message: str = ""
    takes_back: str = ""


@dataclass(frozen=True)
class Button:
    """Either a handle (comes back as Press) or a url. The label is also the word one can type instead."""

    label: str
    handle: str = ""
    url: str = ""
    style: str = ""  # "", "primary" or "danger"


@dataclass(frozen=True)
class Field:
    label: str
    value: str


@dataclass(frozen=True)
class Picker:
    """A calendar to choose a day from; the answer comes back as Press(handle, value=ISO date)."""

    label: str
    handle: str
    first: date
    last: date


@dataclass(frozen=True)
class Item:
    """One card of a list: a job, an application."""

    title: str
    fields: tuple[Field, ...] = ()
    text: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Message:
    """Shown as a card if it has a title or fields, else as plain words. `buttons` belong to the card and stay;
    `quick` are answers to the question asked now (LINE quick replies; elsewhere buttons below)."""

    text: str = ""
    title: str = ""
    fields: tuple[Field, ...] = ()
    items: tuple[Item, ...] = ()
    buttons: tuple[Button, ...] = ()
    quick: tuple[Button, ...] = ()
    picker: Picker | None = None

    @property
    def plain(self) -> str:
        """Everything that can be read of it, as text: notification, screen reader, fallback."""
        lines = [self.title, *(f"{f.label}: {f.value}" for f in self.fields), self.text]
        for item in self.items:
            lines += [
                item.title,
                *(f"{f.label}: {f.value}" for f in item.fields),
                item.text,
            ]
        return "\n".join(line for line in lines if line)


@dataclass(frozen=True)
class FormField:
    """`kind` is the question's own ("text", "long_text", "yen", "day", "choice", "number"): the door can check it."""

    key: str
    kind: str
    label: str
    hint: str = ""
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()  # (value, label)
    optional: bool = False


@dataclass(frozen=True)
class FormSheet:
    """Several questions at once, where the platform has forms."""

    title: str
    handle: str
    submit: str
    cancel: str
    fields: tuple[FormField, ...]
    text: str = ""


@dataclass(frozen=True)
class Recipient:
    platform: str
    tenant: str
    outside_id: str

    @property
    def chat(self) -> str:
        """As the Sender's."""
        return f"{self.platform}:{self.tenant}:{self.outside_id}"


@dataclass(frozen=True)
class Outgoing:
    """Something to show to one person. `surface`: "chat" a message; "edit" replaces the message that was pressed
    (where the platform cannot, it is sent anew); "home" Slack's App Home; "form" opens `form`, needs `reply_to`;
    "toast" answers a press in passing. `reply_to` is the Incoming's own, or "" for a notice out of the blue.
    `language` is the recipient's. `first`: of all that answer one message, this may use what can be used once (LINE's
    reply token). `again`: an earlier attempt at sending may have arrived. `made_at`: when it was put in the outbox, in
    seconds since 1970; 0 before that. `awaited`: its recipient has just said something, and waits."""

    to: Recipient
    message: Message = field(default_factory=Message)
    surface: str = "chat"
    form: FormSheet | None = None
    reply_to: str = ""
    language: str = "ja"
    first: bool = True
    again: bool = False
    made_at: float = 0
    awaited: bool = False
