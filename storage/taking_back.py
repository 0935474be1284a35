"""What a person took back, or wrote anew, goes from what came in; what became of it in a contract stays."""

from collections.abc import Callable

from sqlalchemy import Connection, select, update

from conversations.messages import Incoming
from storage.inbox import Row
from storage.tables import inbox

LOOKED_AT = 50  # people take back what they have just said


def forget(
    connection: Connection, row: Row, read: Callable[[bytes], Incoming | None], incoming: Incoming
) -> tuple[Incoming, ...]:
    """The earlier words of this message, each gone; only their own writer's: it is looked for in one conversation."""
    mine = (
        inbox.c.platform == row.platform,
        inbox.c.tenant == row.tenant,
        inbox.c.conversation == row.conversation,
    )
    earlier = select(inbox.c.id, inbox.c.body).where(*mine, inbox.c.id < row.id, inbox.c.body != b"")
    kept = connection.execute(earlier.order_by(inbox.c.id.desc()).limit(LOOKED_AT)).all()
    said = [(each.id, found) for each in kept if (found := read(each.body)) and found.message == incoming.takes_back]
    if any(found.content == incoming.content for _, found in said):
        # Telegram tells of a preview or a reaction as of words written anew.
        return ()
    ids = [number for number, _ in said]
    connection.execute(update(inbox).where(inbox.c.id.in_(ids)).values(body=b""))
    return tuple(found for _, found in said)
