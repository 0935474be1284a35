"""納品する: text, a link or a file, shown once more before it is handed over."""

from conversations.flow import Begin, Flowing, ask, confirm
from conversations.subjects import turn
from engine.deliveries import LINK_MAX_CHARACTERS, Deliver
from engine.texts import bounded


def deliver(begin: Begin) -> Flowing:
    contract = yield from turn(begin, "deliver")
    work = yield from ask("work", "work", contract=contract)
    if work["kind"] == "link":
        bounded(work["body"], LINK_MAX_CHARACTERS)
    yield from confirm("card", "deliver.go", "yes", contract=contract, work=work)
    return Deliver(by=begin.user_id, contract_id=contract.id, **work)
