"""Resuming: what waits while a database is in recovery mode, and how it goes back to everyday life."""

from collections import Counter
from collections.abc import Iterable, Mapping
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
from storage.tables import accounts, operations, outbox, transitions

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


def newest_move(connection: Connection, before: datetime) -> datetime | None:
    """When anything was last moved in this database before then; None if nothing was. In a copy, too, people are
    heard."""
    found: datetime | None = connection.scalar(select(func.max(transitions.c.at)).where(transitions.c.at < before))
    return found


def resume(store: Store, paid: Mapping[int, int], *, none_of_ours: bool = False) -> None:
    """Back to everyday life. `paid`: what workers got in the time that is lost, by the provider's own list. Raises
    CannotResume while that list has payouts that nobody has named, unless somebody says that they are none of ours."""
    found = modes.recovery(store.connection)
    if found is None:
        return
    if found.reason == modes.RESTORED:
        if not none_of_ours:
            refuse_unnamed(store.connection, found, paid)
        settle_copied(store.connection, found, store.now)
    for worker_id, amount in paid.items():
        book_payout(store, worker_id, amount)
    # Nobody was reminded meanwhile, and nobody heard from us.
    outages.note_silence(store.connection, found.since, store.now)
    modes.leave(store.connection)
    store.note(audit.Line(NOBODY, "Resume", "database", found.reason))


def refuse_unnamed(connection: Connection, found: modes.Recovery, paid: Mapping[int, int]) -> None:
    """All that this copy knows is that the money is still to be paid out."""
    refuse_refunded(connection, found)
    unknown = [row for row in exceptions.unknown(connection, "pay_out") if row.since >= found.since]
    unnamed = Counter(row.theirs for row in unknown) - Counter(paid.values())
    if unnamed:
        listed = ", ".join(f"{row.subject} ({row.theirs:,} yen)" for row in unknown if row.theirs in unnamed)
        raise CannotResume(
            f"The provider has paid out what this copy does not know: {listed}. Name whom each went to with --paid, or "
            "they are paid twice. Add --none-of-ours if what is left pays for nothing in this copy."
        )


def refuse_refunded(connection: Connection, found: modes.Recovery) -> None:
    """Nobody can name these: how those contracts ended has not happened in this copy."""
    unknown = [row for row in exceptions.unknown(connection, "refund") if row.since >= found.since]
    if not unknown:
        return
    about = [[row.subject, *numbers(exceptions.concerned(connection, row.noun, row.thing_id))] for row in unknown]
    listed = "; ".join(f"{row.theirs:,} yen ({', '.join(each)})" for row, each in zip(unknown, about, strict=True))
    raise CannotResume(
        f"The provider has sent back what this copy does not know: {listed}. Ended here with the same sum for the "
        "client, a contract asks for the same errand, and nothing is sent again; with another, that is sent back as "
        "well. Restore a newer backup if there is one. Else see to it that its two people end it as they did; with "
        "--none-of-ours it goes on, and these contracts are frozen."
    )


def numbers(contract_ids: Iterable[int]) -> list[str]:
    return [codes.code("contract", contract_id) for contract_id in contract_ids]


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
