"""修正依頼: with a reason, as many rounds as the terms allow."""

from conversations.flow import Begin, Flowing, confirm
from conversations.subjects import reason, turn
from engine.deliveries import RequestChanges
from engine.errors import NoRoundsLeft
from engine.terms import ROUNDS_MAX


def request_changes(begin: Begin) -> Flowing:
    contract = yield from turn(begin, "request_changes")
    left = ROUNDS_MAX - contract.rounds_used
    if not left:
        raise NoRoundsLeft(ROUNDS_MAX)
    why = yield from reason(contract=contract, left=left)
    yield from confirm("card", "request_changes.go", "yes", contract=contract, reason=why, left=left)
    return RequestChanges(by=begin.user_id, contract_id=contract.id, reason=why)
