"""E11, E13, E14: what one person may say to everybody, cost us, and keep others waiting for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine import sayings, screening
from engine.applications import Application, Apply, WithdrawApplication
from engine.contracts import FUND_HOURS, AgreeTerms, CancelContract, Contract, Hire
from engine.deliveries import AcceptWork
from engine.errors import ContactTooEarly, FundFirst, NotFound, SameWords, TooManyLinks, TooManyToday, TooManyUnpaid
from engine.jobs import CloseJob, Job, PostJob
from engine.limits import LIMITS, NEW_ACCOUNT
from engine.reviews import LeaveReview
from engine.thanks import SayThanks
from engine.users import AskHuman, User
from tests.engine.facts import DUE, PRICE, Market

LONG = "飲食店のロゴを10件ほど作りました。ご希望の雰囲気をうかがってから、三つの案をお出しします。修正は二回までです。"
OTHER = "I have drawn labels for three small breweries, and would start with a pencil sketch of the hop in your logo."


def applying(market: Market, worker: User, words: str) -> Application:
    job = market.job(market.user())
    decision = market.do(Apply(by=worker.id, job_id=job.id, price=PRICE, words=words))
    return market.get(Application, decision.things[0].id)


def posting(market: Market, client: User, description: str) -> Job:
    wanted = PostJob(by=client.id, title="ロゴ", description=description, price=PRICE, due=DUE)
    return market.get(Job, market.do(wanted).things[0].id)


# -- E11: the same words to everybody


def test_the_same_words_to_everybody_are_refused_after_a_few() -> None:
    market = Market()
    worker = market.user()
    for _ in range(LIMITS["same_words"].most):
        applying(market, worker, LONG)

    with pytest.raises(SameWords):
        applying(market, worker, LONG)
    applying(market, worker, OTHER)
    market.pass_time(days=1)
    applying(market, worker, LONG)


def test_the_same_words_from_many_accounts_are_refused() -> None:
    market = Market()
    for _ in range(LIMITS["same_words_by_others"].most):
        applying(market, market.user(), LONG)

    with pytest.raises(SameWords):
        applying(market, market.user(), LONG)


def test_the_same_post_again_and_again_is_looked_at() -> None:
    market = Market()
    client = market.user()

    stages = [posting(market, client, LONG).stage for _ in range(LIMITS["same_words"].most + 1)]

    assert stages == ["open"] * LIMITS["same_words"].most + ["held"]
    assert market.find(Job, client_id=client.id)[-1].reasons == "repeated"
    assert posting(market, client, OTHER).stage == "open"


def test_short_words_are_everybodys() -> None:
    market = Market()
    for _ in range(LIMITS["same_words_by_others"].most + 1):
        applying(market, market.user(), "よろしくお願いします。")

    assert market.find(sayings.Saying) == ()


def reviewing(market: Market, by: int, deal: Contract, comment: str) -> None:
    stars = {"skill": 5, "quality": 5, "schedule": 5, "communication": 5, "partnership": 5, "again": 10}
    market.do(LeaveReview(by=by, contract_id=deal.id, comment=comment, **stars))


def test_reviews_are_written_for_somebody() -> None:
    market = Market()
    deals = [market.accepted() for _ in range(LIMITS["same_words_by_others"].most + 1)]
    for deal in deals[:-1]:
        reviewing(market, deal.client_id, deal, LONG)

    with pytest.raises(SameWords):
        reviewing(market, deals[-1].client_id, deals[-1], LONG)
    reviewing(market, deals[-1].client_id, deals[-1], "")


@pytest.mark.parametrize(
    "disguised",
    [
        LONG.replace("。", "！！ "),
        LONG.replace("10", "２０"),
        "\u200b".join(LONG),
        LONG.replace("ロゴ", "ろご"),
        f"  {LONG}\n\n",
    ],
)
def test_a_disguise_does_not_make_other_words(disguised: str) -> None:
    assert sayings.digest(disguised) == sayings.digest(LONG) != sayings.digest(OTHER)


@given(some.text(max_size=300))
def test_no_words_are_kept_in_a_digest(words: str) -> None:
    digest = sayings.digest(words)

    assert digest == "" or (len(digest) == 32 and set(digest) <= set("0123456789abcdef"))
    assert sayings.essence(sayings.essence(words)) == sayings.essence(words)


def test_a_flood_of_links_or_mentions_is_held_or_refused() -> None:
    market = Market()
    links = " ".join(f"https://example.com/{number}" for number in range(screening.LINKS_MAX))

    assert [posting(market, market.user(), words).stage for words in (links, f"{links} @somebody")] == ["open", "held"]
    applying(market, market.user(), links)
    with pytest.raises(TooManyLinks):
        applying(market, market.user(), f"{links} www.example.com")


# -- E12: before the money is held


@pytest.mark.parametrize(
    "words",
    [
        "LINEのIDはabcです",
        "t.me/example で話しましょう",
        "090-1234-5678 にお電話ください",
        "pay you directly, no fees",
    ],
)
def test_contact_details_wait_for_the_money(words: str) -> None:
    market = Market()

    with pytest.raises(ContactTooEarly):
        applying(market, market.user(), words)


def test_a_portfolio_is_no_lure() -> None:
    market = Market()

    assert applying(market, market.user(), "https://portfolio.example/me LINEスタンプを20件").stage == "applied"


# -- E13: what costs us, or operators


def test_operators_are_asked_so_often_a_day() -> None:
    market = Market()
    user = market.user()
    for _ in range(LIMITS["questions"].most):
        market.do(AskHuman(by=user.id, words="?"))

    with pytest.raises(TooManyToday):
        market.do(AskHuman(by=user.id, words="?"))
    market.do(AskHuman(by=market.user().id, words="?"))
    market.pass_time(days=1)
    market.do(AskHuman(by=user.id, words="?"))


def test_jobs_a_day_are_limited() -> None:
    market = Market()
    client = market.user()
    for number in range(LIMITS["jobs_a_day"].most):
        job = market.job(client, title=f"job {number}")
        if job.stage == "open":
            market.do(CloseJob(by=client.id, job_id=job.id))
        market.pass_time(minutes=30)

    with pytest.raises(TooManyToday) as refused:
        market.job(client)
    market.pass_time(days=1)

    assert (refused.value.noun, market.job(client).stage) == ("job", "open")


def test_hires_a_day_are_limited() -> None:
    market = Market()
    client = market.user()
    for _ in range(LIMITS["hires"].most):
        give_up(market, hiring(market, client))

    with pytest.raises(TooManyToday) as refused:
        hiring(market, client)

    assert refused.value.noun == "contract"


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


# -- E14: hired and never paid


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


def give_up(market: Market, deal: Contract) -> None:
    market.do(CancelContract(by=deal.client_id, contract_id=agree(market, deal).id))


def let_expire(market: Market, deal: Contract) -> None:
    market.ring(agree(market, deal), "expire")


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

    with pytest.raises(TooManyUnpaid):
        hiring(market, client)
    market.now += LIMITS["unpaid"].within - timedelta(hours=2 * FUND_HOURS) + timedelta(seconds=1)

    assert hiring(market, client).stage == "agreeing"


def test_contracts_the_worker_did_not_agree_to_are_not_held_against_the_client() -> None:
    market = Market()
    client = market.user()
    for _ in range(LIMITS["unpaid"].most):
        market.ring(hiring(market, client), "expire")

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
