"""仮払い: what follows when a provider says that money has come, in time, late, or of the wrong amount."""

from dataclasses import replace
from datetime import datetime

from engine import ledger, payments, thanks
from engine.contracts import Contract, Funded
from engine.lifecycle import Role
from engine.payments import (
    ConfirmPayment,
    OpenPayment,
    Payment,
    PaymentOpened,
    PaymentReturned,
    WrongAmountPaid,
)
from engine.ports import Decision, Operation


def open_payment(payment: Payment, wanted: OpenPayment) -> Decision:
    if payment.stage != "requested":
        # Nobody pays on it any more, and whoever it was for may have left meanwhile. The page that was paid on stays
        # known: what goes back goes back from there.
        return Decision(things=(replace(payment, reference=payment.reference or wanted.reference),))
    opened = replace(payment, reference=wanted.reference, url=wanted.url)
    return Decision(events=(PaymentOpened(payment=opened),), things=(opened,))


def sent_back(payment: Payment, wanted: ConfirmPayment) -> tuple[Operation, ...]:
    """The errand that returns money we may not keep. It never enters the books, so nothing leaves them."""
    key = payments.operation_key("refund", payment.id, wanted.reference)
    return (Operation("refund", key, payment.provider, wanted.amount, payment.id),)


def confirm(
    payment: Payment, contract: Contract, tip: thanks.Thanks | None, now: datetime, wanted: ConfirmPayment
) -> Decision:
    """Exactly the price starts the work. `tip` is the thanks a tip payment belongs to."""
    back = sent_back(payment, wanted)
    if payment.is_asked and wanted.amount != payment.amount:
        return Decision(events=(WrongAmountPaid(payment=payment, paid=wanted.amount),), operations=back)
    if payment.stage == "expired":
        returned = payment.take("pay_late", by=Role.PROVIDER, at=now)
        told = (PaymentReturned(payment=returned, paid=wanted.amount),)
        return Decision(events=told, things=(returned,), operations=back)
    if payment.stage in ("paid", "returned"):
        # The same page paid a second time: the event is new, the money is not ours.
        return Decision(events=(PaymentReturned(payment=payment, paid=wanted.amount),), operations=back)
    # Of several pages, the one that was paid on: what goes back goes back from there.
    paid = payment.take("pay", by=Role.PROVIDER, at=now, reference=wanted.reference)
    if tip:
        return Decision(things=(paid,)) + thanks.tip_paid(tip, contract, payment, now)
    funded = contract.take("fund", by=Role.PROVIDER, at=now, funded_through=payment.provider)
    transfers = ledger.fund(contract.id, payment.amount, payment.provider)
    return Decision(events=(Funded(contract=funded),), things=(paid, funded), transfers=transfers)
