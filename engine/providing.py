"""What providers say, by webhook or in their books: with which facts it is decided."""

from engine import freezing, funding, payments, payouts
from engine.contracts import Contract
from engine.payments import Payment
from engine.payouts import Payout
from engine.ports import Decision, Facts
from engine.thanks import Thanks


def confirm_payment(wanted: payments.ConfirmPayment, facts: Facts) -> Decision:
    payment = facts.get(Payment, wanted.payment_id)
    tip = facts.get(Thanks, payment.thanks_id) if payment.thanks_id else None
    return funding.confirm(payment, facts.get(Contract, payment.contract_id), tip, facts.now, wanted)


def fail_payout(wanted: payouts.FailPayout, facts: Facts) -> Decision:
    carried = facts.find(Contract, payout_id=wanted.payout_id)
    return payouts.fail(facts.get(Payout, wanted.payout_id), carried, facts.now)


def freeze_for(wanted: freezing.FreezeFor, facts: Facts) -> Decision:
    return freezing.freeze(tuple(facts.get(Contract, contract_id) for contract_id in wanted.contract_ids), wanted)
