"""同意: both sides tap on the same terms card before money moves, or one of them does not want it."""

from conversations.flow import Begin, Flowing, Show, Start, confirm
from conversations.subjects import deal, turn
from engine import terms
from engine.contracts import AgreeTerms, DeclineTerms
from engine.errors import AlreadyAgreed


def agree_terms(begin: Begin) -> Flowing:
    contract = yield from turn(begin, "agree")
    if contract.agreed_by == begin.user_id:
        raise AlreadyAgreed
    card = terms.read(contract.terms)
    seen = yield from confirm("card", "agree_terms.agree", contract.terms_hash, contract=contract, terms=card)
    return AgreeTerms(by=begin.user_id, contract_id=contract.id, terms_hash=seen)


def decline_terms(begin: Begin) -> Flowing:
    contract = yield from turn(begin, "decline")
    yield from confirm("card", "decline_terms.decline", "yes", contract=contract)
    return DeclineTerms(by=begin.user_id, contract_id=contract.id)


def terms_card(begin: Begin) -> Flowing:
    """The card can be read again at any time."""
    contract = yield from deal(begin)
    return Show(
        "agree_terms.card", {"contract": contract, "terms": terms.read(contract.terms)}, starts=(Start("mine"),)
    )
