"""連携: a code offered here, typed there, confirmed on both; and what may not be linked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine import codes, errors, links
from engine.links import (
    CodeTaken,
    CodeWrong,
    ConfirmLink,
    Link,
    LinkAsked,
    Linked,
    LinkOffered,
    LinkRefused,
    LinkTry,
    OfferLink,
    RefuseLink,
    UseCode,
)
from engine.users import Suspend, User
from tests.engine.facts import MONDAY, Market
from tests.engine.linked import Two


def test_a_code_is_told_once_and_only_its_hash_is_kept() -> None:
    two = Two()

    decision = two.market.do(OfferLink(by=two.first.id))

    [told] = decision.events
    assert isinstance(told, LinkOffered)
    code = told.code.replace("-", "")
    assert codes.read_secret(told.code) == code
    assert (two.link.user_id, two.link.address_id, two.link.stage) == (two.first.id, two.here.id, "offered")
    assert (two.link.code_hash, two.link.since) == (links.hashed(code), MONDAY)
    assert two.link.open_until == MONDAY + timedelta(minutes=10)
    assert links.hashed("A") == "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd"


def test_two_messengers_become_one_account_when_both_have_said_yes() -> None:
    two = Two()
    code = two.offer()
    two.market.pass_time(minutes=9)

    taken = two.market.do(UseCode(by=two.second.id, code=code)).events
    used = two.link
    two.market.pass_time(minutes=9)
    asked = two.market.do(ConfirmLink(by=two.second.id, link_id=used.id)).events
    linked = two.market.do(ConfirmLink(by=two.first.id, link_id=used.id)).events

    assert [type(e) for e in (*taken, *asked, *linked)] == [CodeTaken, LinkAsked, Linked]
    assert (used.stage, used.other_id, used.other_address_id) == ("used", two.second.id, two.there.id)
    assert used.open_until == MONDAY + timedelta(minutes=19)
    assert two.link.stage == "linked"
    assert two.market.again(two.there).user_id == two.first.id
    assert two.market.again(two.second).stage == "folded"
    [last] = linked
    assert isinstance(last, Linked)
    assert last.until == two.market.now + timedelta(hours=24)


def test_a_new_code_ends_those_before() -> None:
    two = Two()
    old = two.offer()

    two.market.do(OfferLink(by=two.first.id))

    assert [each.stage for each in two.market.find(Link)] == ["replaced", "offered"]
    with pytest.raises(errors.CodeUsed):
        two.market.do(UseCode(by=two.second.id, code=old))


def test_what_is_linked_stays_when_another_code_is_offered() -> None:
    two = Two()
    two.linked()
    other = two.market.user("他人")

    two.offer()
    two.market.do(OfferLink(by=other.id))

    assert [each.stage for each in two.market.find(Link)] == ["linked", "offered", "offered"]


def test_a_code_is_good_for_ten_minutes_and_each_answer_for_as_long() -> None:
    for reach in (lambda two: two.offer(), Two.used, Two.asked):
        two = Two()
        got = reach(two)
        two.market.pass_time(minutes=10)
        by = two.first.id if two.link.stage == "asked" else two.second.id
        wish = UseCode(by=by, code=got) if isinstance(got, str) else ConfirmLink(by=by, link_id=two.link.id)

        with pytest.raises(errors.CodeExpired) as caught:
            two.market.do(wish)

        assert caught.value == errors.CodeExpired(10)


def test_nobody_uses_their_own_code_or_one_twice() -> None:
    two = Two()
    code = two.offer()

    with pytest.raises(errors.OwnCode):
        two.market.do(UseCode(by=two.first.id, code=code))
    two.market.do(UseCode(by=two.second.id, code=code))
    with pytest.raises(errors.CodeUsed):
        two.market.do(UseCode(by=two.market.user("他人").id, code=code))


def test_a_wrong_code_is_counted_and_five_a_day_are_all() -> None:
    two = Two()
    two.offer()
    left = []
    for _ in range(5):
        [told] = two.market.do(UseCode(by=two.second.id, code="x")).events
        assert isinstance(told, CodeWrong)
        assert told.user == two.second
        left.append(told.left)

    assert left == [4, 3, 2, 1, 0]
    assert [(t.user_id, t.tried_at, t.hour) for t in two.market.find(LinkTry)] == [(two.second.id, MONDAY, MONDAY)] * 5
    two.market.pass_time(hours=24, seconds=-1)
    with pytest.raises(errors.TooManyCodes) as caught:
        two.market.do(UseCode(by=two.second.id, code="x"))
    assert caught.value == errors.TooManyCodes(5, 24)
    two.market.pass_time(seconds=1)
    two.market.do(UseCode(by=two.second.id, code="x"))


def test_anothers_wrong_codes_are_not_counted_as_mine() -> None:
    two = Two()
    for _ in range(5):
        two.market.do(UseCode(by=two.second.id, code="x"))

    [told] = two.market.do(UseCode(by=two.first.id, code="x")).events

    assert getattr(told, "left", None) == 4


def test_two_hundred_wrong_codes_of_all_in_one_hour_pause_everybody() -> None:
    two = Two()
    two.market.now = MONDAY + timedelta(minutes=59, seconds=7, microseconds=9)
    assert links.hour_of(two.market.now) == MONDAY
    for number in range(200):
        tried = LinkTry(id=10_000 + number, user_id=number, tried_at=two.market.now, hour=MONDAY)
        two.market.keep(tried)

    with pytest.raises(errors.CodesPaused):
        two.market.do(UseCode(by=two.second.id, code="x"))
    two.market.pass_time(minutes=1)
    two.market.do(UseCode(by=two.second.id, code="x"))


@pytest.mark.parametrize("wish", [OfferLink, UseCode])
def test_operators_stay_apart(wish: type[OfferLink | UseCode]) -> None:
    two = Two()
    operator = two.market.operator()
    wanted = OfferLink(by=operator.id) if wish is OfferLink else UseCode(by=operator.id, code="x")

    with pytest.raises(errors.OperatorsStayApart):
        two.market.do(wanted)


def test_who_has_had_business_is_not_folded_into_another() -> None:
    two = Two()
    code = two.offer()
    two.market.keep(replace(two.market.job(two.second), stage="closed"))

    with pytest.raises(errors.HasBusiness):
        two.market.do(UseCode(by=two.second.id, code=code))


def test_business_begun_between_two_messages_is_seen() -> None:
    two = Two()
    link = two.asked()
    job = two.market.job(two.second)
    two.market.keep(replace(job, stage="closed"))  # also what has ended by now

    with pytest.raises(errors.HasBusiness):
        two.market.do(ConfirmLink(by=two.first.id, link_id=link.id))


def business_of(market: Market, kind: str) -> int:
    contract = market.accepted()
    if kind == "payout":
        market.ring(market.get(User, contract.worker_id), "pay_out")
    return contract.client_id if kind in ("client", "job") else contract.worker_id


@pytest.mark.parametrize("kind", ["client", "worker", "payout"])
def test_a_deal_of_either_side_is_business(kind: str) -> None:
    two = Two()
    person = business_of(two.market, kind)
    code = two.offer()

    with pytest.raises(errors.HasBusiness):
        two.market.do(UseCode(by=person, code=code))


def test_who_is_on_two_messengers_already_is_not_folded() -> None:
    two = Two()
    code = two.offer()
    two.market.keep(replace(two.there, id=999))

    with pytest.raises(errors.HasOtherAddresses):
        two.market.do(UseCode(by=two.second.id, code=code))


def test_each_answers_in_turn_and_strangers_learn_nothing() -> None:
    two = Two()
    used, stranger = two.used(), two.market.user("他人")

    with pytest.raises(errors.NotYourTurn) as early:
        two.market.do(ConfirmLink(by=two.first.id, link_id=used.id))
    two.market.do(ConfirmLink(by=two.second.id, link_id=used.id))
    with pytest.raises(errors.NotYourTurn) as again:
        two.market.do(ConfirmLink(by=two.second.id, link_id=used.id))
    for wanted in (ConfirmLink(by=stranger.id, link_id=used.id), RefuseLink(by=stranger.id, link_id=used.id)):
        with pytest.raises(errors.NotFound):
            two.market.do(wanted)

    assert (early.value, again.value) == (errors.NotYourTurn("link", "confirm"),) * 2


def test_a_link_that_is_over_cannot_be_confirmed() -> None:
    two = Two()
    link = two.linked()

    with pytest.raises(errors.NotNow) as caught:
        two.market.do(ConfirmLink(by=two.first.id, link_id=link.id))

    assert caught.value == errors.NotNow("link", "confirm", "linked")


def test_the_last_yes_is_said_where_the_code_was_asked_for() -> None:
    two = Two()
    link = two.asked()
    two.market.speaking[two.first.id] = 999

    with pytest.raises(errors.ConfirmWhereAsked):
        two.market.do(ConfirmLink(by=two.first.id, link_id=link.id))


def test_who_was_suspended_meanwhile_is_not_folded_away() -> None:
    two = Two()
    link, operator = two.asked(), two.market.operator()
    two.market.do(Suspend(by=operator.id, user_id=two.second.id, reason="x"))

    with pytest.raises(errors.OtherSuspended):
        two.market.do(ConfirmLink(by=two.first.id, link_id=link.id))


@pytest.mark.parametrize("who", ["first", "second"])
def test_either_may_refuse(who: str) -> None:
    two = Two()
    link = two.asked()
    by = getattr(two, who).id

    [told] = two.market.do(RefuseLink(by=by, link_id=link.id)).events

    assert isinstance(told, LinkRefused)
    assert (told.by, two.link.stage) == (by, "refused")
