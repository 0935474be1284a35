"""出金: the daily batch sends a worker's earnings to their bank, and takes them back when the bank refuses."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from engine import calendar, errors, ledger, money, moves
from engine.contracts import Contract
from engine.lifecycle import Role
from engine.payments import operation_key
from engine.ports import Command, Decision, Event, Operation, Staged, Timer


@dataclass(frozen=True, kw_only=True)
class Payout(Staged):
    noun: ClassVar = "payout"
    lifecycle: ClassVar = moves.PAYOUT

    worker_id: int
    amount: int
    provider: str


@dataclass(frozen=True, kw_only=True)
class ConfirmPayout(Command):
    payout_id: int


@dataclass(frozen=True, kw_only=True)
class FailPayout(Command):
    payout_id: int


@dataclass(frozen=True, kw_only=True)
class RetryPayout(Command):
    contract_id: int


@dataclass(frozen=True, kw_only=True)
class PaidOut(Event):
    """`contracts` are those whose earnings this payout carries."""

    payout: Payout
    contracts: tuple[Contract, ...]


@dataclass(frozen=True, kw_only=True)
class PayoutConfirmed(Event):
    payout: Payout


@dataclass(frozen=True, kw_only=True)
class PayoutFailed(Event):
    payout: Payout
    contracts: tuple[Contract, ...]


@dataclass(frozen=True, kw_only=True)
class PayoutRetried(Event):
    contract: Contract


def due_at_next_run(worker_id: int, now: datetime) -> Timer:
    return Timer("user", worker_id, "pay_out", calendar.next_payout_run(now))


def put_off(worker_id: int, until: datetime | None) -> Decision:
    """A payout that has to wait comes by itself at the first run from then on; None: when an operator has looked."""
    if until is None:
        return Decision()
    return Decision(timers=(Timer("user", worker_id, "pay_out", calendar.first_payout_run_from(until)),))


def pay_out(
    worker_id: int,
    balance: int,
    accepted: tuple[Contract, ...],
    payout_id: int,
    provider: str,
    now: datetime,
) -> Decision:
    """Everything earned, from 100 yen; less than that waits for the next credit, and so does what is frozen."""
    balance -= sum(contract.net for contract in accepted if contract.frozen)
    accepted = tuple(contract for contract in accepted if not contract.frozen)
    if balance < money.PAYOUT_MIN_YEN:
        return Decision()
    payout = Payout(id=payout_id, since=now, worker_id=worker_id, amount=balance, provider=provider)
    payout = payout.take("pay_out", by=Role.CLOCK, at=now)
    paid = tuple(c.take("pay_out", by=Role.CLOCK, at=now, payout_id=payout_id) for c in accepted)
    return Decision(
        events=(PaidOut(payout=payout, contracts=paid),),
        things=(payout, *paid),
        transfers=ledger.pay_out(worker_id, balance, provider),
        operations=(
            Operation(
                "pay_out",
                operation_key("pay_out", payout_id),
                provider,
                balance,
                payout_id,
            ),
        ),
    )


def confirm(payout: Payout, now: datetime) -> Decision:
    done = payout.take("confirm", by=Role.PROVIDER, at=now)
    return Decision(events=(PayoutConfirmed(payout=done),), things=(done,))


def fail(payout: Payout, carried: tuple[Contract, ...], now: datetime) -> Decision:
    """The bank sent it back: earnings again, and the worker is asked what to do. A payout that carried no accepted
    contract (a tip, a part of the price) has no one to ask by: the next run tries again."""
    failed = payout.take("fail", by=Role.PROVIDER, at=now)
    stuck = tuple(c.take("payout_fails", by=Role.PROVIDER, at=now) for c in carried if c.stage == "paid_out")
    return Decision(
        events=(PayoutFailed(payout=failed, contracts=stuck),),
        things=(failed, *stuck),
        transfers=ledger.payout_returned(payout.worker_id, payout.amount, payout.provider),
        timers=() if stuck else (due_at_next_run(payout.worker_id, now),),
    )


def retry(contract: Contract, now: datetime, wanted: RetryPayout) -> Decision:
    if contract.worker_id != wanted.by:
        raise errors.NotFound
    again = contract.take("retry_payout", by=Role.WORKER, at=now, payout_id=0)
    timer = due_at_next_run(contract.worker_id, now)
    return Decision(events=(PayoutRetried(contract=again),), things=(again,), timers=(timer,))
