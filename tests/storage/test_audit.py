"""The audit log is a chain: what is done to it without the key is found, at the first row that is not what it was."""

import random
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, delete, insert, select, update

import clock
from engine.jobs import HoldJob
from storage import audit, releases, schema
from storage.audit import Anchor, Line
from storage.chain import BEGINNING, DEMO_KEY, link
from storage.check import check
from storage.database import begin, migrate, migrations, open_database
from storage.tables import audit as log
from tests import builders
from tests.builders import MONDAY, Market

KEY = "a key that stands in no database"
ROWS = 12
MANIPULATIONS = 1_000


def write(connection: Connection, rows: int = ROWS, key: str = KEY) -> Anchor:
    """Every second with words of its own, and as many in a transaction as it may have."""
    for number in range(0, rows, 2):
        said = [
            Line(each % 3, "Resume", "database", "{}", "spam" * (each % 2), about=1) for each in (number, number + 1)
        ]
        audit.append(connection, key, MONDAY, said[: rows - number], secrets.token_bytes)
    return audit.head(connection)


def unguard(connection: Connection) -> None:
    where = " ON audit" if connection.dialect.name == "postgresql" else ""
    for act in schema.acts(connection.dialect.name):
        connection.exec_driver_sql(f"DROP TRIGGER {schema.trigger_name('audit', act)}{where}")


# -- manipulations: each returns the first row that is no longer what was written


def edit(connection: Connection, dice: random.Random) -> int:
    seq = dice.randint(1, ROWS)
    column = dice.choice(["at", "actor_id", "action", "subject", "body", "prev_hash", "hash"])
    was = connection.execute(select(log.c[column]).where(log.c.seq == seq)).scalar_one()
    now = {"at": lambda: was.replace(microsecond=dice.randint(1, 999_999)), "actor_id": lambda: was + 1}
    changed = now.get(column, lambda: was[:-1] + ("0" if was[-1] != "0" else "1"))()
    connection.execute(update(log).where(log.c.seq == seq).values({column: changed}))
    return seq


def remove(connection: Connection, dice: random.Random) -> int:
    seq = dice.randint(1, ROWS - 1)
    connection.execute(delete(log).where(log.c.seq == seq))
    return seq


def remove_and_close_the_gap(connection: Connection, dice: random.Random) -> int:
    seq = remove(connection, dice)
    for later in range(seq + 1, ROWS + 1):
        connection.execute(update(log).where(log.c.seq == later).values(seq=later - 1))
    return seq


def add(connection: Connection, dice: random.Random) -> int:
    """At the end, in the form of the others, with a hash made without the key or taken from another row."""
    head = audit.head(connection)
    said = (7, "PublishJob", "job:7", "{}")
    stolen = connection.execute(select(log.c.hash).where(log.c.seq == dice.randint(1, ROWS))).scalar_one()
    forged = dice.choice([stolen, link(dice.randbytes(8).hex(), head.seq + 1, MONDAY, said, head.hash), "0" * 64])
    values = dict(zip(("actor_id", "action", "subject", "body"), said, strict=True))
    connection.execute(insert(log).values(seq=head.seq + 1, at=MONDAY, prev_hash=head.hash, hash=forged, **values))
    return ROWS + 1


def reorder(connection: Connection, dice: random.Random) -> int:
    one, other = sorted(dice.sample(range(1, ROWS + 1), 2))
    for was, then in ((one, 999), (other, one), (999, other)):
        connection.execute(update(log).where(log.c.seq == was).values(seq=then))
    return one


def cut(connection: Connection, dice: random.Random) -> int:
    seq = dice.randint(1, ROWS)
    connection.execute(delete(log).where(log.c.seq >= seq))
    return seq


def recompute(connection: Connection, dice: random.Random) -> int:
    """The owner of the database changes a row and makes the chain whole again, with another key."""
    seq = dice.randint(1, ROWS)
    rewrite(connection, seq, dice.randbytes(8).hex())
    return seq


def rewrite(connection: Connection, seq: int, key: str) -> None:
    connection.execute(update(log).where(log.c.seq == seq).values(actor_id=99))
    before = connection.execute(select(log.c.hash).where(log.c.seq == seq - 1)).scalar() or BEGINNING
    for row in connection.execute(select(log).where(log.c.seq >= seq).order_by(log.c.seq)).all():
        linked = link(key, row.seq, row.at, (row.actor_id, row.action, row.subject, row.body), before)
        connection.execute(update(log).where(log.c.seq == row.seq).values(prev_hash=before, hash=linked))
        before = linked


KINDS: tuple[Callable[[Connection, random.Random], int], ...] = (
    edit,
    remove,
    remove_and_close_the_gap,
    add,
    reorder,
    cut,
    recompute,
)


def test_every_manipulation_is_found_at_its_row(database: Engine) -> None:
    dice = random.Random(1)
    found, wanted = [], []

    with database.connect() as connection, connection.begin() as whole:
        anchor = write(connection)
        unguard(connection)
        for number in range(MANIPULATIONS):
            kind = KINDS[number % len(KINDS)]
            with connection.begin_nested() as one:
                wanted.append(f"row {kind(connection, dice)} ")
                found += list(audit.broken(connection, KEY, anchor))
                one.rollback()
        whole.rollback()

    assert len(found) == MANIPULATIONS
    assert [what[: len(row)] for what, row in zip(found, wanted, strict=True)] == wanted


def test_whole_log_is_not_broken_and_reaches_its_anchors(database: Engine) -> None:
    with database.connect() as connection, connection.begin() as whole:
        early = write(connection)
        late = write(connection)
        found = [list(audit.broken(connection, KEY, anchor)) for anchor in (None, early, late)]
        whole.rollback()

    assert (early.seq, late.seq) == (ROWS, 2 * ROWS)
    assert found == [[], [], []]


def test_chain_made_anew_with_the_key_is_found_by_an_anchor(database: Engine) -> None:
    """Whoever has the key and the database can write the log anew: the anchor is kept where they cannot reach it."""
    with database.connect() as connection, connection.begin() as whole:
        anchor = write(connection)
        unguard(connection)
        rewrite(connection, 5, KEY)
        unseen = list(audit.broken(connection, KEY))
        found = list(audit.broken(connection, KEY, anchor))
        whole.rollback()

    assert unseen == []
    assert found == [f"row {ROWS} is not the one of the anchor"]


@pytest.mark.corrupts
def test_check_finds_a_changed_row(database: Engine) -> None:
    market = Market(database, operators=frozenset({("line", "", "operator")}))
    job = builders.post(market, builders.join(market, "a"))
    market.do(HoldJob(by=builders.join(market, "operator").id, job_id=job.id, reason="to be looked at"))
    with begin(database) as connection:
        sound = check(connection)
        unguard(connection)
        connection.execute(update(log).values(body="{}"))

    with database.connect() as connection:
        found = [str(violation) for violation in check(connection) if violation.rule == "A4"]

    assert sound == []
    assert found == ["A4: audit log: row 1 is not what was written, or the key is another"]


def test_rows_written_at_once_are_one_chain(database: Engine) -> None:
    def append(_: int) -> None:
        for _number in range(5):
            with begin(database) as connection:
                write(connection, 1, DEMO_KEY)

    writers = [threading.Thread(target=append, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    with database.connect() as connection:
        assert audit.head(connection).seq == 20
        assert list(audit.broken(connection, DEMO_KEY)) == []


def test_log_from_before_the_chain_is_chained_by_the_migration(tmp_path: Path) -> None:
    old = open_database(f"sqlite:///{tmp_path}/old.db")
    with begin(old) as connection:
        settings = migrations()
        settings.attributes.update(connection=connection, report=None, version_table=releases.FIRST_VERSIONS)
        command.upgrade(settings, "0003")
        for seq in (1, 2, 5):
            connection.exec_driver_sql(
                "INSERT INTO audit VALUES (?, '2030-12-02 01:00:00.000000', 8, 'Resume', 'database', '{}')", (seq,)
            )

    migrate(old, clock.now(), audit_key=KEY)

    with old.connect() as connection:
        head = audit.head(connection)
        found = list(audit.broken(connection, KEY, head))
        violations = check(connection, KEY)
    old.dispose()
    # One row more: from when on transfers are in it.
    assert (head.seq, found, violations) == (4, [], [])


def test_anchor_is_read_as_it_is_printed() -> None:
    anchor = Anchor(12, "0a" * 32)

    assert audit.read_anchor(f" {anchor}\n") == anchor
    assert [audit.read_anchor(wrong) for wrong in ("", "12", f"-1:{anchor.hash}", f"{anchor}0")] == [None] * 4
    assert str(replace(anchor, seq=0)).startswith("0:")
