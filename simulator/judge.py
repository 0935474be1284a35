"""What must be true, told independently of the product: a little after each commit, all of it at quiet points."""

from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, text

from engine.lifecycle import Role
from simulator.faults import Broken
from storage.books import is_hot
from storage.check import check
from storage.check_moves import CHANGES_WITHOUT_MOVE, LIFECYCLE_OF, declared

if TYPE_CHECKING:  # the two know each other
    from simulator.play import Play

NEWEST = "SELECT (SELECT MAX(id) FROM transfers), (SELECT MAX(id) FROM transitions)"
MOVED = "SELECT id, source, target, amount, reason, contract_id, cause FROM transfers WHERE id > {} ORDER BY id"
ENTERED = "SELECT COUNT(*), COALESCE(SUM(e.amount), 0) FROM entries e WHERE e.transfer_id > {}"
STANDS = "SELECT path, balance FROM accounts WHERE path IN ({})"
TAKEN = (
    "SELECT id, noun, thing_id, version, move, source, target, role, cause FROM transitions WHERE id > {} ORDER BY id"
)
FAILED = "SELECT event_id, error FROM inbox WHERE attempts > 0 AND error NOT LIKE '%Injected%'"
ONCE = ("fund", "release", "fee", "fee_tax", "withholding", "refund")
# Stages in which the whole price is held, and what empties the escrow again.
HOLDING = ("in_progress", "ending_proposed", "overdue", "delivered", "changes_requested")


class Taken(NamedTuple):
    """One row of the transitions."""

    id: int
    noun: str
    thing_id: int
    version: int
    move: str
    source: str
    target: str
    role: str
    cause: str


class Judge:
    """Keeps books of its own, and compares."""

    def __init__(self, met: Callable[[str], None]) -> None:
        self.met = met
        self.transfers_read = 0
        self.transitions_read = 0
        self.balances: Counter[str] = Counter()
        self.escrow: Counter[int] = Counter()
        self.settled: set[tuple[int, str]] = set()
        self.settled_by: dict[int, str] = {}
        self.stages: dict[tuple[str, int], tuple[str, int]] = {}
        self.refused: Counter[str] = Counter()
        self.digest = sha256()

    def committed(self, connection: Any) -> None:
        """The incremental form, right after a commit, on the driver's own connection."""
        cursor = connection.cursor()
        cursor.execute(NEWEST)
        transfers, transitions = cursor.fetchone()
        if transfers and transfers > self.transfers_read:
            self.money(cursor)
        if transitions and transitions > self.transitions_read:
            cursor.execute(TAKEN.format(self.transitions_read))
            for row in cursor.fetchall():
                self.took(Taken(*row))
        cursor.close()

    def money(self, cursor: Any) -> None:
        cursor.execute(MOVED.format(self.transfers_read))
        moved = cursor.fetchall()
        cursor.execute(ENTERED.format(self.transfers_read))
        if tuple(map(int, cursor.fetchone())) != (2 * len(moved), 0):
            raise Broken("M1", f"transfers {moved} have not two entries each")
        touched: set[str] = set()
        for row in moved:
            self.transferred(*row)
            touched |= {path for path in row[1:3] if not is_hot(path)}
        self.transfers_read = moved[-1][0]
        names = ", ".join(f"'{path}'" for path in sorted(touched))
        cursor.execute(STANDS.format(names))
        found = dict(cursor.fetchall())
        for path in touched:
            if self.balances[path] < 0 or found.get(path) != self.balances[path]:
                raise Broken("M3", f"{path} holds {found.get(path)}, and should hold {self.balances[path]}")

    def transferred(
        self, number: int, source: str, target: str, amount: int, reason: str, contract_id: int, cause: str
    ) -> None:
        self.digest.update(f"{number} {source} {target} {amount} {reason} {cause};".encode())
        self.balances[source] -= amount
        self.balances[target] += amount
        if reason not in ONCE:
            return
        if (contract_id, reason) in self.settled:
            raise Broken("M8", f"contract {contract_id}: {reason} a second time")
        self.settled.add((contract_id, reason))
        self.escrow[contract_id] += amount if reason == "fund" else -amount
        if self.escrow[contract_id] < 0:
            raise Broken("M7", f"contract {contract_id} has given more than it was given")
        if reason != "fund" and self.settled_by.setdefault(contract_id, cause) != cause:
            raise Broken("M8", f"contract {contract_id} is settled by {self.settled_by[contract_id]} and {cause}")

    def took(self, row: Taken) -> None:
        noun, thing, move, source, target = row.noun, row.thing_id, row.move, row.source, row.target
        self.digest.update(f"{tuple(row)};".encode())
        stood, last = self.stages.get((noun, thing), ("", 0))
        if source != stood or not declared(LIFECYCLE_OF[noun], move, source, target, Role(row.role)):
            raise Broken("S1", f"{noun} {thing} stood at {stood!r}, and {row.role} took it from {source!r} by {move}")
        if row.version != last + 1 and not (noun in CHANGES_WITHOUT_MOVE and row.version > last):
            raise Broken("S1", f"{noun} {thing} went from version {last} to {row.version}")
        if noun == "contract" and (self.escrow[thing] > 0) != (target in HOLDING):
            raise Broken("M6", f"contract {thing} is {target} and holds {self.escrow[thing]}")
        self.stages[noun, thing] = (target, row.version)
        self.transitions_read = row.id
        self.met(point(noun, move, source, row.role))


def point(noun: str, move: str, source: str, role: str) -> str:
    return f"{noun}: {move}{f' from {source}' if source else ''} by {role}"


# -- at quiet points


def quiet(play: "Play", connection: Connection) -> Iterator[tuple[str, str]]:
    """Everything `arigato check` asks, and what only the platforms and the provider know."""
    yield from ((violation.rule, violation.what) for violation in check(connection))
    yield from (("D11", f"{event} failed: {error}") for event, error in connection.execute(text(FAILED)))
    yield from copies(play, connection)


def copies(play: "Play", connection: Connection) -> Iterator[tuple[str, str]]:
    """D5, D6: what was sent is there, once, in order."""
    rows = connection.execute(text("SELECT id, platform, recipient, retry_key, state FROM outbox ORDER BY id"))
    order: dict[str, int] = {}
    for number, platform, _recipient, key, state in rows:
        retry_key = str(key) if "-" in str(key) else f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"
        order[retry_key] = number
        sending = play.messengers[platform].sendings.get(retry_key)
        if state == "sent" and (sending is None or not sending.copies):
            yield "D5", f"message {number} is said to be sent, and {platform} has not seen it"
        if sending and sending.copies > 1 + (platform != "line") * sending.unsure:
            yield "D6", f"message {number} is on {platform} {sending.copies} times, {sending.unsure} were unsure"
    for platform, messenger in play.messengers.items():
        for person, keys in messenger.shown.items():
            numbers = [order[key] for key in keys]
            if numbers != sorted(numbers):
                yield "D6", f"{person} on {platform} was shown {numbers}"


def settled(play: "Play", connection: Connection) -> Iterator[tuple[str, str]]:
    """When everything has come to rest: nothing waits, and the provider's books are ours (M13)."""
    for what, sql in WAITING.items():
        yield from (("LV1", f"{what}: {tuple(row)}") for row in connection.execute(text(sql)))
    held, lost = (-play.judge.balances[f"outside:{name}"] for name in ("pretend", "chargebacks"))
    if (held, lost) != (play.bank.held - play.bank.lost, play.bank.lost):
        theirs = f"{play.bank.held - play.bank.lost} and {play.bank.lost}"
        yield "M13", f"the books say that {held} is with the provider and {lost} lost, the provider says {theirs}"
    noted: Counter[str] = Counter()
    for reason, times in connection.execute(text("SELECT reason, times FROM security_events")):
        noted[reason] += times
    for reason, times in play.judge.refused.items():
        if noted[reason] < times:
            yield "A7", f"{reason} was met {times} times, and stands in the security log {noted[reason]} times"


# The bank gave back what had been confirmed, and its worker has left meanwhile: operators are told, and keep it.
KEPT_FOR_THE_GONE = (
    "c.stage = 'payout_problem' AND EXISTS (SELECT 1 FROM users u WHERE u.id = c.worker_id AND u.stage = 'erased')"
)
WAITING = {
    "an event waits": "SELECT id, platform, event_id FROM inbox WHERE state = 'new'",
    "a message waits": "SELECT id, platform, state, error FROM outbox WHERE state IN ('pending', 'claimed')",
    "an errand waits": (
        # A page for another sum is told to nobody: no look-up says more of it.
        "SELECT id, kind, state, answer FROM operations "
        "WHERE state NOT IN ('done', 'failed') AND NOT (kind = 'collect' AND state = 'differs')"
    ),
    "a contract has not ended": (
        "SELECT id, stage, net FROM contracts c WHERE stage NOT IN "
        "('declined', 'expired', 'cancelled', 'ended_early', 'paid_out') AND NOT (stage = 'accepted' AND net < 100) "
        f"AND NOT ({KEPT_FOR_THE_GONE})"
    ),
    "a payment waits": "SELECT id, stage FROM payments WHERE stage IN ('requested', 'page_problem')",
    "a refund is owed": "SELECT id, stage, amount FROM refunds WHERE stage NOT IN ('refunded', 'settled')",
    "a payout waits": "SELECT id, stage FROM payouts WHERE stage = 'sent'",
    "the books differ": "SELECT id, kind, subject, ours, theirs FROM exceptions WHERE cleared_at IS NULL",
    "a contract is frozen": "SELECT id FROM contracts WHERE frozen",
    "money is held for nothing": "SELECT path, balance FROM accounts WHERE path LIKE 'escrow:%' AND balance <> 0",
}
