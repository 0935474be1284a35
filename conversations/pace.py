"""Whoever says more in a minute than can be answered is asked, once, to slow down."""

from datetime import timedelta
from math import ceil

from conversations.messages import Incoming
from conversations.ports import World
from conversations.show import Speech


def slow_down(incoming: Incoming, world: World, after: timedelta) -> None:
    """Their talk stays as it is; after this time they can go on. A crowd in a group is not spoken to."""
    user = world.user_at(incoming.sender) if incoming.direct else None
    if user:
        world.suspect("too_many_messages")
        Speech(world, user, incoming).say("common.too_fast", facts={"seconds": ceil(after.total_seconds())})
