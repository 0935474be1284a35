"""Seconding: above the limit the same command is wanted by two operators; here the facts for it are gathered."""

from collections.abc import Mapping

from engine import approvals, ledger
from engine.approvals import Approval
from engine.contracts import Contract
from engine.jobs import Job
from engine.ports import Command, Decision, Facts, Staged
from engine.refunds import Refund
from engine.users import User

# What a command is about, by the name it has there.
ABOUT: Mapping[str, type[Staged]] = {"job_id": Job, "contract_id": Contract, "user_id": User, "refund_id": Refund}


def asked_or_confirmed(wanted: Command, facts: Facts, decision: Decision, at_stake: int) -> Decision:
    """The first operator's wish waits; with the second's, `decision` is carried out."""
    first = decision.things[0]
    assert isinstance(first, Staged), "what operators decide about has a lifecycle, and comes first"
    name, kind = next((name, kind) for name, kind in ABOUT.items() if hasattr(wanted, name))
    subject = facts.get(kind, getattr(wanted, name))
    earlier = facts.find(Approval, subject=subject.noun, subject_id=subject.id, move=first.moved, stage="waiting")
    good = [a for a in earlier if still_operator(facts, a.asked_by) and approvals.is_for(a, subject, at_stake)]
    if good:
        return approvals.confirm(good[0], decision, facts.now, wanted.by)
    return approvals.ask(first.moved, subject, at_stake, earlier, facts.new_id(), facts.now, wanted.by)


def still_operator(facts: Facts, user_id: int) -> bool:
    return facts.is_operator(user_id) and facts.get(User, user_id).stage == "active"


def in_hand(facts: Facts, user_id: int) -> int:
    """Yen that are in escrow for this person, on either side, or earned and not paid out."""
    mine = (*facts.find(Contract, client_id=user_id), *facts.find(Contract, worker_id=user_id))
    held = sum(facts.balance(ledger.escrow(c.id)) for c in mine if c.stage not in c.lifecycle.ends)
    return facts.balance(ledger.earnings(user_id)) + held
