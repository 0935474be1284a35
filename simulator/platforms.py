"""The messengers, without their wire formats: each shows what it is sent, and keeps a log to be judged by."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bots.ports import NO_FORM, Answer, Finding, Headers, Received, Sent, Unfetchable
from conversations.messages import (
    Arrived,
    Content,
    File,
    Form,
    Incoming,
    Left,
    OpenedHome,
    Other,
    Outgoing,
    Press,
    Sender,
    Text,
)
from simulator.faults import Broken, Injected
from simulator.people import TENANT

if TYPE_CHECKING:  # the two know each other
    from simulator.play import Play

CONTENTS: Mapping[str, type[Content]] = {
    kind.__name__: kind for kind in (Text, Press, Form, File, Arrived, OpenedHome, Left, Other)
}
# LINE knows a retry key for a day.
KEY_REMEMBERED = timedelta(hours=24)
WAITS_SECONDS = (1, 1, 5, 30, 3_600)


def written(incoming: Incoming) -> bytes:
    """Our own wire format."""
    sender = {**vars(incoming.sender)}
    return json.dumps(
        {
            **vars(incoming),
            "sender": sender,
            "content": [type(incoming.content).__name__, vars(incoming.content)],
            "at": incoming.at.isoformat(),
        }
    ).encode()


@dataclass
class Sending:
    """What the platform knows of one retry key. `unsure`: attempts after which the sender could not know."""

    recipient: str
    copies: int = 0
    unsure: int = 0
    first_at: datetime | None = None
    not_before: datetime | None = None


@dataclass
class Messenger:
    """Implements bots.ports.Bot."""

    platform: str
    play: "Play"
    sendings: dict[str, Sending] = field(default_factory=dict)
    shown: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def receive(self, headers: Headers, body: bytes, now: float) -> tuple[Answer, list[Received]]:
        told = json.loads(body)
        row = Received(TENANT, told["id"], f"{self.platform}:{told['sender']['outside_id']}", body)
        return Answer(200), [row]

    def read(self, event: bytes) -> Incoming | None:
        told: dict[str, Any] = json.loads(event)
        kind, values = told["content"]
        more = {"content": CONTENTS[kind](**values), "sender": Sender(**told["sender"])}
        return Incoming(**{**told, **more, "at": datetime.fromisoformat(told["at"])})

    def fetch(self, reference: str, limit_bytes: int) -> bytes:
        self.alone()
        if self.play.faults.strikes("platform breaks off"):
            raise Injected("file")
        if self.play.faults.strikes("file gone"):
            raise Unfetchable("gone")
        return f"content of {reference}".encode()

    def profile(self, sender: Sender) -> Sender:
        self.alone()
        if self.play.faults.strikes("platform breaks off"):
            raise Injected("profile")
        if self.play.faults.strikes("profile unknown"):
            return sender
        return self.play.person_at(self.platform, sender.outside_id).profile

    def set_up(self, public_url: str) -> list[str]:
        return []

    def examine(self) -> list[Finding]:
        return []

    def close(self) -> None:
        self.sendings.clear()

    def alone(self) -> None:
        if self.play.transactions_open():
            raise Broken("D8", f"{self.platform} is asked while a transaction is open")

    # -- what is sent

    def send(self, outgoing: Outgoing, retry_key: str) -> Sent:
        play, faults = self.play, self.play.faults
        play.operations += 1
        self.alone()
        if play.in_recovery:
            raise Broken("F33", f"{self.platform} is sent something in recovery mode")
        faults.point("before send")
        sending = self.sendings.setdefault(retry_key, Sending(outgoing.to.outside_id))
        if sending.not_before and play.now < sending.not_before:
            raise Broken("D7", f"{self.platform} was asked {sending.not_before - play.now} before it allowed to")
        refused = self.refused(sending, outgoing)
        if refused:
            return refused
        self.show(sending, outgoing, retry_key)
        # Until the product has written the answer down, it may have to send again.
        play.unwritten.append(sending)
        faults.point("after send")
        if faults.strikes("platform answer lost"):
            sending.unsure += 1
            return Sent("retry", error="timeout", ambiguous=True)
        return Sent("sent")

    def refused(self, sending: Sending, outgoing: Outgoing) -> Sent | None:
        """Nothing is shown."""
        play, faults = self.play, self.play.faults
        if play.person_at(self.platform, outgoing.to.outside_id).left:
            return Sent("blocked", error="blocked")
        if faults.strikes("platform 429"):
            wait = play.dice.choice(WAITS_SECONDS)
            sending.not_before = play.now + timedelta(seconds=wait)
            play.unwritten.append(sending)
            return Sent("retry", wait, "429")
        if faults.strikes("platform 5xx"):
            return Sent("retry", error="500", ambiguous=True)
        if faults.strikes("platform refuses"):
            return Sent("dead", error="400")
        if outgoing.form and faults.strikes("form opened too late"):
            return Sent("dead", error=NO_FORM)
        return None

    def show(self, sending: Sending, outgoing: Outgoing, retry_key: str) -> None:
        person = self.play.person_at(self.platform, outgoing.to.outside_id)
        if self.platform == "line" and sending.first_at and self.play.now - sending.first_at < KEY_REMEMBERED:
            return  # 409: it has this one
        if not sending.copies:
            sending.first_at = self.play.now
            self.shown[person.outside_id].append(retry_key)
        sending.copies += 1
        words = outgoing.message.plain
        person.sees(outgoing, words)
        self.play.note(retry_key, words)
