"""E13, E14: hiring and thanking so often a day, and whoever hires and never pays has to wait."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.applications import WithdrawApplication
from engine.contracts import FUND_HOURS, AgreeTerms, CancelContract, Contract, Hire
from engine.deliveries import AcceptWork
from engine.errors import FundFirst, NotFound, TooManyToday, TooManyUnpaid
from engine.jobs import Job, PostJob
from engine.limits import LIMITS, NEW_ACCOUNT
from engine.payments import FailPage, OpenPayment, RetryPage
from engine.ports import NOBODY
from engine.thanks import SayThanks
from engine.users import User
from tests.engine.facts import DUE, PRICE, Market


def hiring(market: Market, client: User) -> Contract:
    """Of a job that counts against nobody's limit of posts: it was another's once."""
    wanted = PostJob(by=market.user().id, title="x", description="", price=PRICE, due=DUE + timedelta(days=90))
    job = replace(market.get(Job, market.do(wanted).things[0].id), client_id=client.id)
    market.keep(job)
    chosen = market.application(market.user(), job)
    decision = market.do(Hire(by=client.id, application_id=chosen.id))
    return next(market.again(thing) for thing in decision.things if isinstance(thing, Contract))


def agree(market: Market, deal: Contract) -> Contract:
    for party in (deal.client_id, deal.worker_id):
        market.do(AgreeTerms(by=party, contract_id=deal.id, terms_hash=deal.terms_hash))
    return market.again(deal)


def funded(market: Market, deal: Contract) -> Contract:
    agree(market, deal)
    market.pay(market.payment_of(deal), PRICE, f"arrival-{deal.id}")
    return market.again(deal)


def accepted(market: Market, deal: Contract) -> Contract:
    market.deliver(funded(market, deal))
    market.do(AcceptWork(by=deal.client_id, contract_id=deal.id, price=PRICE))
    return market.again(deal)


def page_opens(market: Market, deal: Contract) -> None:
    payment = market.payment_of(deal)
    market.do(OpenPayment(by=NOBODY, payment_id=payment.id, reference="r", url="https://pay.example/1"))


def page_fails(market: Market, deal: Contract) -> None:
    market.do(FailPage(by=NOBODY, payment_id=market.payment_of(deal).id, reason="amount_too_large"))


def client_takes_it_back(market: Market, deal: Contract) -> None:
    market.do(CancelContract(by=deal.client_id, contract_id=deal.id))


def worker_takes_it_back(market: Market, deal: Contract) -> None:
    market.do(CancelContract(by=deal.worker_id, contract_id=deal.id))


def time_passes(market: Market, deal: Contract) -> None:
    market.ring(deal, "expire")


def give_up(market: Market, deal: Contract) -> None:
    worker_takes_it_back(market, agree(market, deal))


def let_expire(market: Market, deal: Contract) -> None:
    """With a page to pay on."""
    page_opens(market, agree(market, deal))
    time_passes(market, deal)


def test_hires_a_day_are_limited() -> None:
    market = Market()
    client = market.user()
    for _ in range(LIMITS["hires"].most):
        give_up(market, hiring(market, client))

    with pytest.raises(TooManyToday) as refused:
        hiring(market, client)

    assert refused.value.noun == "contract"


def test_other_pages_a_day_are_limited() -> None:
    market = Market()
    payment = market.payment_of(market.awaiting())
    market.do(FailPage(by=NOBODY, payment_id=payment.id, reason="amount_too_small"))
    for _ in range(LIMITS["pages"].most):
        market.do(RetryPage(by=payment.payer_id, payment_id=payment.id))
        market.do(FailPage(by=NOBODY, payment_id=payment.id, reason="amount_too_small"))

    with pytest.raises(TooManyToday) as refused:
        market.do(RetryPage(by=payment.payer_id, payment_id=payment.id))
    market.pass_time(days=1)
    market.do(RetryPage(by=payment.payer_id, payment_id=payment.id))

    assert refused.value == TooManyToday(LIMITS["pages"].most, "payment")


def test_thanks_a_day_are_limited() -> None:
    market = Market()
    client = market.user(since=market.now - NEW_ACCOUNT)
    deals = [accepted(market, hiring(market, client)) for _ in range(LIMITS["hires"].most)]
    market.pass_time(days=1)
    deals += [accepted(market, hiring(market, client))]
    for deal in deals[:-1]:
        market.do(SayThanks(by=client.id, contract_id=deal.id, words="", tip=0))

    with pytest.raises(TooManyToday) as refused:
        market.do(SayThanks(by=client.id, contract_id=deals[-1].id, words="", tip=0))

    assert refused.value.noun == "thanks"


@pytest.mark.parametrize("move", ["say_thanks", "say_with_tip", "tip_from_wallet"])
def test_thanks_count_whether_or_not_there_is_a_tip_with_them(move: str) -> None:
    market = Market()
    deal = market.accepted()
    market.moved += [(deal.client_id, "thanks", move, market.now)] * LIMITS["thanks"].most

    with pytest.raises(TooManyToday):
        market.do(SayThanks(by=deal.client_id, contract_id=deal.id, words="", tip=0))


@pytest.mark.parametrize(("days_here", "name"), [(0, "first_unfunded"), (NEW_ACCOUNT.days, "unfunded")])
def test_so_many_wait_for_a_clients_money_at_once(days_here: int, name: str) -> None:
    market = Market()
    client = market.user()
    market.pass_time(days=days_here)
    deals = [hiring(market, client) for _ in range(LIMITS[name].most)]

    with pytest.raises(FundFirst) as refused:
        hiring(market, client)
    funded(market, deals[0])

    assert (refused.value.limit, hiring(market, client).stage) == (LIMITS[name].most, "agreeing")


def test_the_clock_frees_the_place_of_who_was_not_paid() -> None:
    market = Market()
    client = market.user()
    let_expire(market, hiring(market, client))

    assert hiring(market, client).stage == "agreeing"


def test_whoever_never_pays_has_to_pause() -> None:
    market = Market()
    client = market.user()
    for _ in range(LIMITS["unpaid"].most):
        let_expire(market, hiring(market, client))

    with pytest.raises(TooManyUnpaid) as refused:
        hiring(market, client)
    market.now += LIMITS["unpaid"].within - timedelta(hours=2 * FUND_HOURS)

    assert refused.value == TooManyUnpaid(3, 30)
    assert hiring(market, client).stage == "agreeing"


def test_what_others_left_unpaid_is_not_held_against_who_could_not_pay() -> None:
    market = Market()
    client = market.user()
    for _ in range(LIMITS["unpaid"].most):
        let_expire(market, hiring(market, market.user()))
        market.ring(agree(market, hiring(market, client)), "expire")

    assert hiring(market, client).stage == "agreeing"


ENDINGS = {
    "the worker never agreed": ((time_passes,), False),
    "there was no page yet, and the time passed": ((agree, time_passes), False),
    "there was no page yet, and the client took it back": ((agree, client_takes_it_back), False),
    "no page could be made, and the time passed": ((agree, page_fails, time_passes), False),
    "no page could be made, and the client took it back": ((agree, page_fails, client_takes_it_back), False),
    "there was a page, and the worker took it back": ((agree, page_opens, worker_takes_it_back), False),
    "there was a page, and the client took it back": ((agree, page_opens, client_takes_it_back), True),
    "there was a page, and the time passed": ((agree, page_opens, time_passes), True),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_only_who_could_pay_and_did_not_has_to_pause(how: str) -> None:
    steps, held_against = ENDINGS[how]
    market = Market()
    client = market.user()
    for _ in range(LIMITS["unpaid"].most):
        deal = hiring(market, client)
        for step in steps:
            step(market, deal)

    if held_against:
        with pytest.raises(TooManyUnpaid):
            hiring(market, client)
    else:
        assert hiring(market, client).stage == "agreeing"


def test_a_stranger_learns_nothing_of_a_clients_limits() -> None:
    market = Market()
    client, stranger = market.user(), market.user()
    hiring(market, client)
    job = market.job(client)
    chosen = market.application(market.user(), job)

    with pytest.raises(NotFound):
        market.do(Hire(by=stranger.id, application_id=chosen.id))
    market.do(WithdrawApplication(by=chosen.worker_id, application_id=chosen.id))
