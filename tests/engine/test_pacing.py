"""E11, E12, E13: what one person may say to everybody, and ask of operators."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine import sayings, screening
from engine.applications import Application, Apply
from engine.contracts import Contract
from engine.errors import ContactTooEarly, SameWords, TooManyLinks, TooManyToday
from engine.jobs import CloseJob, Job, PostJob
from engine.limits import LIMITS
from engine.reviews import LeaveReview
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


def test_who_is_copied_has_not_copied() -> None:
    market = Market()
    first = market.user()
    applying(market, first, LONG)
    for _ in range(LIMITS["same_words_by_others"].most - 1):
        applying(market, market.user(), LONG)
    # One more at the same moment: each looked before either had written.
    market.keep(replace(market.find(sayings.Saying)[-1], id=market.new_id(), user_id=market.user().id))

    assert applying(market, first, LONG).stage == "applied"
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


@pytest.mark.parametrize(
    ("letters", "kept"), [(sayings.WORDS_MIN_CHARACTERS - 1, 0), (sayings.WORDS_MIN_CHARACTERS, 32)]
)
def test_from_so_many_letters_on_words_are_ones_own(letters: int, kept: int) -> None:
    assert len(sayings.digest("あ" * letters)) == kept


def test_words_are_known_by_what_they_were_written_for() -> None:
    market = Market()
    user, deal = market.user(), market.accepted()

    applying(market, user, LONG)
    posting(market, user, OTHER)
    reviewing(market, deal.client_id, deal, LONG + LONG)
    market.do(AskHuman(by=user.id, words="?"))

    assert [said.about for said in market.find(sayings.Saying)] == ["application", "job", "review", "question"]


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

    posted = [posting(market, market.user(), words) for words in (links, f"{links} @somebody")]
    assert [(job.stage, job.reasons) for job in posted] == [("open", ""), ("held", "links")]
    applying(market, market.user(), links)
    with pytest.raises(TooManyLinks) as refused:
        applying(market, market.user(), f"{links} www.example.com")
    assert refused.value == TooManyLinks(screening.LINKS_MAX)


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

    with pytest.raises(TooManyToday) as refused:
        market.do(AskHuman(by=user.id, words="?"))
    assert refused.value == TooManyToday(LIMITS["questions"].most, "question")
    market.do(AskHuman(by=market.user().id, words="?"))
    market.pass_time(days=1)
    market.do(AskHuman(by=user.id, words="?"))


def test_what_was_written_to_others_was_not_asked_of_operators() -> None:
    market = Market()
    user = market.user()
    for number in range(LIMITS["questions"].most):
        applying(market, user, f"{LONG}{'あ' * number}")

    assert market.do(AskHuman(by=user.id, words="?")).events


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


@pytest.mark.parametrize("move", ["post", "post_doubtful"])
def test_jobs_count_whether_or_not_they_were_looked_at(move: str) -> None:
    market = Market()
    client = market.user()
    posted = (client.id, "job", move, market.now)
    market.moved += [posted] * LIMITS["jobs"].most

    held = market.job(client)
    market.moved += [posted] * LIMITS["jobs_a_day"].most
    with pytest.raises(TooManyToday):
        market.job(client)

    assert held.reasons == "too_many_posts"
