"""What has happened is told to everyone it concerns, each in their own language and where they are."""

from collections.abc import Iterable

from conversations.messages import Incoming
from conversations.notice import Notice
from conversations.notices import NOTICES
from conversations.ports import World, is_at
from conversations.queries import ById
from conversations.show import Speech
from conversations.suspicion import EVENTS
from engine.erasure import UserErased
from engine.ports import Event
from engine.users import Address, User


def tell(world: World, events: tuple[Event, ...], actor: User | None, incoming: Incoming | None) -> None:
    """The actor is answered where they spoke; only the first answer takes the place of the message that was pressed."""
    surface = "edit"
    for event in events:
        if type(event) in EVENTS:
            world.suspect(EVENTS[type(event)])
        for notice in NOTICES[type(event)]:
            for reader in dict.fromkeys(notice.to(event, world) if notice.when(event) else ()):
                # Looked up anew: the event may have changed the reader's own language.
                user = world.look(ById(User, reader))
                assert user, "notices go to users that exist"
                if user.stage == "erased" and not isinstance(event, UserErased):
                    continue  # they have left: only that is still said to them
                for at in places(notice, event, world, reader):
                    if actor and incoming and reader == actor.id and (at is None or is_at(at, incoming.sender)):
                        Speech(world, user, incoming).tell(notice, event, surface)
                        surface = "chat"
                    else:
                        # Also who has just become somebody else's second messenger waits for what is said there.
                        speech = Speech(world, user, at=at)
                        here = incoming is not None and speech.chat == incoming.sender.chat
                        speech.tell(notice, event, awaited=here)


def places(notice: Notice, event: Event, world: World, reader: int) -> Iterable[Address | None]:
    """None is where they were last."""
    return notice.at(event, world, reader) if notice.at else (None,)
