"""What every chat platform must be able to do: verify, read, send."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from conversations.messages import Incoming, Outgoing, Sender

# A server's raw header list, or a mapping where the order and doubles are already gone.
Headers = Mapping[str, str] | Sequence[tuple[bytes, bytes]]
Result = Literal["sent", "retry", "dead", "blocked"]
Level = Literal["ok", "warning", "error"]

# The error of a form that cannot be opened, whatever hinders it: its questions are then asked in the chat.
NO_FORM = "expired_trigger"
BODY_LIMIT_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Received:
    """One inbox row: one event of one chat. `event_id` is the same when the platform delivers it again, and
    `conversation` names whose messages must be worked through one after the other."""

    tenant: str
    event_id: str
    conversation: str
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the webhook is answered."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain"


class Refusal(Exception):
    """A request that is not the platform's, or not readable: `reason` is a code for the security log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class Unfetchable(Exception):
    """A file's content cannot be had: `reason` is "too_large", "gone" or "unreachable" (worth another try)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Sent:
    """How sending went. `ambiguous` with "retry" means it may have arrived. "blocked": this person cannot be reached
    until they come back."""

    result: Result
    not_before_seconds: float = 0
    error: str = ""
    ambiguous: bool = False


@dataclass(frozen=True)
class Finding:
    """One line of `doctor`."""

    level: Level
    subject: str
    message: str


class Bot(Protocol):
    @property
    def platform(self) -> str: ...

    def receive(self, headers: Headers, body: bytes, now: float) -> tuple[Answer, list[Received]]:
        """Verify the raw bytes and take them apart. No I/O; raises nothing but Refusal."""

    def read(self, event: bytes) -> Incoming | None:
        """A stored event as a neutral message; None where there is nothing for us in it. Never raises."""

    def fetch(self, reference: str, limit_bytes: int) -> bytes:
        """The content of a File, or Unfetchable."""

    def profile(self, sender: Sender) -> Sender:
        """The sender with name and language as the platform knows them; unchanged where it does not tell."""

    def send(self, outgoing: Outgoing, retry_key: str) -> Sent:
        """Show one Outgoing. `retry_key` is a UUID, the same for every attempt at this Outgoing."""

    def set_up(self, public_url: str) -> list[str]:
        """Register menu, commands and webhook with the platform; says what was done."""

    def examine(self) -> list[Finding]: ...

    def close(self) -> None: ...
