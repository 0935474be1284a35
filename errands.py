"""What leaves the process: messages to the platforms, errands to payment providers. Never inside a transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

import logs
import mismatches
import money_kind
from batches import Hands, alone, together
from bots import lease
from bots.ports import NO_FORM, Sent
from conversations import talk
from conversations.messages import Incoming, Other, Sender
from engine import limits
from engine.payments import FailPage, OpenPayment, Payment, arrival
from engine.payouts import FailPayout, Payout
from engine.ports import NOBODY, Command
from engine.refunds import ConfirmRefund, FailRefund
from house import House
from payments.ports import CURRENCY, Differs, Done, Errand, Failed, Outcome, Unsure, as_asked
from storage import database, operations, outbox, security, things
from storage.security import Noted
from storage.store import Store

log = structlog.get_logger()

SENDERS = 8  # messages on their way at once, per platform
CLOCK_MAY_SLIP_SECONDS = 1
NOT_ASKED = "not asked"  # a form that did not open, and whose questions could not be put in the chat either
# LINE forgets a retry key after 24 hours: a message that old is not sent again (platforms.md, LINE 6).
GIVE_UP_AFTER = timedelta(hours=23)


@dataclass(frozen=True)
class Claimed:
    """An errand we hold the lease of, as the provider needs it."""

    row: operations.Row
    errand: Errand | Differs


def send_all(house: House, platform: str, hands: Hands[outbox.Row]) -> int:
    """A round of what is due on one platform: recipients side by side, each recipient's messages in their order. How
    many came back or are still on their way."""
    rows = []
    if hands.free:
        with database.begin(house.database) as connection:
            lease_seconds = house.patience.lease_seconds
            rows = outbox.claim(connection, platform, house.now(), hands.free, lease_seconds, in_turn=hands.in_turn)
    hands.take(rows, lambda row: send_one(house, row))
    return write_down(house, hands)


def write_down(house: House, hands: Hands[outbox.Row]) -> int:
    """How it went, of all that came back, in one transaction: a sender that dies before has to send again."""
    gone = hands.back()
    forms = [each for each in gone if each[1].result == "dead" and each[1].error == NO_FORM]
    together(house, [each for each in gone if each not in forms], lambda store, some: settle(house, store, some))
    for row, sent in forms:
        # What cannot be asked in chat either is given up: tried again and again, it would hold up what is said next.
        if not alone(house, (row, sent), lambda store, some: ask_in_chat(house, store, some)):
            alone(house, (row, replace(sent, error=NOT_ASKED)), lambda store, some: settle(house, store, some))
    hands.written_down()
    return len(gone) + len(hands.busy)


def send_one(house: House, row: outbox.Row) -> Sent:
    if not may_leave(house, row):
        # We stood still for so long that another may soon send it, or has, and the person has read on; or the clock was
        # set back, and the end of the lease may be hours away.
        log.warning("a lease is over, or not certain", outbox=row.id, platform=row.platform)
        return Sent("retry", min(max(left(house, row), 1), house.patience.lease_seconds), "the lease is over")
    if row.attempts > 1 and too_old(house, row):
        # An earlier attempt may have arrived, and its key be forgotten meanwhile.
        return Sent("dead", error="too old")
    try:
        with lease.held(lambda: may_leave(house, row)):
            outgoing = replace(row.outgoing, again=row.attempts > 1, made_at=row.created_at.timestamp())
            return house.bots[row.platform].send(outgoing, row.retry_key)
    except Exception as error:
        log.exception("sending failed", outbox=row.id, platform=row.platform)
        return Sent("retry", error=logs.kind(error), ambiguous=True)


def may_leave(house: House, row: outbox.Row) -> bool:
    """Nor may it if the clock was set back since the claim: nobody knows how long ago that was."""
    longest = house.patience.lease_seconds + CLOCK_MAY_SLIP_SECONDS
    return house.patience.answer_seconds < left(house, row) <= longest


def left(house: House, row: outbox.Row) -> float:
    """Seconds of the lease."""
    return (row.until - house.now()).total_seconds()


def settle(house: House, store: Store, gone: Sequence[tuple[outbox.Row, Sent]]) -> int:
    """Write back how it went, of those rows we still hold."""
    blocked = [(row, sent) for row, sent in gone if sent.result == "blocked"]
    others = [outcome(house, row, sent) for row, sent in gone if sent.result != "blocked"]
    outbox.settle(store.connection, [each for each in others if each.state != "dead"])
    # One by one: what another has sent meanwhile is not given up.
    dead = [each for each in others if each.state == "dead" and outbox.settle(store.connection, [each])]
    # That somebody blocked us is no news, and what a form would have asked is asked in chat.
    told = Counter(Noted(limits.GIVEN_UP, each.row.platform) for each in dead if each.error != NO_FORM)
    security.count(store.connection, told, store.now)
    for row, sent in blocked:
        if outbox.settle(store.connection, [outcome(house, row, sent)]):
            store.turn_to(f"outbox:{row.id}")
            store.set_blocked(recipient(row), blocked=True)
    return len(gone)


def outcome(house: House, row: outbox.Row, sent: Sent) -> outbox.Outcome:
    if sent.result == "retry" and not too_old(house, row):
        wait = max(sent.not_before_seconds, house.patience.back_off(row.attempts) if not sent.not_before_seconds else 0)
        return outbox.retry(row, house.now() + timedelta(seconds=wait), sent.error)
    if sent.result == "sent":
        return outbox.sent(row, house.now())
    log.warning("a message could not be delivered", outbox=row.id, platform=row.platform, error=sent.error)
    return outbox.dead(row, sent.error or "too old", house.now())


def recipient(row: outbox.Row) -> Sender:
    to = row.outgoing.to
    return Sender(to.platform, to.tenant, to.outside_id)


def too_old(house: House, row: outbox.Row) -> bool:
    return house.now() - row.created_at > GIVE_UP_AFTER


def ask_in_chat(house: House, store: Store, gone: Sequence[tuple[outbox.Row, Sent]]) -> int:
    """The form could not be opened in time: the same questions are asked one by one, by whoever still holds its row."""
    [(row, sent)] = gone
    if not outbox.settle(store.connection, [outcome(house, row, sent)]):
        return 0
    store.turn_to(f"outbox:{row.id}:form")
    talk.hear(Incoming(f"form-{row.id}", recipient(row), Other("form_expired"), house.now()), store)
    return 1


# -- to payment providers


def work_operations(house: House, hands: Hands[Claimed]) -> int:
    """A round of what providers have to do, side by side. How many came back or are still under way."""
    found = []
    if hands.free:
        with database.begin(house.database) as connection:
            lease_seconds, money = house.patience.lease_seconds, money_kind.money_of(house.settings)
            rows = operations.claim(
                connection, house.now(), hands.free, lease_seconds, money=money, in_turn=hands.in_turn
            )
            found = [Claimed(row, errand_of(connection, row)) for row in rows]
    hands.take(found, lambda claimed: run_operation(house, claimed))
    return note_answers(house, hands)


def note_answers(house: House, hands: Hands[Claimed]) -> int:
    """What the providers said, of all that came back, and what follows from it, in one transaction."""
    answered = [(claimed.row, answer) for claimed, answer in hands.back() if answer is not None]
    together(house, answered, lambda store, some: note(house, store, some))
    hands.written_down()
    if answered:
        house.bell.ring()
    return len(answered) + len(hands.busy)


def errand_of(connection: Connection, row: operations.Row) -> Errand | Differs:
    """Read anew at the claim: only what the thing and the books say, too, is sent. What goes back because it was never
    ours to keep stands in no books."""
    booked = operations.booked(connection, row)
    kind: type[Payment | Payout] = Payout if row.kind == "pay_out" else Payment
    thing = things.by_id(connection, kind, row.thing_id, locked=False)
    if thing is None:
        # Nothing is sent for what nobody knows, and everybody else's is.
        return Differs(0, CURRENCY)
    if isinstance(thing, Payout):
        errand = Errand(row.key, row.amount, row.thing_id, payee=thing.worker_id)
        agreed = [amount for amount in booked if amount == thing.amount]
    else:
        surplus = row.kind == "refund" and not booked
        reference = arrival(row.key, thing.id) if surplus else thing.reference
        errand = Errand(row.key, row.amount, row.thing_id, thing.title, reference)
        agreed = [thing.amount] if row.kind == "collect" else booked or [row.amount]
    return errand if row.amount in agreed else Differs(max(agreed, default=0), CURRENCY)


def run_operation(house: House, claimed: Claimed) -> Outcome | None:
    """None if that is no longer ours to ask. Asked twice because the clock was set back, it is one errand all the same:
    the provider knows it by its key."""
    row, errand = claimed.row, claimed.errand
    if house.now() >= row.claimed_until:
        # What was true of it when it was claimed may not be any more, and another may be at it.
        log.warning("a lease ran out before an errand was run", operation=row.key)
        return None
    try:
        # A provider that is no longer set up keeps its errands waiting, and holds up nobody else's.
        result: Outcome = errand if isinstance(errand, Differs) else asked(house, row, errand)
    except Exception as error:
        log.exception("an errand failed", operation=row.key)
        result = Unsure(logs.kind(error))
    if not isinstance(result, Done):
        answer = type(result).__name__
        log.warning("an errand is not done", operation=row.key, answer=answer, reason=result.reason)
    return result


def asked(house: House, row: operations.Row, errand: Errand) -> Outcome:
    return as_asked(row.amount, getattr(house.providers[row.provider], row.kind)(errand))


def note(house: House, store: Store, answered: Sequence[tuple[operations.Row, Outcome]]) -> int:
    """Write the answers back, of those errands we still hold, and do what follows from them."""
    quiet = [(row, result) for row, result in answered if not is_followed(row, result)]
    operations.settle(store.connection, [timed(house, row, result) for row, result in quiet])
    for row, result in answered:
        if is_followed(row, result) and operations.settle(store.connection, [timed(house, row, result)]):
            store.turn_to(f"operation:{row.key}")
            follow(store, row, result)
    return len(answered)


def is_followed(row: operations.Row, result: Outcome) -> bool:
    return isinstance(result, Differs) or follow_up(row, result) is not None


def follow(store: Store, row: operations.Row, result: Outcome) -> None:
    if isinstance(result, Differs) and row.kind != "collect":
        # Of a page nobody has paid on yet, nothing has moved: FailPage tells whoever asked for it, and operators.
        mismatches.another_sum(store, row, result)
    wanted = follow_up(row, result)
    if wanted:
        note_refusal(talk.execute(wanted, store), wanted)


def timed(house: House, row: operations.Row, result: Outcome) -> tuple[operations.Row, Outcome, datetime]:
    """With when it is asked again, if it has to be."""
    return row, result, house.now() + timedelta(seconds=house.patience.back_off(row.attempts))


def follow_up(row: operations.Row, result: Outcome) -> Command | None:
    match (row.kind, result):
        case ("collect", Done(reference=reference, url=url)):
            return OpenPayment(by=NOBODY, payment_id=row.thing_id, reference=reference, url=url)
        case ("collect", Failed(reason=reason)):
            return FailPage(by=NOBODY, payment_id=row.thing_id, reason=reason)
        case ("collect", Differs(reason=reason, reference=reference)):
            return FailPage(by=NOBODY, payment_id=row.thing_id, reason=reason, reference=reference)
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
