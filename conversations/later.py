"""Later: what the release before does not know, so that none of it is begun while that may hear the next answer."""

from conversations.flow import Start
from conversations.ports import World

# Of 0.1.0. With each release these begin anew: the flows that the one before has not (ADR 0017).
LATER = frozenset(
    (
        "link",
        "use_code",
        "confirm_link",
        "refuse_link",
        "disown_link",
        "unlink",
        "resume_payouts",
        "erase_me",
        "erase",
        "security",
        "refunds",
        "refund",
        "retry_page",
        "retry_refund",
        "settle_refund",
    )
)


def is_held_back(world: World, flow: str) -> bool:
    return flow in LATER and world.facts.older_serves


def open_now(world: World, starts: tuple[Start, ...]) -> tuple[Start, ...]:
    return tuple(start for start in starts if not is_held_back(world, start.flow))
