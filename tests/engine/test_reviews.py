"""評価: unseen until both are in."""

from datetime import timedelta
from typing import Any

import pytest

from engine import errors
from engine.contracts import Contract
from engine.reviews import LeaveReview, Review, ReviewLeft, ReviewsShown
from tests.engine.facts import MONDAY, Market


def review(contract: Contract, by: int, **changes: Any) -> LeaveReview:
    axes: dict[str, Any] = dict.fromkeys(("skill", "quality", "schedule", "communication", "partnership"), 5)
    return LeaveReview(by=by, contract_id=contract.id, **{**axes, "comment": "", "again": 10, **changes})


def test_a_review_is_unseen_until_the_other_is_in() -> None:
    market = Market()
    contract = market.accepted()

    first = market.do(review(contract, contract.client_id, skill=4))
    hidden = market.find(Review)[0]
    second = market.do(review(contract, contract.worker_id))

    assert [type(e) for e in first.events] == [ReviewLeft]
    assert (hidden.stage, hidden.of_id) == ("hidden", contract.worker_id)
    assert [[r.skill for r in e.reviews] for e in second.events if isinstance(e, ReviewsShown)] == [[4, 5]]
    assert [r.stage for r in market.find(Review)] == ["shown", "shown"]


def test_a_lonely_review_is_shown_after_fourteen_days() -> None:
    market = Market()
    contract = market.accepted()
    market.do(review(contract, contract.client_id))

    decision = market.ring(market.find(Review)[0], "reveal")

    assert [type(e) for e in decision.events] == [ReviewsShown]
    assert market.now == MONDAY + timedelta(days=14)


def test_nobody_reviews_twice() -> None:
    market = Market()
    contract = market.accepted()
    market.do(review(contract, contract.client_id))

    with pytest.raises(errors.AlreadyReviewed):
        market.do(review(contract, contract.client_id))


def test_reviews_are_taken_for_fourteen_days() -> None:
    market = Market()
    contract = market.accepted()
    market.pass_time(days=14, seconds=-1)
    market.do(review(contract, contract.client_id))
    market.pass_time(seconds=1)

    with pytest.raises(errors.ReviewWindowClosed) as refused:
        market.do(review(contract, contract.worker_id))

    assert refused.value.days == 14


def test_work_under_way_is_not_reviewed_and_strangers_do_not() -> None:
    market = Market()
    contract, done = market.delivered(), market.accepted()

    with pytest.raises(errors.NotNow):
        market.do(review(contract, contract.client_id))
    with pytest.raises(errors.NotFound):
        market.do(review(done, contract.client_id))


@pytest.mark.parametrize("changes", [{"skill": 0}, {"partnership": 6}, {"again": 11}, {"again": -1}])
def test_stars_have_their_range(changes: dict[str, int]) -> None:
    market = Market()
    contract = market.accepted()

    with pytest.raises(errors.StarsOutOfRange):
        market.do(review(contract, contract.client_id, **changes))


def test_a_long_comment_is_refused_not_cut() -> None:
    market = Market()
    contract = market.accepted()

    with pytest.raises(errors.TooLong):
        market.do(review(contract, contract.client_id, comment="あ" * 401))
    market.do(review(contract, contract.client_id, comment="あ" * 400))
