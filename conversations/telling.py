"""What has happened is told to everyone it concerns, each in their own language and where they are."""

from conversations.messages import Incoming
from conversations.notices import NOTICES
from conversations.ports import World
from conversations.queries import ById
from conversations.show import Speech
from engine.ports import Event
from engine.users import User


def tell(world: World, events: tuple[Event, ...], actor: User | None, incoming: Incoming | None) -> None:
    """The actor is answered where they spoke; only the first answer takes the place of the message that was pressed."""
    surface = "edit"
    for event in events:
        for notice in NOTICES[type(event)]:
            for reader in dict.fromkeys(notice.to(event, world) if notice.when(event) else ()):
                # Looked up anew: the event may have changed the reader's own language.
                user = world.look(ById(User, reader))
                assert user, "notices go to users that exist"
                if actor and reader == actor.id:
                    Speech(world, user, incoming).tell(notice, event, surface)
                    surface = "chat"
                else:
                    Speech(world, user).tell(notice, event)
