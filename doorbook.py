"""The door book: who was refused at our doors, counted beside the requests; and the alarm when it is too often."""

import threading
from collections import Counter
from collections.abc import Sequence

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from batches import together
from conversations import talk
from engine.alarms import RaiseAlarm
from engine.ports import NOBODY
from house import House
from storage import database, security
from storage.security import Noted
from storage.store import Store

log = structlog.get_logger()

DOORS = ("webhook", "payments", "pretend")


class DoorBook:
    """Refusals are counted here and written down together, so that a flood of them costs neither commits nor rows. What
    a message is suspected of is written with what else follows from it (storage/store.py)."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.counted: Counter[Noted] = Counter()
        self.lock = threading.Lock()

    def refused(self, reason: str, where: str) -> None:
        """Of many alike the first is heard of at once, the rest as a number."""
        noted = Noted(reason, where)
        with self.lock:
            self.counted[noted] += 1
            first = self.counted[noted] == 1
        if first:
            self.house.security(reason, where)

    def turned_away(self, platform: str, reason: str) -> None:
        """As the messengers' doors tell it."""
        self.refused(reason, platform)

    def no_such_door(self, request: Request, error: Exception) -> Response:
        """Who tries the doors beside ours is noted; others only went astray."""
        assert isinstance(error, HTTPException), "registered for nothing else"
        beside = next((door for door in DOORS if door in request.url.path.lower()), "")
        if beside:
            self.refused("no_such_door", beside)
        return PlainTextResponse(error.detail, error.status_code, error.headers)

    def write(self) -> None:
        with self.lock:
            counted, self.counted = self.counted, Counter()
        if not counted:
            return
        try:
            with database.begin(self.house.database) as connection:
                security.count(connection, counted, self.house.now())
        except Exception:
            # The database may be away: they are counted on, and written when it is back.
            log.exception("refusals could not be written down")
            with self.lock:
                self.counted.update(counted)

    def keep(self, stopping: threading.Event) -> None:
        while not stopping.wait(self.house.patience.door_book_seconds):
            self.write()
        self.write()


def raise_alarms(house: House) -> int:
    """Operators are told, once in the time of the limit, of each reason that was met more often; and again when it is
    many times as often by then. The number told of."""
    with house.database.connect() as connection:
        loud = security.too_many(connection, house.now())
    told = together(house, list(loud.items()), raise_each)
    if told:
        house.bell.ring()
    return told


def raise_each(store: Store, loud: Sequence[tuple[str, int]]) -> int:
    told = 0
    for reason, times in loud:
        store.turn_to(f"alarm:{reason}")
        if security.note_alarm(store.connection, reason, times, store.now):
            talk.execute(RaiseAlarm(by=NOBODY, reason=reason, times=times), store)
            told += 1
    return told
