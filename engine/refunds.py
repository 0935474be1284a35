"""返金: a refund that the provider has refused. The money is still there, and owed to who paid it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from engine import errors, ledger, moves
from engine.lifecycle import Role
from engine.payments import Payment, operation_key
from engine.ports import Command, Decision, Event, Operation, Staged


@dataclass(frozen=True, kw_only=True)
class Refund(Staged):
    """`errand` is the key under which it was last asked for."""

    noun: ClassVar = "refund"
    lifecycle: ClassVar = moves.REFUND

    payment_id: int
    contract_id: int
    payer_id: int
    amount: int
    provider: str
    errand: str


@dataclass(frozen=True, kw_only=True)
class FailRefund(Command):
    """The provider says: it did not refund this and never will under this key. `reason` is its own word for why."""

    payment_id: int
    amount: int
    errand: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ConfirmRefund(Command):
    errand: str


@dataclass(frozen=True, kw_only=True)
class RetryRefund(Command):
    """By an operator who has mended what the provider refused it for."""

    refund_id: int


@dataclass(frozen=True, kw_only=True)
class SettleRefund(Command):
    """By an operator who has given the money back by another way."""

    refund_id: int


@dataclass(frozen=True, kw_only=True)
class RefundFailed(Event):
    refund: Refund
    reason: str


@dataclass(frozen=True, kw_only=True)
class RefundRetried(Event):
    refund: Refund
    operator_id: int


@dataclass(frozen=True, kw_only=True)
class RefundConfirmed(Event):
    refund: Refund


@dataclass(frozen=True, kw_only=True)
class RefundSettled(Event):
    refund: Refund
    operator_id: int


def fail(payment: Payment, known: tuple[Refund, ...], refund_id: int, now: datetime, wanted: FailRefund) -> Decision:
    """`known` is the refund that was asked for once more under this key. Money that had left the books, or never
    entered them because it was not ours to keep, is in them from now on: the provider holds it, and it is owed."""
    refund = known[0] if known else begun(payment, refund_id, now, wanted)
    owed = refund.take("refund_fails", by=Role.PROVIDER, at=now)
    return Decision(
        events=(RefundFailed(refund=owed, reason=wanted.reason),),
        things=(owed,),
        transfers=ledger.refund_failed(owed.id, owed.amount, owed.provider, owed.contract_id),
    )


def begun(payment: Payment, refund_id: int, now: datetime, wanted: FailRefund) -> Refund:
    return Refund(
        id=refund_id,
        since=now,
        payment_id=payment.id,
        contract_id=payment.contract_id,
        payer_id=payment.payer_id,
        amount=wanted.amount,
        provider=payment.provider,
        errand=wanted.errand,
    )


def confirm(known: tuple[Refund, ...], now: datetime) -> Decision:
    """Of most refunds the payer has heard already, and nobody keeps them."""
    if not known:
        return Decision()
    done = known[0].take("confirm", by=Role.PROVIDER, at=now)
    return Decision(events=(RefundConfirmed(refund=done),), things=(done,))


def retry(refund: Refund, now: datetime, wanted: RetryRefund) -> Decision:
    """Under another key, once the earlier one is refused for good."""
    not_ones_own(refund, wanted.by)
    key = operation_key("refund", refund.payment_id, f"again-{refund.id}-{refund.version}")
    sent = refund.take("retry_refund", by=Role.OPERATOR, at=now, errand=key)
    return Decision(
        events=(RefundRetried(refund=sent, operator_id=wanted.by),),
        things=(sent,),
        transfers=ledger.refund_retried(sent.id, sent.amount, sent.provider, sent.contract_id),
        operations=(Operation("refund", key, sent.provider, sent.amount, sent.payment_id),),
    )


def settle(refund: Refund, now: datetime, wanted: SettleRefund) -> Decision:
    """The house has paid it from its own account; what lies with the provider is the house's now."""
    not_ones_own(refund, wanted.by)
    settled = refund.take("settle_refund", by=Role.OPERATOR, at=now)
    return Decision(
        events=(RefundSettled(refund=settled, operator_id=wanted.by),),
        things=(settled,),
        transfers=ledger.refund_settled(settled.id, settled.amount, settled.contract_id),
    )


def not_ones_own(refund: Refund, operator_id: int) -> None:
    if refund.payer_id == operator_id:
        raise errors.NotYourself
