"""途中終了: a contract ends before acceptance, by agreement, by silence before delivery, or because it is overdue."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from engine import errors, ledger, money, payments
from engine.contracts import Contract
from engine.lifecycle import Role
from engine.payments import Payment
from engine.payouts import due_at_next_run
from engine.ports import Command, Decision, Event, Operation

OFFERS_PERCENT = (0, 25, 50, 75, 100)


@dataclass(frozen=True, kw_only=True)
class ProposeEnding(Command):
    """`percent` is the share of the price the worker would get."""

    offers: ClassVar = OFFERS_PERCENT
    contract_id: int
    percent: int


@dataclass(frozen=True, kw_only=True)
class AgreeEnding(Command):
    contract_id: int


@dataclass(frozen=True, kw_only=True)
class RefuseEnding(Command):
    contract_id: int


@dataclass(frozen=True, kw_only=True)
class EndOverdue(Command):
    contract_id: int


@dataclass(frozen=True, kw_only=True)
class EndingProposed(Event):
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class EndingRefused(Event):
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class EndedEarly(Event):
    """`paid` goes to the worker before fees, `refunded` to the client; in yen."""

    contract: Contract
    paid: int
    refunded: int


def propose(contract: Contract, now: datetime, wanted: ProposeEnding) -> Decision:
    role = contract.role_of(wanted.by)
    if wanted.percent not in OFFERS_PERCENT:
        raise errors.NotFound
    proposed = contract.take(
        "propose_ending",
        by=role,
        at=now,
        ending_by=wanted.by,
        ending_percent=wanted.percent,
    )
    return Decision(events=(EndingProposed(contract=proposed),), things=(proposed,))


def agree(contract: Contract, paid: tuple[Payment, ...], now: datetime, wanted: AgreeEnding) -> Decision:
    """`paid` is the one payment that filled the escrow: what is refunded goes back through it."""
    role = contract.role_of(wanted.by)
    ended = contract.take("agree_ending", by=role, at=now, ended_at=now)
    if contract.ending_by == wanted.by:
        raise errors.NotYourTurn("contract", "agree_ending")
    return split(ended, paid, contract.ending_percent, now)


def refuse(contract: Contract, now: datetime, wanted: RefuseEnding) -> Decision:
    role = contract.role_of(wanted.by)
    goes_on = contract.take("refuse_ending", by=role, at=now, ending_by=0, ending_percent=0)
    if contract.ending_by == wanted.by:
        raise errors.NotYourTurn("contract", "refuse_ending")
    return Decision(events=(EndingRefused(contract=goes_on),), things=(goes_on,))


def end_in_silence(contract: Contract, paid: tuple[Payment, ...], now: datetime) -> Decision:
    """Nothing was delivered and nobody objected for seven days: the client is refunded."""
    ended = contract.take("end_in_silence", by=Role.CLOCK, at=now, ended_at=now)
    return split(ended, paid, 0, now)


def end_overdue(contract: Contract, paid: tuple[Payment, ...], now: datetime, wanted: EndOverdue) -> Decision:
    ended = contract.take("end_overdue", by=contract.role_of(wanted.by), at=now, ended_at=now)
    return split(ended, paid, 0, now)


def split(ended: Contract, paid: tuple[Payment, ...], percent: int, now: datetime) -> Decision:
    """The escrow is emptied: the worker's share less fee and tax, the rest back to the client."""
    [escrow] = paid
    share = money.percent(ended.price, percent)
    back = ended.price - share
    worker = money.breakdown(share, withholds=bool(ended.withholding))
    transfers = ledger.release(ended.id, ended.worker_id, worker)
    key = payments.operation_key("refund", escrow.id, str(back))
    return Decision(
        events=(EndedEarly(contract=ended, paid=share, refunded=back),),
        things=(ended,),
        transfers=transfers + ledger.refund(ended.id, back, escrow.provider),
        timers=(due_at_next_run(ended.worker_id, now),) if share else (),
        operations=(Operation("refund", key, escrow.provider, back, escrow.id),) if back else (),
    )
