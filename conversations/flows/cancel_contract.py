"""キャンセル: before money is held, either side may leave."""

from conversations.flow import Begin, Flowing, confirm
from conversations.subjects import turn
from engine.contracts import CancelContract


def cancel_contract(begin: Begin) -> Flowing:
    contract = yield from turn(begin, "cancel")
    yield from confirm("card", "cancel_contract.go", "yes", contract=contract)
    return CancelContract(by=begin.user_id, contract_id=contract.id)
