"""途中終了 proposed: the worker's share is chosen in yen, and shown once more before the other is asked."""

from conversations.flow import Begin, Flowing, Option, choose, confirm
from conversations.subjects import turn
from engine import money
from engine.endings import OFFERS_PERCENT, ProposeEnding


def propose_ending(begin: Begin) -> Flowing:
    contract = yield from turn(begin, "propose_ending")
    offers = [
        Option(percent, "propose_ending.offer", {"percent": percent, "part": money.percent(contract.price, percent)})
        for percent in OFFERS_PERCENT
    ]
    percent = yield from choose("percent", *offers, contract=contract)
    part = money.percent(contract.price, percent)
    share = money.breakdown(part, withholds=bool(contract.withholding))
    yield from confirm("card", "propose_ending.go", percent, contract=contract, share=share, back=contract.price - part)
    return ProposeEnding(by=begin.user_id, contract_id=contract.id, percent=percent)
