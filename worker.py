"""Empties the inbox, one conversation at a time; then what waits to leave: messages and errands to providers."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from bots.ports import Bot, Sent, Unfetchable
from conversations import render, talk
from conversations.messages import File, Incoming, Message, Other, Outgoing, Recipient, Sender
from engine.payments import OpenPayment, Payment
from engine.payouts import FailPayout
from engine.ports import NOBODY, Command
from payments.ports import Done, Errand, Failed, Provider, Unsure
from settings import Settings
from storage import beats, database, files, inbox, operations, outbox
from storage.store import Conflict, Store

log = structlog.get_logger()

ATTEMPTS_BEFORE_PARKING = 5
FILE_MAX_BYTES = 10_000_000
SENDERS = 8  # messages on their way at once, per platform
LEASE_SECONDS = 60
IDLE_SECONDS = 0.25  # how long work from another process may wait
BACK_OFF_SECONDS = (1, 2, 5, 15, 60, 300, 900)
# LINE forgets a retry key after 24 hours: a message that old is not sent again (platforms.md, LINE 6).
GIVE_UP_AFTER = timedelta(hours=23)
PAYMENTS = "payments"


class Bell:
    """Rings for everyone who waits, also for those who were busy when it rang."""

    def __init__(self) -> None:
        self.rung = 0
        self.changed = threading.Condition()

    def ring(self) -> None:
        with self.changed:
            self.rung += 1
            self.changed.notify_all()

    def wait(self, heard: int, seconds: float) -> int:
        """Until it has rung more often than `heard`, or the time is over. How often it has rung."""
        with self.changed:
            self.changed.wait_for(lambda: self.rung > heard, seconds)
            return self.rung


@dataclass(frozen=True)
class House:
    """Everything wired. `now` is the product's time; `bell` rings when there is work in this process; `security` hears
    (reason, where) of what was refused."""

    database: Engine
    settings: Settings
    bots: Mapping[str, Bot]
    providers: Mapping[str, Provider]
    now: Callable[[], datetime]
    bell: Bell
    security: Callable[[str, str], None]


@contextmanager
def world(house: House, cause: str) -> Iterator[Store]:
    """One transaction: all of it or nothing."""
    with database.begin(house.database) as connection:
        store = Store(
            connection,
            now=house.now(),
            cause=cause,
            operators=house.settings.operator_addresses,
            provider=house.settings.payments,
            public_url=house.settings.url,
        )
        yield store
        store.flush()


# -- the inbox


@dataclass(frozen=True)
class Gathered:
    """What had to be asked of the platform before a message could be heard; asked outside any transaction."""

    sender: Sender | None = None
    file: tuple[bytes, str] | None = None  # content and why it is missing


def work_inbox(house: House) -> bool:
    """Work through one event. False if there is none."""
    gathered: dict[int, Gathered] = {}
    row: inbox.Row | None = None
    while True:
        try:
            with world(house, "inbox") as store:
                row = inbox.take(store.connection)
                if row is None:
                    return False
                store.cause = f"{row.platform}:{row.event_id}"
                hear(house, store, row, gathered.get(row.id))
                inbox.done(store.connection, row.id)
        except NeedsMore as need:
            gathered[need.row_id] = gather(house, need.incoming)
        except Conflict:
            continue
        except OperationalError:
            # The database is away or busy: nothing is wrong with the event.
            raise
        except Exception as error:
            if row is None:
                raise
            put_off(house, row, error)
            return True
        else:
            for reason in store.suspicions:
                house.security(reason, f"{row.platform}:{row.event_id}")
            return True


class NeedsMore(Exception):
    """The platform has to be asked something first; the transaction is left and begun anew with the answer."""

    def __init__(self, row_id: int, incoming: Incoming) -> None:
        super().__init__(row_id)
        self.row_id = row_id
        self.incoming = incoming


def hear(house: House, store: Store, row: inbox.Row, gathered: Gathered | None) -> None:
    """Hear one event. Raises NeedsMore if the platform has to be asked something first."""
    if row.platform == PAYMENTS:
        hear_provider(house, store, row)
        return
    incoming = house.bots[row.platform].read(row.body)
    if incoming is None or incoming.sender.outside_id == "":
        return
    incoming = replace(incoming, id=row.event_id)
    if gathered is None and (isinstance(incoming.content, File) or unknown(store, incoming)):
        raise NeedsMore(row.id, incoming)
    if gathered:
        incoming = completed(store, incoming, gathered)
    talk.hear(incoming, store)


def unknown(store: Store, incoming: Incoming) -> bool:
    return incoming.direct and not incoming.sender.name and store.user_at(incoming.sender) is None


def gather(house: House, incoming: Incoming) -> Gathered:
    bot = house.bots[incoming.sender.platform]
    sender = incoming.sender if incoming.sender.name else bot.profile(incoming.sender)
    if not isinstance(incoming.content, File):
        return Gathered(sender)
    try:
        return Gathered(sender, (bot.fetch(incoming.content.reference, FILE_MAX_BYTES), ""))
    except Unfetchable as unfetchable:
        return Gathered(sender, (b"", unfetchable.reason))


def completed(store: Store, incoming: Incoming, gathered: Gathered) -> Incoming:
    if gathered.sender:
        incoming = replace(incoming, sender=gathered.sender)
    if isinstance(incoming.content, File) and gathered.file:
        content, reason = gathered.file
        if reason:
            return replace(incoming, content=Other(f"file_{reason}"))
        kept = files.keep(store.connection, store.new_id(), incoming.content.name, content, store.now)
        incoming = replace(incoming, content=replace(incoming.content, file_id=kept.id, sha256=kept.sha256))
    return incoming


def hear_provider(house: House, store: Store, row: inbox.Row) -> None:
    wanted = house.providers[row.tenant].read(row.body)
    if wanted is not None:
        note_refusal(talk.execute(wanted, store), wanted)


def note_refusal(refused: Exception | None, wanted: Command) -> None:
    if refused:
        log.info("came too late", command=type(wanted).__name__, refusal=type(refused).__name__)


def put_off(house: House, row: inbox.Row, error: Exception) -> None:
    """An event that fails is tried again; after five times it is parked, and its person is told."""
    log.error("an event failed", event_id=row.event_id, platform=row.platform, exc_info=error)
    with world(house, f"{row.platform}:{row.event_id}") as store:
        parked = inbox.failed(store.connection, row.id, repr(error), ATTEMPTS_BEFORE_PARKING)
        if parked and row.platform != PAYMENTS:
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
        store.send(Outgoing(to, Message(words), language=user.language))


# -- the outbox


def send_all(house: House, platform: str, pool: ThreadPoolExecutor) -> int:
    """Send what is due on one platform; recipients side by side, each recipient's messages in their order."""
    with database.begin(house.database) as connection:
        rows = outbox.claim(connection, platform, house.now(), SENDERS, LEASE_SECONDS)
    return len(list(pool.map(lambda row: send_one(house, row), rows)))


def send_one(house: House, row: outbox.Row) -> None:
    try:
        sent = house.bots[row.platform].send(row.outgoing, row.retry_key)
    except Exception as error:
        log.exception("sending failed", outbox=row.id, platform=row.platform)
        sent = Sent("retry", error=repr(error), ambiguous=True)
    with world(house, f"outbox:{row.id}") as store:
        settle(house, store, row, sent)
    if sent.result == "dead" and sent.error == "expired_trigger":
        ask_in_chat(house, row)


def settle(house: House, store: Store, row: outbox.Row, sent: Sent) -> None:
    """Write back how it went, if we still hold the row."""
    too_old = house.now() - row.created_at > GIVE_UP_AFTER
    if sent.result == "retry" and not too_old:
        wait = max(sent.not_before_seconds, back_off(row.attempts) if not sent.not_before_seconds else 0)
        outbox.retry(store.connection, row, house.now() + timedelta(seconds=wait), sent.error)
        return
    if sent.result == "sent":
        outbox.sent(store.connection, row, house.now())
        return
    outbox.dead(store.connection, row, sent.error or "too old", house.now())
    log.warning("a message could not be delivered", outbox=row.id, platform=row.platform, error=sent.error)
    if sent.result == "blocked":
        to = row.outgoing.to
        store.set_blocked(Sender(to.platform, to.tenant, to.outside_id), blocked=True)


def back_off(attempts: int) -> float:
    return BACK_OFF_SECONDS[min(attempts, len(BACK_OFF_SECONDS) - 1)]


def ask_in_chat(house: House, row: outbox.Row) -> None:
    """The form could not be opened in time: the same questions are asked one by one."""
    to = row.outgoing.to
    sender = Sender(to.platform, to.tenant, to.outside_id)
    with world(house, f"outbox:{row.id}:form") as store:
        incoming = Incoming(f"form-{row.id}", sender, Other("form_expired"), house.now())
        talk.hear(incoming, store)
    house.bell.ring()


# -- errands to payment providers


def work_operations(house: House) -> int:
    with database.begin(house.database) as connection:
        rows = operations.claim(connection, house.now(), SENDERS, LEASE_SECONDS)
        titles = {row.id: described(connection, row) for row in rows}
    for row in rows:
        run_operation(house, row, titles[row.id])
    return len(rows)


def described(connection: Any, row: operations.Row) -> tuple[str, str]:
    """Title and the provider's reference of the payment an errand is for."""
    if row.kind == "pay_out":
        return "", ""
    payment = Store.read(connection, Payment, row.thing_id)
    return (payment.title, payment.reference)


def run_operation(house: House, row: operations.Row, described_as: tuple[str, str]) -> None:
    provider = house.providers[row.provider]
    errand = Errand(row.key, row.amount, row.thing_id, *described_as)
    try:
        result: Done | Failed | Unsure = getattr(provider, row.kind)(errand)
    except Exception as error:
        log.exception("an errand failed", operation=row.key)
        result = Unsure(repr(error))
    with world(house, f"operation:{row.key}") as store:
        if not operations.settle(
            store.connection, row, result, house.now() + timedelta(seconds=back_off(row.attempts))
        ):
            return
        wanted = follow_up(row, result)
        if wanted:
            note_refusal(talk.execute(wanted, store), wanted)
    house.bell.ring()


def follow_up(row: operations.Row, result: Done | Failed | Unsure) -> Command | None:
    match (row.kind, result):
        case ("collect", Done(reference=reference, url=url)):
            return OpenPayment(by=NOBODY, payment_id=row.thing_id, reference=reference, url=url)
        case ("pay_out", Failed()):
            return FailPayout(by=NOBODY, payout_id=row.thing_id)
    return None


# -- the threads


def start(house: House, stopping: threading.Event) -> list[threading.Thread]:
    """One thread for the inbox, one for each platform's outbox, one for errands; they end when `stopping` is set."""
    pools = {platform: ThreadPoolExecutor(SENDERS, f"send-{platform}") for platform in house.bots}
    jobs: list[tuple[str, Callable[[], object]]] = [
        ("inbox", lambda: beat_and_work(house)),
        ("operations", lambda: work_operations(house)),
        *((f"outbox-{p}", lambda p=p, pool=pool: send_all(house, p, pool)) for p, pool in pools.items()),
    ]
    threads = [threading.Thread(target=keep_on, args=(house, job, stopping), name=name) for name, job in jobs]
    for thread in threads:
        thread.start()
    return threads


def beat_and_work(house: House) -> bool:
    worked = work_inbox(house)
    if not worked:
        with database.begin(house.database) as connection:
            beats.beat(connection, "worker", house.now())
    return worked


def keep_on(house: House, job: Callable[[], object], stopping: threading.Event) -> None:
    """Work while there is work; else wait for the bell, or a moment for what other processes brought."""
    heard = 0
    while not stopping.is_set():
        try:
            worked = job()
        except Exception:
            log.exception("the worker stumbled")
            worked = False
            stopping.wait(1)
        if worked:
            house.bell.ring()
        else:
            heard = house.bell.wait(heard, IDLE_SECONDS)
