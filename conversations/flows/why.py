"""なぜ？: what happened last, by which rule, through whom and when."""

from conversations.flow import Begin, Flowing, Show, Start, look
from conversations.queries import ById, LastStepFor
from engine.contracts import Contract
from engine.jobs import Job


def why(begin: Begin) -> Flowing:
    step = yield from look(LastStepFor(begin.user_id))
    if step is None:
        return Show("nothing", starts=(Start("home"),))
    thing = yield from look(ById(Contract if step.noun == "contract" else Job, step.thing_id))
    return Show("step", {"step": step, "thing": thing}, starts=(Start("mine"), Start("human")))
