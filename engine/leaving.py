"""Who wants to leave, and what they still have with others; and who joins, for they may have left before."""

from engine import erasure, ledger, users
from engine.applications import Application
from engine.contracts import Contract
from engine.jobs import Job
from engine.links import Link
from engine.payments import Payment
from engine.payouts import Payout
from engine.ports import Decision, Facts
from engine.refunds import Refund
from engine.users import User


def join(wanted: users.Join, facts: Facts) -> Decision:
    banned = facts.is_banned(wanted.platform, wanted.tenant, wanted.outside_id)
    return users.join(facts.new_id(), facts.new_id(), facts.now, wanted, banned=banned)


def erase_me(wanted: erasure.EraseMe, facts: Facts) -> Decision:
    return erasure.erase_me(facts.get(User, wanted.by), *open_of(facts, wanted.by), facts.now)


def erase_user(wanted: erasure.EraseUser, facts: Facts) -> Decision:
    return erasure.erase_user(facts.get(User, wanted.user_id), *open_of(facts, wanted.user_id), facts.now, wanted)


def open_of(facts: Facts, user_id: int) -> tuple[erasure.Open, erasure.Money]:
    """What somebody who wants to leave still has with others."""
    mine = facts.find(Job, client_id=user_id)
    applied = facts.find(Application, worker_id=user_id, stage="applied")
    found = erasure.Open(
        contracts=facts.find(Contract, client_id=user_id) + facts.find(Contract, worker_id=user_id),
        jobs=mine,
        applications=tuple((a, facts.get(Job, a.job_id)) for a in applied),
        received=tuple(a for job in mine for a in facts.find(Application, job_id=job.id, stage="applied")),
        watched=bool(facts.find(Link, user_id=user_id, stage="disowned")),
    )
    asked = [p for p in facts.find(Payment, payer_id=user_id) if p.is_asked]
    owed = [r for r in facts.find(Refund, payer_id=user_id) if r.stage not in r.lifecycle.ends]
    sent = facts.find(Payout, worker_id=user_id, stage="sent")
    money = erasure.Money(
        earned=facts.balance(ledger.earnings(user_id)),
        wallet=facts.balance(ledger.wallet(user_id)),
        on_its_way=sum(p.amount for p in asked) + sum(r.amount for r in owed) + sum(p.amount for p in sent),
    )
    return found, money
