"""What a person took back, or wrote anew, goes from what came in; what became of it in a contract stays."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection, bindparam, select, update

from conversations.messages import Incoming
from engine import limits
from storage.inbox import HEARD, OF_ITS_CONVERSATION, Row
from storage.prepared import Prepared
from storage.retention import KEPT_DAYS
from storage.tables import inbox

SAID_BEFORE_MAX = 500  # among so many of a chat what is taken back is looked for
# And, with each message, whether it was taken back before it came in: seldom, and by then just now.
SAID_SINCE_MAX = 2 * limits.MESSAGES.most
# By their clock nothing is taken back before it is said; by ours it may seem so.
CLOCKS_APART = timedelta(seconds=10)
SINCE = Prepared(
    select(inbox.c.body)
    .where(
        *OF_ITS_CONVERSATION,
        inbox.c.state.in_(HEARD),
        inbox.c.received_at >= bindparam("since"),
        inbox.c.id < bindparam("before"),
    )
    .order_by(inbox.c.received_at.desc())
    .limit(SAID_SINCE_MAX)
)
BEFORE = (
    select(inbox.c.id, inbox.c.body)
    .where(*OF_ITS_CONVERSATION, inbox.c.id < bindparam("before"), inbox.c.body != b"")
    .order_by(inbox.c.id.desc())
    .limit(SAID_BEFORE_MAX)
)
Read = Callable[[bytes], Incoming | None]


def forget(connection: Connection, row: Row, read: Read, incoming: Incoming) -> tuple[Incoming, ...]:
    """The earlier words of this message, each gone; only their own writer's: it is looked for in one conversation."""
    kept = connection.execute(BEFORE, {**row.in_conversation, "before": row.id}).all()
    said = [(each.id, found) for each in kept if (found := read(each.body)) and found.message == incoming.takes_back]
    if any(found.content == incoming.content for _, found in said):
        # Telegram tells of a preview or a reaction as of words written anew.
        return ()
    ids = [number for number, _ in said]
    connection.execute(update(inbox).where(inbox.c.id.in_(ids)).values(body=b""))
    return tuple(found for _, found in said)


def is_gone(connection: Connection, row: Row, read: Read, incoming: Incoming) -> bool:
    """Whether this message was taken back before it came in, as happens where it is delivered once more: then its words
    are not kept, and nobody hears them."""
    if not incoming.message or incoming.takes_back:
        return False
    # However long ago it says that it was said: nothing older is kept.
    late = min(row.received_at - incoming.at, timedelta(days=KEPT_DAYS))
    about = {**row.in_conversation, "since": row.received_at - late - CLOCKS_APART, "before": row.id}
    # What is gone already says nothing.
    later = [found for (body,) in SINCE.rows(connection, about) if body and (found := read(body))]
    if all(each.takes_back != incoming.message or each.content == incoming.content for each in later):
        return False
    connection.execute(update(inbox).where(inbox.c.id == row.id).values(body=b""))
    return True
