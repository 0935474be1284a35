"""凍結: what the provider's books say otherwise than ours keeps its contract's earnings from being paid out, and only
those, until it is settled."""

from dataclasses import dataclass, replace
from datetime import datetime

from engine import ledger
from engine.contracts import Contract
from engine.payouts import due_at_next_run
from engine.ports import Command, Decision, Event

PAID_OUT_OF = ("accepted", "payout_problem")


@dataclass(frozen=True, kw_only=True)
class FreezeFor(Command):
    """`kind` and `subject` name what differs, `ours` and `theirs` the amounts; `contract_ids` whom it concerns."""

    kind: str
    subject: str
    ours: int
    theirs: int
    contract_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Thaw(Command):
    contract_id: int


@dataclass(frozen=True, kw_only=True)
class BookLoss(Command):
    """A chargeback of the contract's is lost, and whoever has the machine says that the house bears it."""

    contract_id: int
    amount: int
    provider: str


@dataclass(frozen=True, kw_only=True)
class MismatchFound(Event):
    kind: str
    subject: str
    ours: int
    theirs: int
    contracts: tuple[Contract, ...]


@dataclass(frozen=True, kw_only=True)
class ContractFrozen(Event):
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class ContractThawed(Event):
    contract: Contract


def freeze(concerned: tuple[Contract, ...], wanted: FreezeFor) -> Decision:
    held = tuple(replace(contract, frozen=True) for contract in concerned)
    frozen = tuple(contract for contract in held if contract not in concerned)
    found = MismatchFound(
        kind=wanted.kind, subject=wanted.subject, ours=wanted.ours, theirs=wanted.theirs, contracts=held
    )
    # Whose earnings do not wait to be paid out notices nothing.
    told = tuple(ContractFrozen(contract=contract) for contract in frozen if contract.stage in PAID_OUT_OF)
    return Decision(events=(found, *told), things=frozen)


def book_loss(contract: Contract, wanted: BookLoss) -> Decision:
    """Escrow and earnings stay as they are: nobody else pays for it."""
    return Decision(transfers=ledger.loss(contract.id, wanted.amount, wanted.provider))


def thaw(contract: Contract, now: datetime) -> Decision:
    if not contract.frozen:
        return Decision()
    free = replace(contract, frozen=False)
    waits = free.stage in PAID_OUT_OF
    return Decision(
        events=(ContractThawed(contract=free),) if waits else (),
        things=(free,),
        timers=(due_at_next_run(contract.worker_id, now),) if waits else (),
    )
