"""Asking for help in the middle of something does not lose it: it is put aside and taken up again."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from conversations.ports import Answer, Saved

# Flows that ask something themselves, but are never what somebody turned to instead.
ASIDE = ("human", "language", "link", "use_code", "confirm_link", "refuse_link", "disown_link")

LEFT = "left"


def put_aside(saved: Saved) -> dict[str, Any]:
    """As JSON, to be kept in the arguments of the flow that comes between."""
    if not saved.flow or not saved.begun_at:
        return {}
    answers = {key: (answer.value, answer.at.isoformat()) for key, answer in saved.answers.items()}
    left = {"flow": saved.flow, "args": dict(saved.args), "begun_at": saved.begun_at.isoformat(), "answers": answers}
    return {LEFT: left}


def taken_up(saved: Saved) -> Saved:
    """What was left for this flow, now that it is over; else nothing is under way."""
    after = Saved(turn=saved.turn + 1)
    left = saved.args.get(LEFT)
    if not left:
        return after
    answers = {key: Answer(value, datetime.fromisoformat(at)) for key, (value, at) in left["answers"].items()}
    begun_at = datetime.fromisoformat(left["begun_at"])
    return replace(after, flow=left["flow"], args=left["args"], begun_at=begun_at, answers=answers)
