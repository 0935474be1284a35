"""Empties the inbox, one conversation at a time; and the threads that keep everything going."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

import logs
import money_kind
from batches import TRIES_MAX, Hands
from bots.ports import Bot, Unfetchable
from conversations import pace, render, taking_back, talk
from conversations.messages import File, Incoming, Message, Other, Outgoing, Recipient, Sender
from engine import codes, limits
from errands import SENDERS, Claimed, note_answers, note_refusal, send_all, work_operations, write_down
from house import House, world
from storage import beats, database, files, inbox, outbox, security
from storage import taking_back as inbox_taking_back
from storage.security import Noted
from storage.store import Conflict, Store

log = structlog.get_logger()

# What providers tell of at once, in one transaction: after the payout run they have thousands of things to say, and
# none of them hangs on another.
TOGETHER = 20
FILE_MAX_BYTES = 10_000_000
TOLD_FIRST_EVERY = 8
BEAT_EVERY = timedelta(seconds=1)
IDLE_SECONDS = 0.25  # how long work from another process may wait


@dataclass(frozen=True)
class Gathered:
    """What had to be asked of the platform before a message could be heard; asked outside any transaction."""

    sender: Sender | None = None
    file: tuple[bytes, str] | None = None  # content and why it is missing


def work_inbox(house: House, *, told_first: bool = False) -> bool:
    """Work through one event, or through several of the payment providers'. False if there is none."""
    gathered: dict[int, Gathered] = {}
    most = TOGETHER
    for tries_left in reversed(range(TRIES_MAX)):
        rows: list[inbox.Row] = []  # what fails before any is taken is the fault of none
        try:
            with world(house, "inbox") as store:
                rows = take(store, most, told_first=told_first)
                for row in rows:
                    store.turn_to(row.cause)
                    hear(house, store, row, gathered.get(row.id))
        except NeedsMore as need:
            gathered[need.row_id] = gather(house, need.incoming)
        except Conflict as conflict:
            most = 1
            if not tries_left:
                put_off(house, rows, conflict)
        except Exception as error:
            if database.is_away(error):
                # Nothing is wrong with the event.
                raise
            if len(rows) > 1:
                # Nor is it known with which.
                most = 1
                continue
            # The edge: whatever it was, it is logged once and counted.
            put_off(house, rows, error)
            return True
        else:
            note(house, store, rows)
            return bool(rows)
    return True


def take(store: Store, most: int, *, told_first: bool) -> list[inbox.Row]:
    """What somebody says is heard by itself: each waits for nobody but those before them. Else up to `most` of what
    payment providers told."""
    rows = inbox.take_told(store.connection, most) if told_first else []
    row = None if rows else inbox.take(store.connection)
    if row:
        return [row]
    rows = rows or inbox.take_told(store.connection, most)
    if len(rows) > 1:
        database.wait_briefly(store.connection)
    return rows


def note(house: House, store: Store, rows: Sequence[inbox.Row]) -> None:
    """What is said of them outside the database, once it is committed."""
    for who in store.leaving:
        # Kept outside the database: a restored copy does not know of it (docs/operating.md).
        log.warning("a member has left", user=codes.code("user", who.user_id))
    for reason in store.suspicions:
        house.security(reason, rows[0].cause)


class NeedsMore(Exception):
    """The platform has to be asked something first; the transaction is left and begun anew with the answer."""

    def __init__(self, row_id: int, incoming: Incoming) -> None:
        super().__init__(row_id)
        self.row_id = row_id
        self.incoming = incoming


def hear(house: House, store: Store, row: inbox.Row, gathered: Gathered | None) -> None:
    """Hear one event. Raises NeedsMore if the platform has to be asked something first."""
    if row.platform == inbox.PAYMENTS:
        hear_provider(house, store, row)
        return
    read = house.bots[row.platform].read
    incoming = read(row.body)
    if incoming and incoming.takes_back:
        # Also in the middle of a flood: what is gone on their side is to go here.
        said = inbox_taking_back.forget(store.connection, row, read, incoming)
        taking_back.forget(said, replace(incoming, id=row.event_id), store)
    if row.too_many:
        hush(house, store, row, incoming)
        return
    if incoming is None or incoming.sender.outside_id == "":
        return
    incoming = replace(incoming, id=row.event_id)
    if inbox_taking_back.is_gone(store.connection, row, read, incoming):
        taking_back.unheard(incoming, store)
        return
    if gathered is None and incoming.direct and (isinstance(incoming.content, File) or unknown(store, incoming)):
        raise NeedsMore(row.id, incoming)
    if gathered:
        incoming = completed(store, incoming, gathered)
    talk.hear(incoming, store)


def hush(house: House, store: Store, row: inbox.Row, incoming: Incoming | None) -> None:
    """Nobody is kept waiting by somebody who floods us: one polite answer a minute, and nothing else is done."""
    read = house.bots[row.platform].read
    first = inbox.hush(store.connection, row, lambda body: bool((said := read(body)) and said.takes_back))
    if first and incoming:
        pace.slow_down(incoming, store, row.minute_ends - row.received_at)


def unknown(store: Store, incoming: Incoming) -> bool:
    return not incoming.sender.name and store.user_at(incoming.sender) is None


def gather(house: House, incoming: Incoming) -> Gathered:
    """Whatever breaks off there: one person's profile or file must not keep everybody else waiting."""
    bot = house.bots[incoming.sender.platform]
    sender = incoming.sender if incoming.sender.name else introduced(bot, incoming.sender)
    if not isinstance(incoming.content, File):
        return Gathered(sender)
    try:
        return Gathered(sender, (bot.fetch(incoming.content.reference, FILE_MAX_BYTES), ""))
    except Unfetchable as unfetchable:
        return Gathered(sender, (b"", unfetchable.reason))
    except Exception:
        log.exception("a file could not be fetched", platform=bot.platform)
        return Gathered(sender, (b"", "unreachable"))


def introduced(bot: Bot, sender: Sender) -> Sender:
    try:
        return bot.profile(sender)
    except Exception:
        log.exception("a profile could not be had", platform=bot.platform)
        return sender


def completed(store: Store, incoming: Incoming, gathered: Gathered) -> Incoming:
    if gathered.sender:
        incoming = replace(incoming, sender=gathered.sender)
    if isinstance(incoming.content, File) and gathered.file:
        content, reason = gathered.file
        if reason:
            return replace(incoming, content=Other(f"file_{reason}"))
        owner = store.user_at(incoming.sender)
        owner_id = owner.id if owner else 0
        kept = files.keep(store.connection, store.new_id(), incoming.content.name, content, store.now, owner_id)
        incoming = replace(incoming, content=replace(incoming.content, file_id=kept.id, sha256=kept.sha256))
    return incoming


def hear_provider(house: House, store: Store, row: inbox.Row) -> None:
    wanted = house.providers[row.tenant].read(row.body)
    if wanted is not None:
        note_refusal(talk.execute(wanted, store), wanted)


def put_off(house: House, rows: Sequence[inbox.Row], error: Exception) -> None:
    """An event that fails is tried again; after five times it is parked, and its person is told."""
    if not rows:
        raise error
    [row] = rows
    log.error("an event failed", event_id=row.event_id, platform=row.platform, exc_info=error)
    with world(house, row.cause) as store:
        parked = inbox.failed(store.connection, row.id, logs.kind(error))
        if parked:
            security.count(store.connection, {Noted(limits.PARKED, row.platform): 1}, store.now)
    if parked and row.platform != inbox.PAYMENTS:
        # By itself: what cannot be told must not bring the event back.
        with world(house, f"{row.cause}:parked") as store:
            tell_parked(house, store, row)


def tell_parked(house: House, store: Store, row: inbox.Row) -> None:
    try:
        incoming = house.bots[row.platform].read(row.body)
    except Exception:  # noqa: BLE001 - reading may be what failed
        return
    user = store.user_at(incoming.sender) if incoming else None
    if incoming and user:
        to = Recipient(incoming.sender.platform, incoming.sender.tenant, incoming.sender.outside_id)
        words = render.page(user.language, "common.failed", {}).text
        store.send(Outgoing(to, Message(words), language=user.language, awaited=True))


# -- the threads


def start(house: House, stopping: threading.Event) -> list[threading.Thread]:
    """One thread for the inbox, one for each platform's outbox, one for errands; they end when `stopping` is set."""
    threads = [
        threading.Thread(target=keep_on, args=(house, Inbox(house).work, stopping), name="inbox"),
        threading.Thread(target=run_errands, args=(house, stopping), name="operations"),
        *(threading.Thread(target=send, args=(house, p, stopping), name=f"outbox-{p}") for p in house.bots),
    ]
    for thread in threads:
        thread.start()
    return threads


def send(house: House, platform: str, stopping: threading.Event) -> None:
    with ThreadPoolExecutor(SENDERS, f"send-{platform}") as pool:
        hands: Hands[outbox.Row] = Hands(pool, SENDERS)
        keep_on(house, lambda: send_all(house, platform, hands), stopping)
        while not hands.empty:
            write_down(house, hands)


def run_errands(house: House, stopping: threading.Event) -> None:
    with ThreadPoolExecutor(SENDERS, "errand") as pool:
        hands: Hands[Claimed] = Hands(pool, SENDERS)
        keep_on(house, lambda: work_operations(house, hands), stopping)
        while not hands.empty:
            note_answers(house, hands)


class Inbox:
    """What the thread of the inbox does, and when it last said that it is alive."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.beaten: datetime | None = None
        self.rounds = 0

    def work(self) -> bool:
        """Now and then providers come first: however much people say, their money does not wait for it."""
        self.rounds += 1
        worked = work_inbox(self.house, told_first=self.rounds % TOLD_FIRST_EVERY == 0)
        # Who cannot work is not heard of.
        self.beat()
        if worked:
            self.house.bell.ring()
        return worked

    def beat(self) -> None:
        """Seldom: all workers write to one row, and each time the disk has to keep it."""
        now = self.house.now()
        # However the clock was set meanwhile.
        if self.beaten is None or abs(now - self.beaten) >= BEAT_EVERY:
            with database.begin(self.house.database) as connection:
                money_kind.look(connection, self.house.settings)
                beats.beat_if_free(connection, "worker", now)
            self.beaten = now


def keep_on(house: House, job: Callable[[], object], stopping: threading.Event) -> None:
    """Work while there is work; else wait for the bell, or a moment for what other processes brought."""
    heard = 0
    while not stopping.is_set():
        try:
            worked = job()
        except money_kind.AnotherMoney as another:
            # All threads of this worker end; /readyz says why.
            log.critical(str(another))
            stopping.set()
            return
        except Exception:
            log.exception("the worker stumbled")
            worked = False
            stopping.wait(1)
        if not worked:
            heard = house.bell.wait(heard, IDLE_SECONDS)
