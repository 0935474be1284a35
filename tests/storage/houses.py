"""A house whose phones are the test's own."""

import secrets
import threading
from typing import Any

from bots.ports import Sent
from conversations.messages import Message, Outgoing, Recipient, Sender
from house import Bell, House
from payments.pretend import Pretend
from settings import Settings
from storage import outbox
from storage.database import begin
from tests.builders import Market


class Phones:
    """Somebody's phone is slow; what the others were sent stands here."""

    platform = "line"

    def __init__(self) -> None:
        self.slow = threading.Event()
        self.said: list[str] = []

    def send(self, outgoing: Outgoing, _retry_key: str) -> Sent:
        if outgoing.to.outside_id == "slow":
            self.slow.wait(10)
        self.said.append(outgoing.to.outside_id)
        return Sent("sent")


def house_of(market: Market, **bots: Any) -> House:
    """Of each bot a test needs what it calls."""
    settings = Settings(_env_file=None)  # type: ignore[call-arg] # pydantic's
    provider = Pretend("http://127.0.0.1:9", "secret")
    return House(market.engine, settings, bots, {"pretend": provider}, lambda: market.now, Bell(), lambda *_: None)


def say(market: Market, *people: Sender) -> None:
    """Something is to be said to each."""
    to = [Recipient(each.platform, each.tenant, each.outside_id) for each in people]
    with begin(market.engine) as connection:
        outbox.put(
            connection,
            [(Outgoing(each, Message("hello"), language="en"), "cause") for each in to],
            secrets.token_bytes,
            market.now,
        )
