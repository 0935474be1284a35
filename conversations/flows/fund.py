"""仮払い: the pay page of a contract, as often as it is wanted."""

from conversations.flow import Begin, Flowing, Link, Show, Start, look
from conversations.queries import PayLink
from conversations.subjects import deal
from engine.errors import NotNow, NotYourTurn
from engine.lifecycle import Role


def fund(begin: Begin) -> Flowing:
    contract = yield from deal(begin)
    if contract.stage != "awaiting_escrow":
        raise NotNow("contract", "fund", contract.stage)
    if contract.role_of(begin.user_id) is not Role.CLIENT:
        raise NotYourTurn("contract", "fund")
    url = yield from look(PayLink(contract.id))
    cancel = Start("cancel_contract", {"contract_id": contract.id})
    if not url:
        again = Start("fund", {"contract_id": contract.id}, "primary")
        return Show("preparing", {"contract": contract}, starts=(again, cancel))
    return Show("shown", {"contract": contract}, starts=(cancel,), links=(Link(url, "fund.pay"),))
