"""お金どこ: what is held, what will come and when."""

from conversations.flow import Begin, Entry, Flowing, Show, Start, look
from conversations.queries import ContractsOf, MoneyOf

SHOWN = 5
HOLDING = ("in_progress", "overdue", "ending_proposed", "delivered", "changes_requested", "accepted", "payout_problem")


def money_where(begin: Begin) -> Flowing:
    standing = yield from look(MoneyOf(begin.user_id))
    contracts = yield from look(ContractsOf(begin.user_id, live=True))
    entries = tuple(
        Entry("entry", {"contract": contract, "role": contract.role_of(begin.user_id)})
        for contract in contracts
        if contract.stage in HOLDING
    )
    return Show("shown", {"standing": standing}, entries[:SHOWN], (Start("mine"), Start("why")))
