"""Resuming: what waits while a database is in recovery mode, and how it goes back to everyday life."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from engine import codes
from engine.handle import TimeIsUp, handle
from engine.money import PAYOUT_MIN_YEN
from engine.payouts import ConfirmPayout
from engine.ports import NOBODY
from storage import audit, exceptions, modes, outages
from storage.operations import LIVE as LIVE_OPERATIONS
from storage.outbox import LIVE as LIVE_OUTBOX
from storage.store import Store
from storage.tables import accounts, operations, outbox

EARNINGS = "earnings:"


class CannotResume(Exception):
    """What has to be set right first."""


@dataclass(frozen=True)
class Waiting:
    """What resuming sets free: `stale` messages are given up, `messages` sent, `errands` asked again by their key.
    `earnings` of each worker are paid out at the next run."""

    stale: int
    messages: int
    errands: int
    earnings: Mapping[int, int]


def waiting(connection: Connection) -> Waiting:
    found = modes.recovery(connection)
    messages = select(func.count()).select_from(outbox).where(outbox.c.state.in_(LIVE_OUTBOX))
    errands = select(func.count()).select_from(operations).where(operations.c.state.in_(LIVE_OPERATIONS))
    stale = connection.scalar(messages.where(outbox.c.id <= (found.outbox_to if found else 0))) or 0
    earned = select(accounts.c.path, accounts.c.balance).where(
        accounts.c.path.startswith(EARNINGS), accounts.c.balance >= PAYOUT_MIN_YEN
    )
    return Waiting(
        stale,
        (connection.scalar(messages) or 0) - stale,
        connection.scalar(errands) or 0,
        {int(row.path.removeprefix(EARNINGS)): row.balance for row in connection.execute(earned.order_by("path"))},
    )


@dataclass(frozen=True)
class LostTime:
    """What whoever resumes says of the time after the backup. `paid`: what workers got, by the provider's own list;
    `none_of_ours`: all else in it pays for nothing in this copy. `refunds_seen`: whom they concern knows of them."""

    paid: Mapping[int, int]
    none_of_ours: bool = False
    refunds_seen: bool = False


def resume(store: Store, lost: LostTime) -> None:
    """Back to everyday life. Raises CannotResume while the provider's books have what nobody has explained."""
    found = modes.recovery(store.connection)
    if found is None:
        return
    if found.reason == modes.RESTORED:
        refuse_unexplained(store.connection, found, lost)
        settle_copied(store.connection, found, store.now)
    for worker_id, amount in lost.paid.items():
        book_payout(store, worker_id, amount)
    # Nobody was reminded meanwhile, and nobody heard from us.
    outages.note_silence(store.connection, found.since, store.now)
    modes.leave(store.connection)
    store.note(audit.Line(NOBODY, "Resume", "database", found.reason))


def refuse_unexplained(connection: Connection, found: modes.Recovery, lost: LostTime) -> None:
    """Raises CannotResume with all that nobody has explained, payouts first."""
    payouts = [] if lost.none_of_ours else unnamed_payouts(connection, found, lost.paid)
    refunds = [] if lost.refunds_seen else unseen_refunds(connection, found)
    if payouts or refunds:
        raise CannotResume("\n".join([*payouts, *refunds]))


def unnamed_payouts(connection: Connection, found: modes.Recovery, paid: Mapping[int, int]) -> list[str]:
    """In a sentence. All that this copy knows is that the money is still to be paid out."""
    unknown = [row for row in exceptions.unknown(connection, "pay_out") if row.since >= found.since]
    unnamed = Counter(row.theirs for row in unknown) - Counter(paid.values())
    if not unnamed:
        return []
    listed = ", ".join(f"{row.subject} ({row.theirs:,} yen)" for row in unknown if row.theirs in unnamed)
    return [
        f"The provider has paid out what this copy does not know: {listed}. Name whom each went to with --paid, or "
        "they are paid twice. Add --none-of-ours if what is left pays for nothing in this copy."
    ]


def unseen_refunds(connection: Connection, found: modes.Recovery) -> list[str]:
    """In a sentence, those of contracts in this copy. Nobody can name them: how those ended has not happened here."""
    listed = [
        f"{row.theirs:,} yen ({row.subject}, {codes.code('contract', contract_id)})"
        for row in exceptions.unknown(connection, "refund")
        if row.since >= found.since
        for contract_id in exceptions.concerned(connection, row.noun, row.thing_id)
    ]
    if not listed:
        return []
    return [
        f"The provider has refunds that this copy does not know: {', '.join(listed)}. Ended here with the same sum "
        "for the client, a contract asks for the same errand, and nothing is sent again; with another, that is sent "
        "back as well. Restore a newer backup if there is one. Else see to it that its two people end it as they did, "
        "and add --refunds-seen: these contracts are frozen."
    ]


def settle_copied(connection: Connection, found: modes.Recovery, now: datetime) -> None:
    """What the backup wanted to say may long have been said: it is given up. What it wanted done may have been done:
    that is asked again under the same key, which does it at most once."""
    at_once = {"not_before": now, "claimed_until": None}
    old = outbox.c.state.in_(LIVE_OUTBOX) & (outbox.c.id <= found.outbox_to)
    # A higher fence: whoever held one of them in the copied moment does not write.
    given_up = {"state": "dead", "error": modes.RESTORED, "fence": outbox.c.fence + 1, **at_once}
    connection.execute(update(outbox).where(old).values(given_up))
    asked = {"state": "ambiguous", "answer": modes.RESTORED, "fence": operations.c.fence + 1, **at_once}
    connection.execute(update(operations).where(operations.c.state.in_(LIVE_OPERATIONS)).values(asked))


def book_payout(store: Store, worker_id: int, amount: int) -> None:
    """A payout that the provider made and the copy does not know: it is written down, and asked of nobody. Its key was
    made in the lost time; a second payout of the same earnings would have another one and be paid."""
    wanted = TimeIsUp(by=NOBODY, noun="user", thing_id=worker_id, name="pay_out")
    decision = handle(wanted, store.facts)
    here = sum(operation.amount for operation in decision.operations)
    if here != amount:
        raise CannotResume(
            f"{codes.code('user', worker_id)} has {here} yen to be paid out in this copy, not {amount}: "
            "what follows has to be decided by hand."
        )
    store.carry_out(decision, wanted)
    for operation in decision.operations:
        # It has the name that the provider knows it by, so that their books and ours agree again.
        key = exceptions.lost_payout(store.connection, amount) or operation.key
        done = update(operations).where(operations.c.key == operation.key)
        store.connection.execute(done.values(key=key, state="done", answer="paid before the restore"))
        confirmed = ConfirmPayout(by=NOBODY, payout_id=operation.thing_id)
        store.carry_out(handle(confirmed, store.facts), confirmed)
