"""What a refusal says: which thing, which move, in which stage; the words people read are made of it."""

from collections.abc import Callable

import pytest

from engine import errors
from engine.applications import Apply, DeclineApplication
from engine.contracts import Contract
from engine.endings import AgreeEnding, ProposeEnding, RefuseEnding
from engine.handle import CLOCK_RULES, TimeIsUp
from engine.jobs import CloseJob
from engine.ports import NOBODY, Command
from engine.reviews import LeaveReview
from engine.thanks import SayThanks
from tests.engine.facts import PRICE, Market


def review(contract: Contract, by: int, comment: str = "") -> Command:
    return LeaveReview(
        by=by, contract_id=contract.id, skill=5, quality=5, schedule=5, communication=5, partnership=5,
        comment=comment, again=10,
    )  # fmt: skip


def thanks(contract: Contract, words: str = "感謝", tip: int = 0) -> Command:
    return SayThanks(by=contract.client_id, contract_id=contract.id, words=words, tip=tip)


Wish = Callable[[Market, Contract], Command]
TOO_EARLY: list[tuple[Wish, errors.Refused]] = [
    (lambda m, c: review(c, c.client_id), errors.NotNow("contract", "review", "in_progress")),
    (lambda m, c: thanks(c), errors.NotNow("contract", "thank", "in_progress")),
    (
        lambda m, c: TimeIsUp(by=NOBODY, noun="contract", thing_id=c.id, name="remind_fund"),
        errors.NotNow("contract", "remind_fund", "in_progress"),
    ),
    (
        lambda m, c: TimeIsUp(by=NOBODY, noun="contract", thing_id=c.id, name="fall_overdue"),
        errors.NotNow("contract", "fall_overdue", "in_progress"),
    ),
    (
        lambda m, c: Apply(by=m.user().id, job_id=c.job_id, price=PRICE, words="x"),
        errors.NotNow("job", "apply", "filled"),
    ),
    (lambda m, c: CloseJob(by=c.client_id, job_id=c.job_id), errors.NotNow("job", "close", "filled")),
    (
        lambda m, c: DeclineApplication(by=c.client_id, application_id=c.application_id),
        errors.NotNow("application", "decline", "hired"),
    ),
]


@pytest.mark.parametrize(
    ("wish", "refused"), TOO_EARLY, ids=lambda each: str(each) if isinstance(each, Exception) else ""
)
def test_what_cannot_be_now_says_what_and_in_which_stage(wish: Wish, refused: errors.Refused) -> None:
    market = Market()
    contract = market.funded()

    with pytest.raises(errors.NotNow) as caught:
        market.do(wish(market, contract))

    assert caught.value == refused


@pytest.mark.parametrize(
    ("kind", "move"), [(AgreeEnding, "agree_ending"), (RefuseEnding, "refuse_ending")], ids=["agree", "refuse"]
)
def test_nobody_answers_their_own_proposal(kind: type[AgreeEnding | RefuseEnding], move: str) -> None:
    market = Market()
    contract = market.funded()
    market.do(ProposeEnding(by=contract.client_id, contract_id=contract.id, percent=50))

    with pytest.raises(errors.NotYourTurn) as caught:
        market.do(kind(by=contract.client_id, contract_id=contract.id))

    assert caught.value == errors.NotYourTurn("contract", move)


def test_words_that_are_too_long_are_refused_with_the_limit() -> None:
    market = Market()
    contract = market.accepted()

    with pytest.raises(errors.TooLong) as long_review:
        market.do(review(contract, contract.client_id, "あ" * 401))
    with pytest.raises(errors.TooLong) as long_thanks:
        market.do(thanks(contract, "あ" * 81))

    assert (long_review.value, long_thanks.value) == (errors.TooLong(400), errors.TooLong(80))


@pytest.mark.parametrize("tip", [9, 501, -10])
def test_a_tip_out_of_range_is_refused_with_the_range(tip: int) -> None:
    market = Market()
    contract = market.accepted()

    with pytest.raises(errors.TipOutOfRange) as caught:
        market.do(thanks(contract, tip=tip))

    assert caught.value == errors.TipOutOfRange(10, 500)


@pytest.mark.parametrize("tip", [10, 500])
def test_a_tip_at_the_limit_is_asked_for(tip: int) -> None:
    market = Market()
    contract = market.accepted()

    market.do(thanks(contract, tip=tip))

    assert market.payment_of(contract, "tip").amount == tip


@pytest.mark.parametrize("price", [99, 10_000_001])
def test_an_application_out_of_range_is_refused_with_the_range(price: int) -> None:
    market = Market()
    job = market.job(market.user())

    with pytest.raises(errors.PriceOutOfRange) as caught:
        market.application(market.user("佐藤"), job, price)

    assert caught.value == errors.PriceOutOfRange(100, 10_000_000)


@pytest.mark.parametrize("price", [100, 10_000_000])
def test_an_application_at_the_limit_is_taken(price: int) -> None:
    market = Market()
    job = market.job(market.user())

    assert market.application(market.user("佐藤"), job, price).price == price


def test_every_reminder_has_a_rule_of_the_clock() -> None:
    names = {reminder.name for reminder in Contract.lifecycle.reminders}

    assert {name for noun, name in CLOCK_RULES if noun == "contract" and name.startswith("remind")} == names
