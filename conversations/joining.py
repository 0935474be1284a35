"""Whoever speaks to us for the first time joins, and is welcomed."""

from conversations.messages import Incoming
from conversations.ports import World
from conversations.telling import tell
from engine.handle import handle
from engine.users import Join, User


def join(incoming: Incoming, world: World) -> User:
    sender = incoming.sender
    language = sender.language if sender.language in ("ja", "en") else "ja" if sender.platform == "line" else "en"
    wanted = Join(
        by=0,
        platform=sender.platform,
        tenant=sender.tenant,
        outside_id=sender.outside_id,
        name=sender.name,
        language=language,
    )
    decision = handle(wanted, world.facts)
    world.carry_out(decision, wanted)
    user = world.user_at(sender)
    assert user, "who has joined is known"
    tell(world, decision.events, user, incoming)
    return user
