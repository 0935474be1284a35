"""Command -> rule: the table of contents of the marketplace. Here facts are gathered; the rules only decide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from engine import (
    alarms,
    applications,
    approvals,
    contracts,
    deadlines,
    deliveries,
    endings,
    erasure,
    errors,
    freezing,
    funding,
    jobs,
    leaving,
    linking,
    links,
    pacing,
    payments,
    payouts,
    providing,
    refunds,
    reviews,
    seconding,
    thanks,
    unlinking,
    users,
)
from engine.applications import Application
from engine.approvals import Approval
from engine.contracts import Contract
from engine.deliveries import Deliverable
from engine.jobs import Job
from engine.links import Link
from engine.payments import Payment
from engine.payouts import Payout
from engine.ports import NOBODY, Command, Decision, Facts
from engine.refunds import Refund
from engine.reviews import Review
from engine.thanks import Thanks
from engine.users import User

C = TypeVar("C", bound=Command)
Rule = Callable[[Any, Facts], Decision]


@dataclass(frozen=True, kw_only=True)
class TimeIsUp(Command):
    """A timer came due: the clock wants `name` of the thing."""

    noun: str
    thing_id: int
    name: str


def on(kind: type[C], rule: Callable[[C, Facts], Decision]) -> tuple[type[Command], Rule]:
    return kind, rule


def for_operators(
    kind: type[C], rule: Callable[[C, Facts], Decision], above: Callable[[C, Facts], int] | None = None
) -> tuple[type[Command], Rule]:
    """Ids decide: the rule runs only for users whose address is named in the settings. Where `above` says that more
    yen than FOUR_EYES_ABOVE_YEN hang on it, two of them are needed."""
    return kind, partial(guarded, rule, above)


def guarded(rule: Rule, above: Callable[[Any, Facts], int] | None, wanted: Command, facts: Facts) -> Decision:
    if not facts.is_operator(wanted.by):
        raise errors.OnlyOperators
    decision = rule(wanted, facts)
    at_stake = above(wanted, facts) if above else 0
    # The release before knows of no second operator, and what one of the two may do, both may.
    if at_stake <= approvals.FOUR_EYES_ABOVE_YEN or facts.older_serves:
        return decision
    return seconding.asked_or_confirmed(wanted, facts, decision, at_stake)


def contract(facts: Facts, wanted: Any) -> Contract:
    return facts.get(Contract, wanted.contract_id)


def job_of(facts: Facts, application_id: int) -> Job:
    return facts.get(Job, facts.get(Application, application_id).job_id)


def escrow_payment(facts: Facts, contract_id: int) -> tuple[Payment, ...]:
    """None before both have agreed. Whether it is paid the rules see by the stages."""
    return facts.find(Payment, contract_id=contract_id, purpose="escrow")


def close_job(wanted: jobs.CloseJob, facts: Facts) -> Decision:
    decision = jobs.close(facts.get(Job, wanted.job_id), facts.now, wanted)
    open_ones = facts.find(Application, job_id=wanted.job_id, stage="applied")
    return sum((applications.declined(a, facts.now) for a in open_ones), decision)


RULES: Mapping[type[Command], Rule] = dict(
    (
        on(users.Join, leaving.join),
        on(erasure.EraseMe, leaving.erase_me),
        for_operators(erasure.EraseUser, leaving.erase_user),
        on(users.SetLanguage, lambda w, f: users.set_language(f.get(User, w.by), w)),
        on(users.AskHuman, pacing.ask_human),
        for_operators(users.Suspend, lambda w, f: users.suspend(f.get(User, w.user_id), f.now, w)),
        for_operators(
            users.Restore,
            lambda w, f: users.restore(f.get(User, w.user_id), f.now, w),
            above=lambda w, f: seconding.in_hand(f, w.user_id),
        ),
        on(links.OfferLink, linking.offer_link),
        on(links.UseCode, linking.use_code),
        on(links.ConfirmLink, linking.confirm_link),
        on(links.RefuseLink, lambda w, f: links.refuse(f.get(Link, w.link_id), f.now, w)),
        on(unlinking.DisownLink, linking.disown_link),
        on(unlinking.Unlink, linking.unlink),
        for_operators(
            unlinking.ResumePayouts, linking.resume_payouts, above=lambda w, f: seconding.in_hand(f, w.user_id)
        ),
        on(jobs.PostJob, pacing.post_job),
        on(jobs.CloseJob, close_job),
        on(jobs.AppealJob, lambda w, f: jobs.appeal(f.get(Job, w.job_id), f.now, w)),
        for_operators(jobs.HoldJob, lambda w, f: jobs.hold(f.get(Job, w.job_id), f.now, w)),
        for_operators(
            jobs.PublishJob,
            lambda w, f: jobs.publish(f.get(Job, w.job_id), f.now, w),
            above=lambda w, f: f.get(Job, w.job_id).price,
        ),
        for_operators(jobs.RejectJob, lambda w, f: jobs.reject(f.get(Job, w.job_id), f.now, w)),
        on(applications.Apply, pacing.apply),
        on(
            applications.WithdrawApplication,
            lambda w, f: applications.withdraw(
                f.get(Application, w.application_id), job_of(f, w.application_id), f.now, w
            ),
        ),
        on(
            applications.DeclineApplication,
            lambda w, f: applications.decline(
                f.get(Application, w.application_id), job_of(f, w.application_id), f.now, w
            ),
        ),
        on(contracts.Hire, pacing.hire),
        on(contracts.AgreeTerms, lambda w, f: contracts.agree(contract(f, w), f.new_id(), f.provider, f.now, w)),
        on(
            contracts.DeclineTerms,
            lambda w, f: contracts.decline(contract(f, w), f.get(Job, contract(f, w).job_id), f.now, w),
        ),
        on(
            contracts.CancelContract,
            lambda w, f: contracts.cancel(
                contract(f, w), f.get(Job, contract(f, w).job_id), escrow_payment(f, w.contract_id), f.now, w
            ),
        ),
        on(payments.OpenPayment, lambda w, f: funding.open_payment(f.get(Payment, w.payment_id), w)),
        on(payments.RenewPage, lambda w, f: payments.renew(f.get(Payment, w.payment_id), w)),
        on(payments.FailPage, providing.fail_page),
        on(payments.RetryPage, pacing.retry_page),
        on(payments.ConfirmPayment, providing.confirm_payment),
        on(refunds.FailRefund, providing.fail_refund),
        on(refunds.ConfirmRefund, providing.confirm_refund),
        for_operators(refunds.RetryRefund, lambda w, f: refunds.retry(f.get(Refund, w.refund_id), f.now, w)),
        for_operators(
            refunds.SettleRefund,
            lambda w, f: refunds.settle(f.get(Refund, w.refund_id), f.now, w),
            above=lambda w, f: f.get(Refund, w.refund_id).amount,
        ),
        on(
            deliveries.Deliver,
            lambda w, f: deliveries.deliver(
                contract(f, w), len(f.find(Deliverable, contract_id=w.contract_id)), f.new_id(), f.now, w
            ),
        ),
        on(deliveries.RequestChanges, lambda w, f: deliveries.request_changes(contract(f, w), f.now, w)),
        on(deliveries.ExtendReview, lambda w, f: deliveries.extend_review(contract(f, w), f.now, w)),
        on(deliveries.AcceptWork, lambda w, f: deliveries.accept(contract(f, w), f.now, w)),
        on(endings.ProposeEnding, lambda w, f: endings.propose(contract(f, w), f.now, w)),
        on(endings.AgreeEnding, lambda w, f: endings.agree(contract(f, w), escrow_payment(f, w.contract_id), f.now, w)),
        on(endings.RefuseEnding, lambda w, f: endings.refuse(contract(f, w), f.now, w)),
        on(
            endings.EndOverdue,
            lambda w, f: endings.end_overdue(contract(f, w), escrow_payment(f, w.contract_id), f.now, w),
        ),
        on(payouts.ConfirmPayout, lambda w, f: payouts.confirm(f.get(Payout, w.payout_id), f.now)),
        on(payouts.FailPayout, providing.fail_payout),
        on(payouts.RetryPayout, lambda w, f: payouts.retry(contract(f, w), f.now, w)),
        on(reviews.LeaveReview, pacing.leave_review),
        on(thanks.SayThanks, pacing.say_thanks),
        on(deadlines.LoseTime, lambda w, f: deadlines.lose_time(f.get(deadlines.EXTENDED[w.noun], w.thing_id), w)),
        on(alarms.RaiseAlarm, lambda w, _: alarms.raise_alarm(w)),
        on(freezing.FreezeFor, providing.freeze_for),
        on(freezing.BookLoss, lambda w, f: freezing.book_loss(contract(f, w), w)),
        on(freezing.Thaw, lambda w, f: freezing.thaw(f.get(Contract, w.contract_id), f.now)),
        on(TimeIsUp, lambda w, f: CLOCK_RULES[w.noun, w.name](f, w.thing_id)),
    )
)


def expire_contract(facts: Facts, thing_id: int) -> Decision:
    deal = facts.get(Contract, thing_id)
    return contracts.expire(deal, facts.get(Job, deal.job_id), escrow_payment(facts, thing_id), facts.now)


def expire_application(facts: Facts, thing_id: int) -> Decision:
    return applications.expire(facts.get(Application, thing_id), job_of(facts, thing_id), facts.now)


def forgo_tip(facts: Facts, thing_id: int) -> Decision:
    said = facts.get(Thanks, thing_id)
    asked = facts.find(Payment, thanks_id=thing_id)
    return thanks.forgo(said, facts.get(Contract, said.contract_id), asked, facts.now)


def reveal_review(facts: Facts, thing_id: int) -> Decision:
    review = facts.get(Review, thing_id)
    return reviews.reveal(facts.get(Contract, review.contract_id), review, facts.now)


def remind(name: str, facts: Facts, thing_id: int) -> Decision:
    return deadlines.remind(facts.get(Contract, thing_id), name)


# What the clock wants of what, when its time is up: one row for each clock move and reminder in moves.py.
CLOCK_RULES: Mapping[tuple[str, str], Callable[[Facts, int], Decision]] = {
    ("job", "expire"): lambda f, i: jobs.expire(f.get(Job, i), f.now),
    ("application", "expire"): expire_application,
    ("contract", "expire"): expire_contract,
    ("contract", "end_in_silence"): lambda f, i: endings.end_in_silence(
        f.get(Contract, i), escrow_payment(f, i), f.now
    ),
    ("contract", "fall_overdue"): lambda f, i: deadlines.fall_overdue(f.get(Contract, i), f.now),
    ("contract", "accept"): lambda f, i: deliveries.accept_in_silence(f.get(Contract, i), f.now),
    ("review", "reveal"): reveal_review,
    ("thanks", "forgo_tip"): forgo_tip,
    ("approval", "expire"): lambda f, i: approvals.expire(f.get(Approval, i), f.now),
    ("user", "pay_out"): providing.pay_out,
    **{("contract", r.name): partial(remind, r.name) for r in Contract.lifecycle.reminders},
}


def handle(wanted: Command, facts: Facts) -> Decision:
    """Decide, or raise Refused. Nothing is read but through `facts`, nothing is written at all."""
    if wanted.by != NOBODY:
        acting = facts.get(User, wanted.by)
        if acting.stage == "suspended" and not isinstance(wanted, users.SetLanguage | users.AskHuman | erasure.EraseMe):
            raise errors.Suspended
    return RULES[type(wanted)](wanted, facts)
