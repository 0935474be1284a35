"""What every decision is like, whichever rule made it: of the types it declares, told as it is kept, and in order."""

import types
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any

from engine.contracts import Contract
from engine.deadlines import LoseTime
from engine.freezing import Thaw
from engine.ledger import FEES, TAX, WITHHELD, Transfer
from engine.payments import OpenPayment, Payment, RenewPage
from engine.payouts import Payout
from engine.ports import NOBODY, Command, Decision, Operation, Staged, Thing
from engine.refunds import Refund
from engine.users import User

# Of these nobody need hear: a page is told of while it can be paid, a lost hour only where it presses, and the end of
# a frost where earnings wait.
SILENT = (OpenPayment, RenewPage, LoseTime, Thaw)
# reason -> (the account money leaves, the account it comes to), as the books name them. market.md section 2.
WAYS = {
    "fund": ("outside", "escrow"),
    "release": ("escrow", "earnings"),
    "fee": ("escrow", FEES),
    "fee_tax": ("escrow", TAX),
    "withholding": ("escrow", WITHHELD),
    "refund": ("escrow", "outside"),
    "refund_failed": ("outside", "owed"),
    "refund_retried": ("owed", "outside"),
    "refund_settled": ("owed", "outside"),
    "loss": ("outside:chargebacks", "outside"),
    "pay_out": ("earnings", "outside"),
    "payout_returned": ("outside", "earnings"),
    "tip": ("outside or wallet", "earnings"),
}
Kept = dict[tuple[str, int], Thing]


def check(wanted: Command, decision: Decision, before: Kept, now: datetime, keys: set[str]) -> None:
    """`before` is what was kept, `keys` those of all earlier operations."""
    after = {**before, **{(thing.noun, thing.id): thing for thing in decision.things}}
    for part in (*decision.events, *decision.things, *decision.timers, *decision.transfers, *decision.operations):
        assert list(mistyped(part)) == []
    assert decision.events or not decision.things or isinstance(wanted, SILENT), "what changes is told"
    assert len({(t.noun, t.id) for t in decision.things}) == len(decision.things), "a thing is written once"
    new = [thing.id for thing in decision.things if (thing.noun, thing.id) not in before]
    assert len(set(new)) == len(new), "each new thing has a number of its own"
    for event in decision.events:
        for thing in things_in(event):
            assert thing == after[thing.noun, thing.id], "told otherwise than it is kept"
        for name in ("by", "operator_id"):
            assert getattr(event, name, wanted.by) in (wanted.by, NOBODY), "told of another's doing"
    for thing in decision.things:
        old = before.get((thing.noun, thing.id))
        if isinstance(thing, Staged) and (
            not isinstance(old, Staged) or (old.stage, old.moved) != (thing.stage, thing.moved)
        ):
            assert thing.since == now, "it stands there from now on"
    for timer in decision.timers:
        assert timer.due_at >= now, "no timer rings in the past"
        assert isinstance(after[timer.noun, timer.thing_id], User)
    for transfer in decision.transfers:
        a_way(transfer, after)
    for operation in decision.operations:
        an_errand(operation, after)
        assert operation.key not in keys, "another errand under an old key would not be done"


def things_in(found: object) -> Iterator[Thing]:
    if isinstance(found, Thing):
        yield found
    elif isinstance(found, tuple):
        for each in found:
            yield from things_in(each)
    elif is_dataclass(found):
        for field in fields(found):
            yield from things_in(getattr(found, field.name))


def a_way(transfer: Transfer, after: Kept) -> None:
    """Each reason has its way; a contract's money names the contract, and nobody else's account."""
    for account, way in zip((transfer.source, transfer.target), WAYS[transfer.reason], strict=True):
        kind, _, owner = account.partition(":")
        assert {kind, account} & set(way.split(" or ")), f"{transfer.reason} does not go this way: {account}"
        if kind == "escrow":
            assert int(owner) == transfer.contract_id
            assert isinstance(after["contract", int(owner)], Contract)
        if kind == "earnings":
            assert isinstance(after["user", int(owner)], User)
            assert not transfer.contract_id or worker_of(after, transfer.contract_id, transfer.reason) in (
                int(owner),
                None,
            )
        if kind == "owed":
            assert isinstance(after["refund", int(owner)], Refund)
        if account == "outside:chargebacks":
            assert transfer.reason == "loss"
        elif kind == "outside":
            assert owner == ("by_hand" if transfer.reason == "refund_settled" else "pretend")
    assert bool(transfer.contract_id) != (transfer.reason in ("pay_out", "payout_returned"))


def worker_of(after: Kept, contract_id: int, reason: str) -> int | None:
    deal = after["contract", contract_id]
    assert isinstance(deal, Contract)
    return deal.worker_id if reason in ("release", "tip") else None


def an_errand(operation: Operation, after: Kept) -> None:
    """What a provider is asked to do is for a thing of ours, of its own provider, and asked for under its name."""
    noun = "payout" if operation.kind == "pay_out" else "payment"
    thing = after[noun, operation.thing_id]
    assert isinstance(thing, Payment | Payout)
    assert operation.provider == thing.provider == "pretend"
    assert operation.amount > 0
    assert operation.amount == thing.amount or operation.kind == "refund"
    assert operation.key.split("-")[:2] == [operation.kind, str(operation.thing_id)]
    assert operation.kind in ("collect", "refund", "pay_out")


# -- types


@cache
def hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def mistyped(found: object) -> Iterator[str]:
    """Every field that is not of the type it declares."""
    for field in fields(found):  # type: ignore[arg-type] # every part of a decision is a dataclass
        kind: Any = type(found)
        value, declared = getattr(found, field.name), hints(kind)[field.name]
        if not fits(value, declared):
            yield f"{type(found).__name__}.{field.name} is {value!r}, not {declared}"


def fits(value: object, declared: Any) -> bool:
    origin = typing.get_origin(declared)
    if origin in (types.UnionType, typing.Union):
        return any(fits(value, each) for each in typing.get_args(declared))
    if origin is tuple:
        inner = typing.get_args(declared)[0]
        return isinstance(value, tuple) and all(fits(each, inner) for each in value)
    if declared is int:
        return type(value) is int
    return isinstance(value, declared)
