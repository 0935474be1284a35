"""返金の残り: what a provider would not refund, as operators see it, have it tried again, or settle it by hand."""

from conversations.flow import Begin, Entry, Flowing, Show, Start, confirm, look
from conversations.queries import RefundsOwed
from conversations.subjects import subject
from engine.lifecycle import Role
from engine.refunds import Refund, RetryRefund, SettleRefund

SHOWN = 5


def offers(refund: Refund, operator_id: int) -> tuple[Start, ...]:
    """Nobody decides about a refund of their own."""
    if refund.payer_id == operator_id:
        return ()
    return tuple(
        Start(name, {"refund_id": refund.id}) for name in refund.lifecycle.open_to(refund.stage, Role.OPERATOR)
    )


def refunds(begin: Begin) -> Flowing:
    found = yield from look(RefundsOwed(SHOWN + 1))
    if not found:
        return Show("empty", starts=(Start("queue"),))
    entries = tuple(Entry("refund.entry", {"refund": each}, offers(each, begin.user_id)) for each in found[:SHOWN])
    return Show("list", {"count": len(entries), "more": len(found) > SHOWN}, entries, (Start("queue"),))


def refund(begin: Begin) -> Flowing:
    found = yield from subject(begin, Refund)
    starts = (*offers(found, begin.user_id), Start("user", {"user_id": found.payer_id}))
    return Show("shown", {"refund": found}, starts=starts, about=f"refund:{found.id}")


def retry_refund(begin: Begin) -> Flowing:
    found = yield from subject(begin, Refund)
    return RetryRefund(by=begin.user_id, refund_id=found.id)


def settle_refund(begin: Begin) -> Flowing:
    found = yield from subject(begin, Refund)
    found.lifecycle.find("settle_refund", found.stage, Role.OPERATOR)
    yield from confirm("card", "settle_refund.go", "yes", refund=found)
    return SettleRefund(by=begin.user_id, refund_id=found.id)
