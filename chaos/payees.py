"""Payees: thousands of workers whose accepted contracts are due for payout. The first is made by the real rules, the
others are its copies with numbers of their own, so that `arigato check` finds nothing wrong with any of them."""

import secrets
from datetime import timedelta

from sqlalchemy import Connection, Engine, Table, text

import clock
import seeds
from engine import calendar
from engine.applications import Application, Apply
from engine.contracts import AgreeTerms, Contract, Hire
from engine.deliveries import AcceptWork, Deliver
from engine.payments import ConfirmPayment, Payment
from engine.ports import NOBODY
from storage import audit, database, releases
from storage.chain import DEMO_KEY
from storage.tables import THINGS, accounts, entries, operations, transfers, transitions

STRIDE = 100  # numbers one payee takes up: people, job, contract, payment, their moves and transfers
CLONED = (*THINGS.values(), transfers, entries, accounts, operations, transitions)
COUNTED = ("transfers", "entries", "operations", "transitions", "timers")
NUMBERS = frozenset(("id", "thing_id", "actor_id", "agreed_by", "ending_by", "transfer_id")) | frozenset(
    f"{noun}_id" for noun in ("user", "client", "worker", "payer", "job", "application", "contract", "payout", "thanks")
)
UPGRADE = ("UpgradeBegun", "UpgradeEnded")
PATHS = frozenset(("source", "target", "account", "path"))
SHIFT = f"k * {STRIDE}"
PATH = (
    "CASE WHEN {0} ~ '^(escrow|earnings|wallet):[0-9]+$' "
    "THEN split_part({0}, ':', 1) || ':' || (split_part({0}, ':', 2)::bigint + {1}) ELSE {0} END"
)
# Each person on one of the three, under an id of that platform's shape.
ADDRESSED = """
UPDATE addresses SET platform = CASE id / :stride % 3 WHEN 0 THEN 'line' WHEN 1 THEN 'slack' ELSE 'telegram' END,
    outside_id = CASE id / :stride % 3 WHEN 0 THEN 'U' || lpad(to_hex(id), 32, '0')
                 WHEN 1 THEN 'U9' || lpad(id::text, 9, '0') ELSE '77' || lpad(id::text, 9, '0') END
"""
DUE = """
INSERT INTO timers (noun, thing_id, name, due_at)
SELECT 'user', :first + k * :stride, 'pay_out', now() + (:lead + k * :apart) * interval '1 second'
FROM generate_series(0, :last) AS k
"""


def plant(engine: Engine, many: int) -> int:
    """`many` payees with nothing due yet. The first one's user id; the others' follow in steps of STRIDE."""
    first = first_payee(engine)
    with database.begin(engine) as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # copies refer to copies
        connection.execute(text("DELETE FROM timers"))
        for table in CLONED:
            connection.exec_driver_sql(copying(table, many))
        connection.execute(text(ADDRESSED), {"stride": STRIDE})
        renumber(connection, many)
        # The log knows of transfers from now on: the copies' are older, as if the release before had made them.
        upgraded = [audit.Line(NOBODY, action, "database", releases.BEFORE) for action in UPGRADE]
        audit.append(connection, DEMO_KEY, clock.now(), upgraded, secrets.token_bytes)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return first


def first_payee(engine: Engine) -> int:
    """From posting to acceptance, by the real rules, some days ago."""
    at, hour = clock.now() - timedelta(days=5), timedelta(hours=1)
    client, worker = seeds.join(engine, at, 1), seeds.join(engine, at, 3)
    job = seeds.post(engine, at, client, 0)
    applied = seeds.do(engine, at + hour, Apply(by=worker.id, job_id=job.id, price=job.price, words=seeds.PITCH["ja"]))
    hired = seeds.do(engine, at + 2 * hour, Hire(by=client.id, application_id=seeds.made(applied, Application).id))
    deal = seeds.made(hired, Contract)
    for number, person in enumerate((client, worker), start=3):
        wanted = AgreeTerms(by=person.id, contract_id=deal.id, terms_hash=deal.terms_hash)
        agreed = seeds.do(engine, at + number * hour, wanted)
    payment = seeds.made(agreed, Payment)
    paid = ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=payment.amount, reference=f"seed-{payment.id}")
    seeds.do(engine, at + 5 * hour, paid)
    delivery = Deliver(by=worker.id, contract_id=deal.id, kind="text", body=seeds.WORK["ja"], file_id=0, sha256="")
    seeds.do(engine, at + timedelta(days=2), delivery)
    seeds.do(engine, at + timedelta(days=3), AcceptWork(by=client.id, contract_id=deal.id, price=deal.price))
    seeds.settle_errands(engine, calendar.next_payout_run(clock.now()))
    return worker.id


def copying(table: Table, many: int) -> str:
    """One statement for the copies of a table's rows, so that there are `many` of each."""
    columns = ", ".join(column.name for column in table.columns)
    copied = ", ".join(shifted(table.name, column.name) for column in table.columns)
    return (
        f"INSERT INTO {table.name} ({columns}) SELECT {copied} FROM {table.name}, generate_series(1, {many - 1}) AS k"
    )


def shifted(table: str, column: str) -> str:
    if column in NUMBERS:
        return f"CASE WHEN {column} = 0 THEN 0 ELSE {column} + {SHIFT} END"
    if column in PATHS and table in ("transfers", "entries", "accounts"):
        return PATH.format(column, SHIFT)
    match (table, column):
        case (_, "cause"):
            return "cause || '-' || k"
        case ("transfers", "key"):
            return "replace(key, cause, cause || '-' || k)"
        case ("operations", "key"):
            return f"kind || '-' || (thing_id + {SHIFT})"
        case ("addresses", "outside_id"):
            return "outside_id || '-' || k"
    return column


def renumber(connection: Connection, many: int) -> None:
    """The counters go on after the last copy."""
    connection.execute(text("SELECT setval('ids', :last)"), {"last": many * STRIDE})
    for table in COUNTED:
        counter = text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), :last)")
        connection.execute(counter, {"last": many * STRIDE})


def fall_due(engine: Engine, first: int, many: int, lead: float, within: float) -> None:
    """From `lead` seconds from now on, evenly over `within` seconds."""
    values = {"first": first, "stride": STRIDE, "last": many - 1, "lead": lead, "apart": within / many}
    with database.begin(engine) as connection:
        connection.execute(text(DUE), values)
