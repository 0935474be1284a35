"""振込のやり直し: the bank sent a payout back, and the worker has mended the reason."""

from conversations.flow import Begin, Flowing, confirm
from conversations.subjects import turn
from engine import calendar
from engine.payouts import RetryPayout


def retry_payout(begin: Begin) -> Flowing:
    contract = yield from turn(begin, "retry_payout")
    next_run = calendar.next_payout_run(begin.now)
    yield from confirm("card", "retry_payout.go", "yes", contract=contract, next_run=next_run)
    return RetryPayout(by=begin.user_id, contract_id=contract.id)
