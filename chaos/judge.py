"""The judge: reads the journals of bank, messengers and people, and holds the database against them."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text

from chaos import faces, payees
from chaos.journal import entries
from chaos.plan import Plan
from storage.check import check

Found = Iterator[tuple[str, str]]

PAYOUTS = text("SELECT id, worker_id, amount, stage FROM payouts")
KEPT = text("SELECT tenant, event_id, id, state, error FROM inbox")
ANSWERS = text("SELECT cause, min(id) AS first, max(id) AS last FROM outbox GROUP BY cause")
TWICE = text("SELECT cause, count(*) AS times FROM transitions WHERE noun = 'job' AND source = '' GROUP BY cause")
WAITING = {
    "an event": "SELECT count(*) FROM inbox WHERE state = 'new'",
    "a message": "SELECT count(*) FROM outbox WHERE state IN ('pending', 'claimed')",
    "an errand": "SELECT count(*) FROM operations WHERE state NOT IN ('done', 'failed')",
    "a timer": "SELECT count(*) FROM timers WHERE due_at <= now()",
    "a payout": "SELECT count(*) FROM payouts WHERE stage = 'sent'",
}
# Nothing is wrong with any event here: whatever is counted against one was the database's or a death's fault.
FAILED = text("SELECT event_id, attempts, error FROM inbox WHERE attempts > 0")
TRESPASSES = text("SELECT box, row_id, holder, writer, became FROM chaos_trespasses")


def judged(plan: Plan, first: int, chats: faces.Chats, connection: Connection) -> Found:
    """Every promise that is broken, as its number in the list of invariants and what is wrong."""
    yield from ((violation.rule, violation.what) for violation in check(connection))
    yield from money(plan, first, connection)
    yield from conversations(plan, connection)
    yield from faces.judged(plan, chats)
    yield from waiting(connection)
    yield from stuck(plan)
    for row in connection.execute(TRESPASSES):
        yield "D3", f"{row.writer} wrote {row.box} {row.row_id} as {row.became}, and {row.holder} holds it"
    for died in (e for e in entries(plan.journal("faults")) if e["kind"] == "died"):
        yield "F1", f"process {died['pid']} ended by itself ({died['status']})"


def money(plan: Plan, first: int, connection: Connection) -> Found:
    """M13: what the bank paid is what was due, once each, and what the books say."""
    paid: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries(plan.journal("bank")):
        if entry["kind"] == "paid":
            paid[entry["payee"]].append(entry)
        elif entry["kind"] == "contradicted":
            yield "D10", f"{entry['before']} was asked of the bank, and then {entry['now']}"
    due = {first + number * payees.STRIDE for number in range(plan.payouts)}
    booked = {row.worker_id: row for row in connection.execute(PAYOUTS)}
    for payee in sorted(due | paid.keys()):
        times, row = len(paid[payee]), booked.get(payee)
        if times != 1:
            yield "M13", f"worker {payee} was paid {times} times"
        elif row is None or (paid[payee][0]["payout"], paid[payee][0]["amount"]) != (row.id, row.amount):
            yield "M13", f"the bank paid {paid[payee][0]}, and the books say {row}"
        elif row.stage != "confirmed":
            yield "M13", f"payout {row.id} is {row.stage}, and the bank has paid it"


def conversations(plan: Plan, connection: Connection) -> Found:
    """D1, D3: what was taken is kept once, worked through in order, and answered."""
    kept = {(row.tenant, row.event_id): row for row in connection.execute(KEPT)}
    answers = {row.cause: row for row in connection.execute(ANSWERS)}
    reached: dict[str, tuple[int, int]] = {}
    for taken in (e for e in entries(plan.journal("said")) if e["kind"] == "taken"):
        event, who = f"{taken['platform']}:{taken['tenant']}:{taken['event']}", taken["who"]
        row, answer = kept.get((taken["tenant"], taken["event"])), answers.get(event)
        if row is None or row.state != "done":
            yield "D2", f"{event} was taken and is {row.state + ': ' + row.error if row else 'lost'}"
            continue
        if answer is None:
            yield "D4", f"{event} was not answered"
            continue
        before = reached.get(who, (0, 0))
        if row.id <= before[0] or answer.first <= before[1]:
            yield "D3", f"{event} of {who} was worked through before what was said earlier"
        reached[who] = (row.id, answer.last)
    for row in connection.execute(FAILED):
        yield "D11", f"event {row.event_id} failed {row.attempts} times: {row.error}"
    for row in connection.execute(TWICE):
        if row.times > 1:
            yield "D1", f"{row.cause} posted {row.times} jobs"


def waiting(connection: Connection) -> Found:
    for what, sql in WAITING.items():
        many = connection.scalar(text(sql))
        if many:
            yield "LV1", f"{what} still waits: {many}"


def stuck(plan: Plan) -> Found:
    """LV4: at rest, with everybody still there, no transaction stands idle and nobody waits for a lock."""
    looks = [entry for entry in entries(plan.journal("watch")) if entry["kind"] == "waiting"]
    if looks and looks[-1]["stuck"]:
        yield "LV4", f"{looks[-1]['stuck']} transactions stand still, or wait for a lock, when nothing is left to do"


def in_short(found: Found, most: int) -> tuple[int, list[str]]:
    """How many, and of each kind the first few."""
    counts: Counter[str] = Counter()
    told = []
    for rule, what in found:
        counts[rule] += 1
        if counts[rule] <= most:
            told.append(f"{rule}: {what}")
    return counts.total(), told
