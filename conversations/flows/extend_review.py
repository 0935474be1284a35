"""検収期間の延長: once, with a reason."""

from datetime import timedelta

from conversations.flow import Begin, Flowing, confirm
from conversations.subjects import reason, turn
from engine.deliveries import ExtendReview
from engine.errors import AlreadyExtended
from engine.terms import EXTENSION_DAYS


def extend_review(begin: Begin) -> Flowing:
    contract = yield from turn(begin, "extend_review")
    if contract.extended:
        raise AlreadyExtended
    until = contract.review_until + timedelta(days=EXTENSION_DAYS)
    why = yield from reason(contract=contract, until=until)
    yield from confirm("card", "extend_review.go", "yes", contract=contract, reason=why, until=until)
    return ExtendReview(by=begin.user_id, contract_id=contract.id, reason=why)
