"""Operators and people: one user with record and addresses, suspend, restore, and the market's figures."""

from conversations.flow import Begin, Entry, Flowing, Show, Start, Steps, look
from conversations.queries import AddressesOf, ContractsOf, Figures, RecordOf
from conversations.subjects import reason, subject
from engine.lifecycle import Role
from engine.users import Restore, Suspend, User

CONTRACTS_SHOWN = 5


def user(begin: Begin) -> Flowing:
    found = yield from subject(begin, User)
    record = yield from look(RecordOf(found.id))
    addresses = yield from look(AddressesOf(found.id))
    contracts = yield from look(ContractsOf(found.id, live=True))
    entries = tuple(Entry("contract", {"contract": contract}) for contract in contracts[:CONTRACTS_SHOWN])
    open_moves = () if found.id == begin.user_id else found.lifecycle.open_to(found.stage, Role.OPERATOR)
    starts = tuple(Start(name, {"user_id": found.id}) for name in open_moves)
    facts = {"user": found, "record": record, "addresses": addresses, "live": len(contracts)}
    return Show("shown", facts, entries, (*starts, Start("queue")), about=f"user:{found.id}")


def moderated(begin: Begin, move: str) -> Steps[User]:
    found = yield from subject(begin, User)
    found.lifecycle.find(move, found.stage, Role.OPERATOR)
    return found


def suspend(begin: Begin) -> Flowing:
    found = yield from moderated(begin, "suspend")
    why = begin.args.get("rest") or (yield from reason(user=found))
    return Suspend(by=begin.user_id, user_id=found.id, reason=why)


def restore(begin: Begin) -> Flowing:
    found = yield from moderated(begin, "restore")
    why = begin.args.get("rest") or (yield from reason(user=found))
    return Restore(by=begin.user_id, user_id=found.id, reason=why)


def figures(begin: Begin) -> Flowing:
    found = yield from look(Figures())
    return Show("shown", {"figures": found, "now": begin.now}, starts=(Start("queue"),))
