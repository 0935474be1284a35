"""What is lost and brought back: a database that is replaced by an older copy of itself, and books that break."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

import recovery
import scheduler
from simulator import system
from simulator.faults import Broken
from storage import database, modes, tables
from storage.check import check
from storage.resume import LostTime

if TYPE_CHECKING:  # a play is moved by these
    from simulator.play import Play

# What a judge knows of a database; the rest of it belongs to the history.
OF_THE_DATABASE = (
    "transfers_read",
    "transitions_read",
    "balances",
    "escrow",
    "settled",
    "settled_by",
    "stages",
    "refused",
)


# What an older one hears anew is so old at the provider that it soon leaves their list (docs/operating.md).
YOUNG = timedelta(days=10)
RECOVERING = "SELECT 1 FROM modes WHERE name = 'recovery'"


@dataclass(frozen=True)
class Backup:
    """`kept` is the database `at` that time; the others say what the judge had read, and what the bank had done."""

    kept: object
    at: datetime
    judge: Mapping[str, Any]
    captured: int
    refunded: frozenset[str]
    paid_out: frozenset[int]


def backed_up(play: "Play") -> Backup:
    return Backup(
        play.place.copy(),
        play.now,
        {name: copy(getattr(play.judge, name)) for name in OF_THE_DATABASE},
        len(play.bank.captured),
        frozenset(play.bank.refunded),
        frozenset(play.bank.paid_out),
    )


def put_back(play: "Play", backup: Backup) -> None:
    play.place.put_back(backup.kept)
    vars(play.judge).update({name: copy(value) for name, value in backup.judge.items()})


def back_up(play: "Play") -> None:
    """What is done in recovery mode would be missing in the copy, or be in it twice."""
    if not play.in_recovery:
        with play.faults.unseen():
            play.backup = backed_up(play)


def restore(play: "Play") -> None:
    """The world goes on; the database is that of the backup, and knows it. People's screens are not restored."""
    if play.backup is None or play.in_recovery or play.now - play.backup.at > YOUNG:
        return
    with play.faults.unseen():
        present = backed_up(play)
        put_back(play, play.backup)
        paid = lost_payouts(play, play.backup)
        if paid is None:
            put_back(play, present)
            return
        with database.begin(play.house.database) as connection:
            for statement in modes.restored(connection.dialect.name, play.now, play.backup.at):
                connection.exec_driver_sql(statement)
            known = set(connection.scalars(select(tables.payments.c.id)))
    # Pages for what nobody knows any more are taken down.
    play.bank.pages = {payment: amount for payment, amount in play.bank.pages.items() if payment in known}
    for messenger in play.messengers.values():
        messenger.shown.clear()  # the order of what is sent begins anew
    enter(play, "a restored backup")
    if paid:
        # What was earned meanwhile would no longer be what was paid: nobody does anything until it is booked. Whoever
        # is interrupted at it begins again, with the same list.
        with play.faults.unseen():
            stand_still(play)
            system.reconcile(play)
            go_on(play, paid)


def lost_payouts(play: "Play", backup: Backup) -> dict[int, int] | None:
    """By worker, what they got in the lost time, to be named to `resume`. None if more was lost than can be told to it:
    then people would have to decide by hand, and this backup is not the one that is restored."""
    bank = play.bank
    with play.look() as connection:
        payments = set(connection.scalars(select(tables.payments.c.id)))
        asked = set(connection.scalars(select(tables.operations.c.key)))
        earned = dict(connection.execute(select(tables.accounts.c.path, tables.accounts.c.balance)).all())
        links = connection.scalar(select(func.count()).select_from(tables.links))
    paid: dict[int, int] = {}
    for payout in bank.paid_out.keys() - backup.paid_out:
        errand, _ = bank.answers[f"pay_out-{payout}"]
        if errand.key in asked:
            continue  # the copy asks for it again, under its key
        if payout in bank.returned or errand.payee in paid or links:
            return None
        if earned.get(f"earnings:{errand.payee}") != errand.amount:
            return None
        paid[errand.payee] = errand.amount
    arrived = {payment for payment, _, _ in bank.captured[backup.captured :]}
    gone = bank.refunded.keys() - backup.refunded
    return paid if arrived <= payments and gone <= asked else None


def break_books(play: "Play") -> None:
    """Somebody writes into an account past the product. The hourly look finds it, nothing leaves, it is mended."""
    found = play.place.ask("SELECT path FROM accounts WHERE path LIKE 'earnings:%' ORDER BY path LIMIT 1")
    if play.in_recovery or not found:
        return
    with play.faults.unseen():
        written(play, 1)
        scheduler.watch(play.house)
        enter(play, "broken books")
        stand_still(play)
        if not unsound(play):
            raise Broken("M3", "a balance was changed by hand, and nobody sees it")
        written(play, -1)


def written(play: "Play", more: int) -> None:
    with database.begin(play.house.database) as connection:
        first = select(func.min(tables.accounts.c.path)).where(tables.accounts.c.path.like("earnings:%"))
        mine = update(tables.accounts).where(tables.accounts.c.path == first.scalar_subquery())
        connection.execute(mine.values(balance=tables.accounts.c.balance + more))


def enter(play: "Play", why: str) -> None:
    """Messages and errands that were on their way with a process are gone with it."""
    play.in_recovery = True
    play.paused.clear()
    play.met(f"recovery: {why}")


def stand_still(play: "Play") -> None:
    """What would go on by itself goes on in vain: whoever sends or pays now breaks the history."""
    system.ring(play)
    system.run_errands(play)
    system.send(play)


def unsound(play: "Play") -> bool:
    with play.look() as connection:
        return bool(check(connection))


def look_and_resume(play: "Play") -> None:
    if play.in_recovery:
        system.reconcile(play)
        go_on(play, {})


def go_on(play: "Play", paid: Mapping[int, int]) -> None:
    if unsound(play):
        return
    try:
        recovery.carry_out(play.house, recovery.Plan((), LostTime(paid)))
    finally:
        # Whoever dies right after the commit has gone on all the same.
        play.in_recovery = bool(play.place.ask(RECOVERING))
    play.met("recovery: resumed")
