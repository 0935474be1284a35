"""What providers say, by webhook or in their books, and what the daily batch asks of them: with which facts it is
decided."""

from engine import freezing, funding, ledger, payments, payouts, refunds, unlinking
from engine.contracts import Contract
from engine.links import Link
from engine.payments import Payment
from engine.payouts import Payout
from engine.ports import Decision, Facts
from engine.refunds import Refund
from engine.thanks import Thanks


def confirm_payment(wanted: payments.ConfirmPayment, facts: Facts) -> Decision:
    payment = facts.get(Payment, wanted.payment_id)
    tip = facts.get(Thanks, payment.thanks_id) if payment.thanks_id else None
    return funding.confirm(payment, facts.get(Contract, payment.contract_id), tip, facts.now, wanted)


def fail_page(wanted: payments.FailPage, facts: Facts) -> Decision:
    """0.1.0 does not know where such a payment stands: the page is asked for once more when that is gone."""
    if facts.older_serves:
        return Decision()
    return payments.fail_page(facts.get(Payment, wanted.payment_id), facts.now, wanted)


def fail_payout(wanted: payouts.FailPayout, facts: Facts) -> Decision:
    carried = facts.find(Contract, payout_id=wanted.payout_id)
    return payouts.fail(facts.get(Payout, wanted.payout_id), carried, facts.now)


def fail_refund(wanted: refunds.FailRefund, facts: Facts) -> Decision:
    payment, known = facts.get(Payment, wanted.payment_id), facts.find(Refund, errand=wanted.errand)
    return refunds.fail(payment, known, facts.new_id(), facts.now, wanted)


def confirm_refund(wanted: refunds.ConfirmRefund, facts: Facts) -> Decision:
    return refunds.confirm(facts.find(Refund, errand=wanted.errand), facts.now)


def freeze_for(wanted: freezing.FreezeFor, facts: Facts) -> Decision:
    return freezing.freeze(tuple(facts.get(Contract, contract_id) for contract_id in wanted.contract_ids), wanted)


def pay_out(facts: Facts, worker_id: int) -> Decision:
    held = unlinking.hold(facts.find(Link, user_id=worker_id), facts.now)
    if held:
        return payouts.put_off(worker_id, held.until)
    accepted = facts.find(Contract, worker_id=worker_id, stage="accepted")
    accepted += facts.find(Contract, worker_id=worker_id, stage="payout_problem")
    balance = facts.balance(ledger.earnings(worker_id))
    return payouts.pay_out(worker_id, balance, accepted, facts.new_id(), facts.provider, facts.now)
