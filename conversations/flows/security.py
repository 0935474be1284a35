"""警備: what was refused at the doors and in talks, for operators."""

from conversations.flow import Begin, Entry, Flowing, Show, Start, look
from conversations.queries import Refusals
from engine import limits


def security(begin: Begin) -> Flowing:
    found = yield from look(Refusals())
    if not found:
        return Show("empty", starts=(Start("queue"),))
    entries = tuple(
        Entry("entry", {"refusal": refusal, "loud": refusal.in_hour > limits.alarm(refusal.reason)})
        for refusal in found
    )
    return Show("list", {"count": len(entries)}, entries, (Start("queue"),), about="security")
