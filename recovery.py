"""The way out of recovery mode, as whoever has the machine walks it: look, say what will happen, go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import clock
import money_kind
from engine import codes, leaving
from engine.erasure import EraseUser
from engine.errors import Refused
from engine.ports import NOBODY
from house import House, world
from mismatches import tell_resumed
from reconciler import LOOK_BACK, look
from settings import Settings
from storage import modes
from storage.check import check
from storage.database import begin, open_database
from storage.resume import CannotResume, LostTime, Waiting, refuse_unexplained, resume, waiting
from storage.store import Store

LOOK_YOURSELF = (
    "So nobody knows here whom the provider has paid in the lost time, and they may be paid twice. Or look at "
    "its own list of payouts, name them with --paid, and add --none-of-ours: what else is in it pays for nothing in "
    "this copy."
)


@dataclass(frozen=True)
class Plan:
    """`lines` are to be read before it is carried out."""

    lines: tuple[str, ...]
    lost: LostTime


def plan(house: House, paid: Sequence[str], *, none_of_ours: bool = False, refunds_seen: bool = False) -> Plan | None:
    """None if the database is not in recovery mode. `paid`: U-…:yen each. Raises CannotResume while it is not sound, or
    somebody would be paid twice for all we know, and WrongSettings if it is in another money."""
    lost = LostTime(dict(map(read_paid, paid)), none_of_ours, refunds_seen)
    with house.database.connect() as connection:
        found = modes.recovery(connection)
        if found is None:
            return None
        money_kind.insist(connection, house.settings, house.now())
        violations = check(connection, house.settings.audit_key)
        taken_at = modes.backup_taken_at(connection)
    if violations:
        raise CannotResume("\n".join(["The database is not sound:", *map(str, violations)]))
    not_compared = [*look(house), *too_old(taken_at, house.now())] if found.reason == modes.RESTORED else []
    if not_compared and not none_of_ours:
        raise CannotResume(" ".join([*not_compared, LOOK_YOURSELF]))
    with house.database.connect() as connection:
        if found.reason == modes.RESTORED:
            refuse_unexplained(connection, found, lost)
        return Plan(tuple(told(found, waiting(connection), lost.paid)), lost)


def too_old(taken_at: datetime | None, now: datetime) -> list[str]:
    """In a sentence, if the provider's books are not compared so far back."""
    if taken_at is None or now - taken_at <= LOOK_BACK:
        return []
    return [f"The backup is of {taken_at:%Y-%m-%d}, and only the last {LOOK_BACK.days} days of the books are compared."]


def told(found: modes.Recovery, freed: Waiting, paid: Mapping[int, int]) -> list[str]:
    lines = [
        f"In recovery mode since {found.since:%Y-%m-%d %H:%M} UTC: {found.reason}.",
        f"{freed.stale} messages of the backup will not be sent, {freed.messages} newer ones will.",
        f"{freed.errands} errands will be asked of the provider again, each under its own key.",
    ]
    for worker_id, amount in freed.earnings.items():
        number = codes.code("user", worker_id)
        if worker_id in paid:
            lines.append(f"{number}: {paid[worker_id]:,} yen are booked as paid out already.")
        else:
            lines.append(f"{number}: {amount:,} yen will be paid out at the next run.")
    if found.reason == modes.RESTORED and freed.earnings:
        lines.append(
            "Whom the provider's own list shows as paid since the backup, name with --paid, or they are paid twice."
        )
    return lines


def erase(settings: Settings, numbers: Sequence[str]) -> None:
    """Those who left in the time that a restored copy has lost. Raises CannotResume; then nobody is erased."""
    engine, now = open_database(settings.database_url), clock.now()
    try:
        with begin(engine) as connection:
            store = Store(connection, now=now, cause=f"erase:{now.isoformat()}", audit_key=settings.audit_key)
            for number in numbers:
                wanted = EraseUser(by=NOBODY, user_id=codes.read("user", number) or 0)
                try:
                    store.carry_out(leaving.erase_user(wanted, store), wanted)
                except Refused as refused:
                    raise CannotResume(f"{number} cannot be erased: {type(refused).__name__}.") from refused
            store.flush()
    finally:
        engine.dispose()


def read_paid(text: str) -> tuple[int, int]:
    number, _, amount = text.partition(":")
    worker_id = codes.read("user", number)
    if worker_id is None or not amount.isdecimal():
        raise CannotResume(f"--paid {text}: it is U-…:yen, the worker's number and the amount.")
    return worker_id, int(amount)


def carry_out(house: House, wanted: Plan) -> None:
    with world(house, f"resume:{house.now().isoformat()}") as store:
        resume(store, wanted.lost)
        tell_resumed(store)
