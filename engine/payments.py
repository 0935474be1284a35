"""A payment is money we ask a client for, through a provider: into escrow, or as a tip."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from engine import errors, moves
from engine.lifecycle import Role
from engine.ports import Command, Decision, Event, Operation, Staged


@dataclass(frozen=True, kw_only=True)
class Payment(Staged):
    noun: ClassVar = "payment"
    lifecycle: ClassVar = moves.PAYMENT

    purpose: str  # "escrow" or "tip"
    contract_id: int
    thanks_id: int  # 0 unless the purpose is a tip
    payer_id: int
    title: str
    amount: int
    provider: str
    reference: str = ""  # the provider's own name for it
    url: str = ""  # where the client pays

    @property
    def is_asked(self) -> bool:
        """Whether money is still wanted for it."""
        return self.stage in ("requested", "page_problem")


@dataclass(frozen=True, kw_only=True)
class OpenPayment(Command):
    """The provider has a pay page for us."""

    payment_id: int
    reference: str
    url: str


@dataclass(frozen=True, kw_only=True)
class RenewPage(Command):
    """The provider says: nobody paid on this page, nor can any more. `reference` is its own name for the page."""

    payment_id: int
    reference: str


@dataclass(frozen=True, kw_only=True)
class FailPage(Command):
    """The provider says: it makes no page for this payment. `reason` is its own word for why; `reference` names a page
    that it made otherwise than asked: whoever finds a way to pay on it gets their money back."""

    payment_id: int
    reason: str
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class RetryPage(Command):
    payment_id: int


@dataclass(frozen=True, kw_only=True)
class ConfirmPayment(Command):
    """The provider says: so much money has come for this payment. `reference` is its own name for this arrival."""

    payment_id: int
    amount: int
    reference: str


@dataclass(frozen=True, kw_only=True)
class PaymentOpened(Event):
    payment: Payment


@dataclass(frozen=True, kw_only=True)
class PageFailed(Event):
    payment: Payment
    reason: str


@dataclass(frozen=True, kw_only=True)
class PageRetried(Event):
    payment: Payment


@dataclass(frozen=True, kw_only=True)
class WrongAmountPaid(Event):
    """Short or surplus money never starts work: it goes back, and the payment stays open."""

    payment: Payment
    paid: int


@dataclass(frozen=True, kw_only=True)
class PaymentReturned(Event):
    """Money came after the time was up; it goes back."""

    payment: Payment
    paid: int


def operation_key(kind: str, thing_id: int, part: str = "") -> str:
    """The same errand has the same key for ever, so the provider does it once."""
    return f"{kind}-{thing_id}{part and '-' + part}"


def arrival(key: str, payment_id: int) -> str:
    """The provider's own name of the money that an errand of `sent_back` returns."""
    return key.removeprefix(f"{operation_key('refund', payment_id)}-")


def request(payment: Payment, *, by: Role, at: datetime) -> tuple[Payment, Decision]:
    """The payment as it is asked for, and what follows."""
    asked = payment.take("request", by=by, at=at)
    return asked, Decision(things=(asked,), operations=(collect(asked),))


def collect(payment: Payment, page_before: str = "") -> Operation:
    key = operation_key("collect", payment.id, page_before)
    return Operation("collect", key, payment.provider, payment.amount, payment.id)


def renew(payment: Payment, wanted: RenewPage) -> Decision:
    """A page lives shorter than the client has time. Only the page we told of is followed by another: two that can be
    paid on are paid on twice."""
    if payment.stage != "requested" or payment.reference != wanted.reference:
        return Decision()
    return Decision(operations=(collect(payment, wanted.reference),))


def fail_page(payment: Payment, now: datetime, wanted: FailPage) -> Decision:
    """The payer is asked: the deadline of what they pay for goes on."""
    failed = payment.take(
        "page_fails", by=Role.PROVIDER, at=now, url="", reference=wanted.reference or payment.reference
    )
    return Decision(events=(PageFailed(payment=failed, reason=wanted.reason),), things=(failed,))


def retry_page(payment: Payment, now: datetime, wanted: RetryPage) -> Decision:
    """Another errand: what the provider has refused under one key it never does under that key."""
    if payment.payer_id != wanted.by:
        raise errors.NotFound
    again = payment.take("retry_page", by=Role.MEMBER, at=now)
    return Decision(
        events=(PageRetried(payment=again),), things=(again,), operations=(collect(again, f"again-{payment.version}"),)
    )
