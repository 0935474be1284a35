"""Faces: what each chat was shown, held against the outbox: everything, in order, and never more often than it was
unclear whether it had arrived."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, text

from bots.line import cards
from bots.slack import outbound as slack
from bots.telegram import words
from chaos.journal import entries
from chaos.plan import Plan
from chaos.platforms import face_of
from conversations.messages import Outgoing
from storage import outbox

MESSAGES = text(
    "SELECT o.id, o.platform, s.recipient, o.state, o.attempts, s.payload "
    "FROM outbox o JOIN chaos_said s ON s.id = o.id ORDER BY o.id"
)
TOLD = ("at", "kind", "method", "fault", "key")
# A toast may be shown in passing, and a form cannot be opened here: neither leaves a message for certain.
PASSING = ("toast", "form", "home")


@dataclass
class Group:
    """Messages that look alike and follow one another. `sent`: that were; `attempts`: to send them; `asked`: requests
    that came; `copies`: that were shown; `how`: each request, and what became of it."""

    face: str
    first: int
    sent: int = 0
    attempts: int = 0
    asked: int = 0
    copies: int = 0
    how: list[str] = field(default_factory=list)
    passing: bool = True


Chats = dict[tuple[str, str], list[Group]]


def judged(plan: Plan, chats: Chats) -> Iterator[tuple[str, str]]:
    """Counts in `chats` what the journal says was shown, and tells what should not have been."""
    at: Counter[tuple[str, str]] = Counter()
    for seen in entries(plan.journal("platforms")):
        chat = seen["platform"], seen["chat"]
        if seen["kind"] == "early":
            yield "D7", f"{chat} was asked {seen['by']:.2f} s before it allowed to"
            continue
        groups = chats.get(chat, [])
        place = find(groups, at[chat], seen["face"])
        if place is None:
            yield "D6", f"{chat} was shown {seen['face']} out of order, or without a reason"
            continue
        at[chat] = place
        groups[place].asked += 1
        groups[place].copies += seen["kind"] == "shown"
        groups[place].how.append(" ".join(str(seen[name]) for name in TOLD if name in seen))
    for (platform, who), groups in chats.items():
        yield from (("D6", f"{platform} {who}: {wrong}") for group in groups for wrong in wrong_with(group, platform))


def read(connection: Connection) -> Chats:
    """What the outbox says about each chat, in its order."""
    chats: Chats = defaultdict(list)
    for row in connection.execute(MESSAGES):
        outgoing = outbox.adapter().validate_json(row.payload)
        add(chats[row.platform, row.recipient], row, face(outgoing), passing=outgoing.surface in PASSING)
    return dict(chats)


def seen_again(chats: Chats) -> dict[str, int]:
    """Copies beyond the first, by platform."""
    spare = dict.fromkeys(("line", "slack", "telegram"), 0)
    for (platform, _), groups in chats.items():
        spare[platform] += sum(max(group.copies - group.sent, 0) for group in groups if not group.passing)
    return spare


def face(outgoing: Outgoing) -> str:
    match outgoing.to.platform:
        case "line":
            return face_of({"messages": cards.messages(outgoing.message, loopback=True)})
        case "slack":
            return face_of(slack.shown(outgoing))
    keyboard = words.keyboard(outgoing.message, outgoing.language)
    return face_of({"text": words.html(outgoing.message), "reply_markup": keyboard or None})


def add(groups: list[Group], row: Row[Any], looks: str, *, passing: bool) -> None:
    if not groups or groups[-1].face != looks:
        groups.append(Group(looks, row.id))
    group = groups[-1]
    group.sent += row.state == "sent"
    group.attempts += row.attempts
    group.passing = group.passing and passing


def find(groups: list[Group], place: int, looks: str) -> int | None:
    """Here or further on: never back."""
    return next((number for number in range(place, len(groups)) if groups[number].face == looks), None)


def wrong_with(group: Group, platform: str) -> Iterator[str]:
    if group.passing:
        return
    if group.copies < group.sent:
        yield f"message {group.first} is said to be sent, and was shown {group.copies} times, not {group.sent}"
    if platform == "line" and group.copies > max(group.sent, 1):
        yield f"message {group.first} was shown {group.copies} times: {'; '.join(group.how)}"
    if group.asked > group.attempts:
        yield f"message {group.first} was tried {group.attempts} times, and {group.asked} requests came"
