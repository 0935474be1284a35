"""Who is told of what becomes of money at the provider: payments, refunds, payouts, and what differs in its books."""

from collections.abc import Iterable, Mapping
from typing import Any

from conversations.flow import Link, Start
from conversations.notice import Notice
from conversations.ports import World
from conversations.queries import ById, Operators
from engine.freezing import ContractFrozen, ContractThawed, MismatchFound
from engine.payments import PageFailed, PageRetried, PaymentOpened, PaymentReturned, WrongAmountPaid
from engine.payouts import PaidOut, PayoutConfirmed, PayoutFailed, PayoutRetried
from engine.ports import Event
from engine.refunds import RefundConfirmed, RefundFailed, RefundRetried, RefundSettled
from engine.users import User


def payer(event: Any, _: World) -> Iterable[int]:
    return (event.payment.payer_id,)


def repaid(event: Any, _: World) -> Iterable[int]:
    return (event.refund.payer_id,)


def payee(event: Any, _: World) -> Iterable[int]:
    return (event.payout.worker_id,)


def worker(event: Any, _: World) -> Iterable[int]:
    return (event.contract.worker_id,)


def operators(_: Any, world: World) -> Iterable[int]:
    return world.look(Operators())


def operators_if_gone(event: Any, world: World) -> Iterable[int]:
    """Of whoever has left nobody is told."""
    found = world.look(ById(User, event.payout.worker_id))
    gone = found is not None and found.stage == "erased"
    return operators(event, world) if gone else ()


def acting(event: Any, _: World) -> Iterable[int]:
    return (event.operator_id,)


def of_payment(event: Any, _: int) -> tuple[Start, ...]:
    return (Start("retry_page", {"payment_id": event.payment.id}, "primary"), Start("human"))


def of_refund(event: Any, reader: int) -> tuple[Start, ...]:
    """Nobody decides about a refund of their own."""
    about = {"refund_id": event.refund.id}
    own = event.refund.payer_id == reader
    return () if own else tuple(Start(flow, about) for flow in ("retry_refund", "settle_refund", "refund"))


def at_first(event: RefundFailed) -> bool:
    """Who waits is told once that they have to."""
    return not event.refund.version


def of_payout(event: Any, _: int) -> tuple[Start, ...]:
    return tuple(Start("retry_payout", {"contract_id": c.id}) for c in event.contracts)


def pay_page(event: PaymentOpened | WrongAmountPaid, _world: World, _reader: int) -> tuple[Link, ...]:
    return (Link(event.payment.url, "fund.pay"),) if event.payment.url else ()


MONEY_NOTICES: Mapping[type[Event], tuple[Notice, ...]] = {
    PaymentOpened: (Notice(payer, "fund.opened", links=pay_page, awaited=True),),
    PageFailed: (
        Notice(payer, "retry_page.failed", of_payment, awaited=True),
        Notice(operators, "retry_page.told"),
    ),
    PageRetried: (Notice(payer, "retry_page.retried"),),
    WrongAmountPaid: (Notice(payer, "fund.wrong_amount", links=pay_page, awaited=True),),
    PaymentReturned: (Notice(payer, "fund.returned"),),
    RefundFailed: (Notice(repaid, "refund.delayed", when=at_first), Notice(operators, "refund.failed", of_refund)),
    RefundRetried: (Notice(acting, "retry_refund.done"),),
    RefundConfirmed: (Notice(repaid, "refund.confirmed"), Notice(operators, "retry_refund.confirmed")),
    RefundSettled: (Notice(repaid, "settle_refund.told"), Notice(acting, "settle_refund.done")),
    PaidOut: (Notice(payee, "money.paid_out"),),
    PayoutConfirmed: (),  # the notice of PaidOut has said it already
    PayoutFailed: (
        Notice(payee, "retry_payout.failed", of_payout),
        Notice(operators_if_gone, "retry_payout.told"),
    ),
    PayoutRetried: (Notice(worker, "retry_payout.retried"),),
    MismatchFound: (Notice(operators, "frozen.mismatch"),),
    ContractFrozen: (Notice(worker, "frozen.frozen"),),
    ContractThawed: (Notice(worker, "frozen.thawed"),),
}
