"""The inbox: what came from outside, kept before it is understood, worked through one conversation at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    any_,
    bindparam,
    column,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY

from engine import limits
from storage import order
from storage.columns import minute_of
from storage.prepared import Prepared
from storage.tables import inbox

FAILURES_BEFORE_PARKED = 5
# Of what providers told: enough for twenty workers that take twenty each.
LOOKED_AT = 400


@dataclass(frozen=True)
class NewRow:
    platform: str
    tenant: str
    event_id: str
    conversation: str
    body: bytes
    received_at: datetime


@dataclass(frozen=True)
class Row:
    id: int
    platform: str
    tenant: str
    event_id: str
    conversation: str
    body: bytes
    received_at: datetime
    attempts: int
    heard: int  # how many of its conversation and minute were heard before it, counted no further than the limit

    @property
    def cause(self) -> str:
        """What follows from it is known by this."""
        return f"{self.platform}:{self.tenant}:{self.event_id}"

    @property
    def in_conversation(self) -> dict[str, object]:
        """For OF_ITS_CONVERSATION."""
        return {"on_platform": self.platform, "in_tenant": self.tenant, "its_conversation": self.conversation}

    @property
    def too_many(self) -> bool:
        return self.heard >= limits.MESSAGES.most

    @property
    def minute_ends(self) -> datetime:
        return self.received_at.replace(second=0, microsecond=0) + limits.MESSAGES.within


PAYMENTS = "payments"


def firsts(*where: ColumnElement[bool]) -> Select[int]:
    """The oldest of each conversation, by one walk along ix_inbox_heads."""
    return (
        select(func.min(inbox.c.id).label("id"))
        .where(inbox.c.state == "new", *where)
        .group_by(inbox.c.platform, inbox.c.tenant, inbox.c.conversation)
    )


# People's: before and after the providers' in the index, of whom there may be thousands after a payout run. Who says
# something waits for people only.
PEOPLES = union_all(firsts(inbox.c.platform < PAYMENTS), firsts(inbox.c.platform > PAYMENTS))


def head(is_first: ColumnElement[bool]) -> ScalarSelect[int]:
    wanted = select(inbox.c.id).where(is_first, inbox.c.state == "new").order_by(inbox.c.id).limit(1)
    return wanted.with_for_update(skip_locked=True).scalar_subquery()


HEAD = {
    # As an array PostgreSQL looks them up, each; else it may walk along all that waits, and compare each with them.
    "postgresql": head(inbox.c.id == any_(func.array(PEOPLES.scalar_subquery(), type_=ARRAY(BigInteger)))),
    "sqlite": head(inbox.c.id.in_(PEOPLES)),
}
oldest = (
    select(inbox.c.id, inbox.c.tenant, inbox.c.conversation)
    .where(inbox.c.state == "new", inbox.c.platform == PAYMENTS)
    .order_by(inbox.c.id)
    .limit(LOOKED_AT)
    .subquery("oldest")
)
HEADS = (
    select(inbox.c.id)
    .where(
        inbox.c.id.in_(select(func.min(oldest.c.id)).group_by(oldest.c.tenant, oldest.c.conversation)),
        inbox.c.state == "new",
    )
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("heads")
)
# "hushed" is the one event of a minute that is answered with a request to slow down; those after it are "dropped".
HEARD = ("done", "hushed")
before = inbox.alias()
same_minute = (
    select(before.c.id)
    .where(
        before.c.state.in_(HEARD),
        before.c.platform == inbox.c.platform,
        before.c.tenant == inbox.c.tenant,
        before.c.conversation == inbox.c.conversation,
        before.c.received_at >= minute_of(inbox.c.received_at),
    )
    .limit(limits.MESSAGES.most + 1)
    .correlate(inbox)
    .subquery()
)
# Counted from the rows themselves: it is never wrong, and costs no statement.
COUNT = select(func.count()).select_from(same_minute).scalar_subquery()
TAKE = {
    dialect: Prepared(
        update(inbox)
        .where(inbox.c.id == first)
        .values(state="done", heard=COUNT)
        .returning(*(inbox.c[name] for name in Row.__dataclass_fields__))
    )
    for dialect, first in HEAD.items()
}
TAKE_TOLD = Prepared(
    update(inbox)
    .where(inbox.c.id.in_(select(HEADS.c.id)))
    .values(state="done", heard=0)
    .returning(*(inbox.c[name] for name in Row.__dataclass_fields__))
)
COUNTED = (
    update(inbox)
    .where(inbox.c.id == bindparam("row_id"), inbox.c.state == "new")
    .values(attempts=inbox.c.attempts + 1, error=bindparam("why"))
    .returning(inbox.c.attempts)
)
PARKED = update(inbox).where(inbox.c.id == bindparam("row_id")).values(state="parked")
HUSHED = update(inbox).where(inbox.c.id == bindparam("row_id")).values(state=bindparam("as_state"), body=b"")
OF_ITS_CONVERSATION = (
    inbox.c.platform == bindparam("on_platform"),
    inbox.c.tenant == bindparam("in_tenant"),
    inbox.c.conversation == bindparam("its_conversation"),
)
WAITING = select(inbox.c.id, inbox.c.body).where(
    *OF_ITS_CONVERSATION, inbox.c.state == "new", inbox.c.received_at < bindparam("until")
)
SPARED_MAX = 1_000  # more than anybody writes in a minute


NEW = tuple(NewRow.__dataclass_fields__)
FRESH = {"state": "new", "attempts": 0, "error": ""}
# What comes back can be counted; the drivers' own count knows nothing of those that were there already.
KEEP_SQLITE = Prepared(
    sqlite.insert(inbox)
    .on_conflict_do_nothing(index_elements=["platform", "tenant", "event_id"])
    .returning(inbox.c.id),
    (*NEW, *FRESH),
)
# One array a column: the statement is the same for any number of rows, so the server and the driver know it already.
arrived = (
    func.unnest(*(bindparam(name, type_=postgresql.ARRAY(inbox.c[name].type)) for name in NEW))
    .table_valued(*(column(name, inbox.c[name].type) for name in NEW), with_ordinality="place")
    .render_derived(name="arrived")
)
KEEP_POSTGRESQL = Prepared(
    postgresql.insert(inbox)
    .from_select(
        [*NEW, *FRESH],
        select(*(arrived.c[name] for name in NEW), *map(literal, FRESH.values())).order_by(arrived.c.place),
    )
    .on_conflict_do_nothing(index_elements=["platform", "tenant", "event_id"])
    .returning(inbox.c.id)
)


def store(connection: Connection, rows: Sequence[NewRow]) -> int:
    """Keep what came, in its order. An event that is already here is dropped; the number that is new."""
    if not rows:
        return 0
    order.hold(connection, ((row.platform, row.tenant, row.conversation) for row in rows))
    if connection.dialect.name == "postgresql":
        columns = {name: [getattr(row, name) for row in rows] for name in NEW}
        return len(KEEP_POSTGRESQL.rows(connection, columns))
    return sum(len(KEEP_SQLITE.rows(connection, {**vars(row), **FRESH})) for row in rows)


def take(connection: Connection) -> Row | None:
    """What somebody said: the oldest event that is the head of its conversation and that nobody works on. It is done if
    and only if this transaction commits.

    Ids of a conversation grow in order of commit, so nothing can slip in before a head that is being worked on."""
    row = TAKE[connection.dialect.name].row(connection, {})
    return None if row is None else Row(*row)


def take_told(connection: Connection, most: int) -> list[Row]:
    """What payment providers told, up to `most` events of different payments and payouts, in their order. Nobody counts
    how many they send."""
    rows = TAKE_TOLD.rows(connection, {"most": most})
    return sorted((Row(*row) for row in rows), key=lambda row: row.id)


def hush(connection: Connection, row: Row, spares: Callable[[bytes], bool]) -> bool:
    """Too many in one minute: the rest of it is dropped at once, but for what `spares` says of. True if this is the one
    event that is answered."""
    if spares(row.body):
        # It has had its turn. Its words are not kept: a flood of them would be looked through with each that follows.
        connection.execute(HUSHED, {"row_id": row.id, "as_state": "dropped"})
        return False
    first = row.heard == limits.MESSAGES.most
    connection.execute(HUSHED, {"row_id": row.id, "as_state": "hushed" if first else "dropped"})
    about = {**row.in_conversation, "until": row.minute_ends}
    waiting = connection.execute(WAITING, about).all()
    spared = [each.id for each in waiting if spares(each.body)][:SPARED_MAX]
    # Not what came in meanwhile: nobody has looked at it.
    seen = inbox.c.id.in_(WAITING.with_only_columns(inbox.c.id)) & (inbox.c.id <= max(waiting, default=(0,))[0])
    connection.execute(update(inbox).where(seen, inbox.c.id.not_in(spared)).values(state="dropped", body=b""), about)
    return first


def failed(connection: Connection, row_id: int, error: str) -> bool:
    """Count a failure, in a transaction of its own. True if the event is now parked, and its conversation goes on."""
    attempts = connection.scalar(COUNTED, {"row_id": row_id, "why": error})
    if attempts is None or attempts < FAILURES_BEFORE_PARKED:
        return False
    connection.execute(PARKED, {"row_id": row_id})
    return True


def told_about(provider: str, about: str) -> str:
    """The conversation in which a provider tells of one payment or payout, or of its books."""
    return f"{PAYMENTS}:{provider}:{about}"


def is_heard(connection: Connection, provider: str, about: str, after: datetime) -> bool:
    """Whether a provider told of it since, and a worker has heard it."""
    wanted = select(inbox.c.id).where(
        inbox.c.platform == PAYMENTS,
        inbox.c.tenant == provider,
        inbox.c.conversation == told_about(provider, about),
        inbox.c.state.in_(HEARD),
        inbox.c.received_at >= after,
    )
    return connection.execute(wanted.limit(1)).first() is not None


def unread(connection: Connection, provider: str) -> set[str]:
    """What it told, and waits for a worker."""
    wanted = select(inbox.c.event_id).where(
        inbox.c.platform == PAYMENTS, inbox.c.tenant == provider, inbox.c.state == "new"
    )
    return set(connection.scalars(wanted))
