"""途中終了 answered: agreed to, refused, or, when the work is overdue, taken by the client alone."""

from conversations.flow import Begin, Flowing, Steps, confirm
from conversations.subjects import turn
from engine import money
from engine.contracts import Contract
from engine.endings import AgreeEnding, EndOverdue, RefuseEnding
from engine.errors import NotYourTurn, TermsChanged


def asked(begin: Begin, move: str) -> Steps[Contract]:
    """A contract whose ending the other side has proposed."""
    contract = yield from turn(begin, move)
    if contract.ending_by == begin.user_id:
        raise NotYourTurn("contract", move)
    return contract


def agree_ending(begin: Begin) -> Flowing:
    contract = yield from asked(begin, "agree_ending")
    part = money.percent(contract.price, contract.ending_percent)
    shown = {"share": money.breakdown(part, withholds=bool(contract.withholding)), "back": contract.price - part}
    seen = yield from confirm("card", "agree_ending.go", contract.ending_percent, contract=contract, **shown)
    if seen != contract.ending_percent:
        raise TermsChanged
    return AgreeEnding(by=begin.user_id, contract_id=contract.id)


def refuse_ending(begin: Begin) -> Flowing:
    contract = yield from asked(begin, "refuse_ending")
    yield from confirm("card", "refuse_ending.go", "yes", contract=contract)
    return RefuseEnding(by=begin.user_id, contract_id=contract.id)


def end_overdue(begin: Begin) -> Flowing:
    contract = yield from turn(begin, "end_overdue")
    yield from confirm("card", "end_overdue.go", "yes", contract=contract)
    return EndOverdue(by=begin.user_id, contract_id=contract.id)
