"""What leaves the process: messages to the platforms, errands to payment providers. Never inside a transaction."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy import Connection

import logs
from bots.ports import Sent
from conversations import talk
from conversations.messages import Incoming, Other, Sender
from engine.payments import FailPage, OpenPayment, Payment
from engine.payouts import FailPayout, Payout
from engine.ports import NOBODY, Command
from engine.refunds import ConfirmRefund, FailRefund
from house import House, world
from payments.ports import Done, Errand, Failed, Unsure
from storage import database, operations, outbox, things
from storage.store import Conflict, Store

log = structlog.get_logger()

SENDERS = 8  # messages on their way at once, per platform
# LINE forgets a retry key after 24 hours: a message that old is not sent again (platforms.md, LINE 6).
TRIES_MAX = 20
GIVE_UP_AFTER = timedelta(hours=23)


def send_all(house: House, platform: str, pool: Executor) -> int:
    """Send what is due on one platform; recipients side by side, each recipient's messages in their order."""
    with database.begin(house.database) as connection:
        rows = outbox.claim(connection, platform, house.now(), SENDERS, house.patience.lease_seconds)
    return len(list(pool.map(lambda row: send_one(house, row), rows)))


def send_one(house: House, row: outbox.Row) -> None:
    if house.now() >= row.until:
        # We stood still for so long that another may have sent it meanwhile, and the person has read on.
        log.warning("a lease ran out before sending", outbox=row.id, platform=row.platform)
        return
    try:
        # An earlier attempt may have arrived, and its key be forgotten meanwhile.
        sent = (
            Sent("dead", error="too old")
            if row.attempts > 1 and too_old(house, row)
            else house.bots[row.platform].send(replace(row.outgoing, again=row.attempts > 1), row.retry_key)
        )
    except Exception as error:
        log.exception("sending failed", outbox=row.id, platform=row.platform)
        sent = Sent("retry", error=logs.kind(error), ambiguous=True)
    insist(house, f"outbox:{row.id}", lambda store: settle(house, store, row, sent))
    if sent.result == "dead" and sent.error == "expired_trigger":
        ask_in_chat(house, row)


def settle(house: House, store: Store, row: outbox.Row, sent: Sent) -> None:
    """Write back how it went, if we still hold the row."""
    if sent.result == "retry" and not too_old(house, row):
        wait = max(sent.not_before_seconds, house.patience.back_off(row.attempts) if not sent.not_before_seconds else 0)
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


def too_old(house: House, row: outbox.Row) -> bool:
    return house.now() - row.created_at > GIVE_UP_AFTER


def ask_in_chat(house: House, row: outbox.Row) -> None:
    """The form could not be opened in time: the same questions are asked one by one."""
    to = row.outgoing.to
    sender = Sender(to.platform, to.tenant, to.outside_id)
    incoming = Incoming(f"form-{row.id}", sender, Other("form_expired"), house.now())
    insist(house, f"outbox:{row.id}:form", lambda store: talk.hear(incoming, store))
    house.bell.ring()


def insist(house: House, cause: str, act: Callable[[Store], None]) -> None:
    """What has happened outside is written down, however often another is first."""
    for tries_left in reversed(range(TRIES_MAX)):
        try:
            with world(house, cause) as store:
                act(store)
        except Conflict:
            if not tries_left:
                raise
        else:
            return


# -- to payment providers


def work_operations(house: House) -> int:
    with database.begin(house.database) as connection:
        rows = operations.claim(connection, house.now(), SENDERS, house.patience.lease_seconds)
        wanted = {row.id: errand_of(connection, row) for row in rows}
    for row in rows:
        run_operation(house, row, wanted[row.id])
    return len(rows)


def errand_of(connection: Connection, row: operations.Row) -> Errand:
    if row.kind == "pay_out":
        payout = things.known(connection, Payout, row.thing_id)
        return Errand(row.key, row.amount, row.thing_id, payee=payout.worker_id)
    payment = things.known(connection, Payment, row.thing_id)
    return Errand(row.key, row.amount, row.thing_id, payment.title, payment.reference)


def run_operation(house: House, row: operations.Row, errand: Errand) -> None:
    try:
        # A provider that is no longer set up keeps its errands waiting, and holds up nobody else's.
        result: Done | Failed | Unsure = getattr(house.providers[row.provider], row.kind)(errand)
    except Exception as error:
        log.exception("an errand failed", operation=row.key)
        result = Unsure(logs.kind(error))
    if not isinstance(result, Done):
        answer = type(result).__name__
        log.warning("an errand is not done", operation=row.key, answer=answer, reason=result.reason)
    insist(house, f"operation:{row.key}", lambda store: note(house, store, row, result))
    house.bell.ring()


def note(house: House, store: Store, row: operations.Row, result: Done | Failed | Unsure) -> None:
    """Write the provider's answer back, if we still hold the row, and do what follows from it."""
    again_at = house.now() + timedelta(seconds=house.patience.back_off(row.attempts))
    if not operations.settle(store.connection, row, result, again_at):
        return
    wanted = follow_up(row, result)
    if wanted:
        note_refusal(talk.execute(wanted, store), wanted)


def follow_up(row: operations.Row, result: Done | Failed | Unsure) -> Command | None:
    match (row.kind, result):
        case ("collect", Done(reference=reference, url=url)):
            return OpenPayment(by=NOBODY, payment_id=row.thing_id, reference=reference, url=url)
        case ("collect", Failed(reason=reason)):
            return FailPage(by=NOBODY, payment_id=row.thing_id, reason=reason)
        case ("refund", Done()):
            return ConfirmRefund(by=NOBODY, errand=row.key)
        case ("refund", Failed(reason=reason)):
            return FailRefund(by=NOBODY, payment_id=row.thing_id, amount=row.amount, errand=row.key, reason=reason)
        case ("pay_out", Failed()):
            return FailPayout(by=NOBODY, payout_id=row.thing_id)
    return None


def note_refusal(refused: Exception | None, wanted: Command) -> None:
    if refused:
        log.info("came too late", command=type(wanted).__name__, refusal=type(refused).__name__)
