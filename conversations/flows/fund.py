"""仮払い: the pay page of a contract, as often as it is wanted; and another, if the provider would not make one."""

from conversations.flow import Begin, Flowing, Link, Show, Start, look
from conversations.queries import PaymentAsked
from conversations.subjects import deal, subject
from engine.errors import NotFound, NotNow, NotYourTurn
from engine.lifecycle import Role
from engine.payments import Payment, RetryPage


def fund(begin: Begin) -> Flowing:
    contract = yield from deal(begin)
    if contract.stage != "awaiting_escrow":
        raise NotNow("contract", "fund", contract.stage)
    if contract.role_of(begin.user_id) is not Role.CLIENT:
        raise NotYourTurn("contract", "fund")
    payment = yield from look(PaymentAsked(contract.id))
    assert payment, "a contract that waits for money has asked for it"
    cancel = Start("cancel_contract", {"contract_id": contract.id})
    if payment.stage == "page_problem":
        again = Start("retry_page", {"payment_id": payment.id}, "primary")
        return Show("no_page", {"contract": contract}, starts=(again, cancel))
    if not payment.url:
        again = Start("fund", {"contract_id": contract.id}, "primary")
        return Show("preparing", {"contract": contract}, starts=(again, cancel))
    return Show("shown", {"contract": contract}, starts=(cancel,), links=(Link(payment.url, "fund.pay"),))


def retry_page(begin: Begin) -> Flowing:
    payment = yield from subject(begin, Payment)
    if payment.payer_id != begin.user_id:
        raise NotFound
    return RetryPage(by=begin.user_id, payment_id=payment.id)
