"""検収: two taps. The first opened this; the second shows the amount and the breakdown, and is irrevocable."""

from conversations.flow import Begin, Flowing, confirm
from conversations.subjects import turn
from engine.deliveries import AcceptWork


def accept_work(begin: Begin) -> Flowing:
    contract = yield from turn(begin, "accept")
    seen = yield from confirm("card", "accept_work.go", contract.price, contract=contract, share=contract.share)
    return AcceptWork(by=begin.user_id, contract_id=contract.id, price=seen)
