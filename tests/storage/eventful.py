"""A market in which much has happened: contracts in many stages, and money on every way it can go."""

from datetime import timedelta

from sqlalchemy import Engine

from engine import calendar
from engine.contracts import Contract, Hire
from engine.endings import AgreeEnding, ProposeEnding
from engine.jobs import HoldJob, Job, PostJob
from engine.links import ConfirmLink, LinkOffered, OfferLink, UseCode
from engine.payments import ConfirmPayment, Payment
from engine.payouts import ConfirmPayout, FailPayout, Payout
from engine.ports import NOBODY
from engine.refunds import FailRefund, Refund, RetryRefund
from engine.thanks import SayThanks
from tests import builders
from tests.builders import Market

TIP = 100


def story(database: Engine) -> Market:
    market = Market(database, operators=frozenset({("line", "", "operator")}))
    doubtful = builders.post(market, builders.join(market, "author"))
    operator = builders.join(market, "operator")
    market.do(HoldJob(by=operator.id, job_id=doubtful.id, reason="to be looked at"))
    paid = builders.pay_out(market, builders.accepted(market))
    market.do(ConfirmPayout(by=NOBODY, payout_id=market.kept(Payout).id))
    came_back(market, builders.accept(market, builders.deliver(market, another(market, "a"))))
    market.do(SayThanks(by=paid.client_id, contract_id=paid.id, words="", tip=TIP))
    running = another(market, "b")
    builders.deliver(market, running)
    waiting = another(market, "c", funded=False)
    assert waiting.id != running.id
    market.do(builders.review(paid.client_id, paid.id))
    linked(market, paid.worker_id)
    ended(market, another(market, "d"))
    refuse_twice(market, running, operator.id)
    return market


def another(market: Market, who: str, *, funded: bool = True) -> Contract:
    client, worker = builders.join(market, f"client-{who}"), builders.join(market, f"worker-{who}")
    due = calendar.local_day(market.now) + timedelta(days=9)
    market.do(PostJob(by=client.id, title=f"job {who}", description="", price=50_000, due=due))
    application = builders.apply(market, worker, market.kept(Job), 50_000)
    market.do(Hire(by=client.id, application_id=application.id))
    contract = market.kept(Contract)
    if not funded:
        builders.agree(market, contract)
        return contract
    return builders.fund(market, contract)


def came_back(market: Market, contract: Contract) -> None:
    """A tip on top of what was earned; and all of it is sent back by the bank."""
    market.do(SayThanks(by=contract.client_id, contract_id=contract.id, words="", tip=TIP))
    tip = market.kept(Payment)
    market.do(ConfirmPayment(by=NOBODY, payment_id=tip.id, amount=tip.amount, reference="arrived-2"))
    builders.pay_out(market, contract)
    market.do(FailPayout(by=NOBODY, payout_id=market.kept(Payout).id))


def linked(market: Market, user_id: int) -> None:
    told = market.do(OfferLink(by=user_id)).events[0]
    assert isinstance(told, LinkOffered)
    second = builders.join(market, "phone", "telegram")
    market.do(UseCode(by=second.id, code=told.code.replace("-", "")))
    for by in (second.id, user_id):
        market.do(ConfirmLink(by=by, link_id=told.link.id))


def ended(market: Market, contract: Contract) -> None:
    market.do(ProposeEnding(by=contract.client_id, contract_id=contract.id, percent=50))
    market.do(AgreeEnding(by=contract.worker_id, contract_id=contract.id))


def refuse_twice(market: Market, contract: Contract, operator_id: int) -> None:
    refused = builders.refuse_refund(market, contract)
    market.do(RetryRefund(by=operator_id, refund_id=refused.id))
    again = market.kept(Refund)
    market.do(
        FailRefund(by=NOBODY, payment_id=again.payment_id, amount=again.amount, errand=again.errand, reason="closed")
    )
