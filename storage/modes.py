"""Modes: what a database is in, a row each: a release, a kind of money, recovery. In recovery mode talks go on, but
nothing is sent, no errand is run and no timer fires, until somebody has looked."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, exists, insert, select

from storage.prepared import Prepared
from storage.tables import modes

# Names of rows. Which money it is, is the row's reason.
MONEY = "money"
RECOVERY = "recovery"
BACKUP = "backup"  # of a restored copy in recovery mode: its `since` is when the backup was taken
RESTORED = "restored"
# Part of each claim, so that nothing is taken that may not leave.
IN_RECOVERY = exists().where(modes.c.name == RECOVERY)
# Part of each claim of errands. Where nobody has begun to work yet, there is no row, and no other money.
IN_ANOTHER_MONEY = exists().where(modes.c.name == MONEY, modes.c.reason != bindparam("money"))

NAMED = Prepared(select(modes.c.reason).where(modes.c.name == bindparam("mode")))


def named(connection: Connection, mode: str) -> str:
    """What is in this mode: which release, which money. "" if none."""
    row = NAMED.row(connection, {"mode": mode})
    return row[0] if row else ""


def put(connection: Connection, mode: str, reason: str, now: datetime) -> None:
    connection.execute(delete(modes).where(modes.c.name == mode))
    connection.execute(insert(modes), {"name": mode, "since": now, "reason": reason, "outbox_to": 0})


@dataclass(frozen=True)
class Recovery:
    """`outbox_to`: messages up to this one stood in the backup, and may have been sent since."""

    since: datetime
    reason: str
    outbox_to: int


def recovery(connection: Connection) -> Recovery | None:
    """None in everyday life."""
    wanted = select(modes.c.since, modes.c.reason, modes.c.outbox_to).where(modes.c.name == RECOVERY)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else Recovery(*row)


def backup_taken_at(connection: Connection) -> datetime | None:
    """None if this is no copy in recovery mode."""
    taken_at: datetime | None = connection.scalar(select(modes.c.since).where(modes.c.name == BACKUP))
    return taken_at


def told(found: Recovery) -> str:
    return f"recovery mode since {found.since:%Y-%m-%d %H:%M} UTC ({found.reason}): see arigato resume"


def enter(connection: Connection, reason: str, now: datetime) -> None:
    """Nothing more leaves. What waits is this database's own and is sent when it resumes."""
    if recovery(connection) is None:
        put(connection, RECOVERY, reason, now)


def restored(dialect: str, now: datetime, taken_at: datetime) -> tuple[str, ...]:
    """What makes a copy one that knows it is one: statements to be run in the transaction that fills it. `now` is ours:
    how long people lost is counted from it, and a database's own clock may go otherwise."""
    at, taken = (
        f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}{'+00' if dialect == 'postgresql' else ''}"
        for moment in (now, taken_at)
    )
    return (
        f"DELETE FROM modes WHERE name IN ('{RECOVERY}', '{BACKUP}')",  # noqa: S608 - words of ours
        "INSERT INTO modes (name, since, reason, outbox_to) "  # noqa: S608 - with a time of ours
        f"VALUES ('{BACKUP}', '{taken}', '', 0)",
        "INSERT INTO modes (name, since, reason, outbox_to) "  # noqa: S608 - with a time of ours
        f"SELECT 'recovery', '{at}', 'restored', COALESCE(MAX(id), 0) FROM outbox",
        # The lost time after the backup gave ids away, also to the provider: no new thing gets one of them. Nor one
        # that an earlier copy of the same backup has given: the later it is restored, the further it goes.
        SKIP[dialect].format(at=at, ids=SKIPPED_IDS, a_second=IDS_A_SECOND),
    )


SKIPPED_IDS = 1_000_000
IDS_A_SECOND = 10  # more than a market gives, day and night; a year of them leaves room for two more (engine/codes.py)
SKIP = {
    "postgresql": (
        "SELECT setval('ids', nextval('ids') + {ids} + {a_second} * (SELECT GREATEST(0, COALESCE("
        "EXTRACT(EPOCH FROM timestamptz '{at}' - MAX(at)), 0))::bigint FROM transitions))"
    ),
    "sqlite": (
        "UPDATE ids SET last = last + {ids} + {a_second} * (SELECT MAX(0, COALESCE("
        "strftime('%s', '{at}') - strftime('%s', MAX(at)), 0)) FROM transitions)"
    ),
}


def leave(connection: Connection) -> None:
    connection.execute(delete(modes).where(modes.c.name.in_((RECOVERY, BACKUP))))
