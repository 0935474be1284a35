"""People who go on chatting while something else happens."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from playground.hands import WAIT_SECONDS
from playground.phone import Phone

# Forty-three in a minute: below the limit.
PAUSE_SECONDS = 1.4


@dataclass
class Chat:
    """Somebody who asks for one job after another, and how often they did."""

    phone: Phone
    asked: int = 0

    def go_on(self, over: threading.Event) -> None:
        while not over.wait(PAUSE_SECONDS):
            self.phone.says(f"/view J-{self.asked:07d}")
            self.asked += 1


@contextmanager
def going_on(phones: Sequence[Phone]) -> Iterator[list[Chat]]:
    chats, over = [Chat(phone) for phone in phones], threading.Event()
    for phone in phones:
        phone.follows()
        phone.sees("", WAIT_SECONDS)
    threads = [threading.Thread(target=chat.go_on, args=(over,), name="chat") for chat in chats]
    for thread in threads:
        thread.start()
    try:
        yield chats
    finally:
        over.set()
        for thread in threads:
            thread.join()
