"""連携の解除: what leaves an account, wished for or disowned, and how long payouts wait after any change."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine import errors, links, unlinking
from engine.links import (
    Link,
)
from engine.payouts import Payout
from engine.unlinking import DisownLink, LinkDisowned, PayoutsResumed, ResumePayouts, Unlink, Unlinked
from engine.users import User
from tests.engine.facts import MONDAY, Market
from tests.engine.linked import Two


def test_a_disowned_messenger_is_somebody_else_again_and_payouts_wait_for_an_operator() -> None:
    two = Two()
    link, operator = two.linked(), two.market.operator()

    [told] = two.market.do(DisownLink(by=two.first.id, link_id=link.id)).events

    address = two.market.again(two.there)
    apart = two.market.get(User, address.user_id)
    assert isinstance(told, LinkDisowned)
    assert apart.id not in (two.first.id, two.second.id)
    assert (apart.name, apart.language, apart.stage) == ("Yamada", "ja", "active")
    assert (two.link.stage, told.address.id) == ("disowned", two.there.id)
    assert unlinking.hold((two.link,), MONDAY + timedelta(days=900)) == unlinking.Hold(None)
    [resumed] = two.market.do(ResumePayouts(by=operator.id, user_id=two.first.id)).events
    assert isinstance(resumed, PayoutsResumed)
    assert (two.link.stage, resumed.operator_id) == ("checked", operator.id)
    assert unlinking.hold((two.link,), MONDAY) is None


def test_only_the_account_disowns_what_was_linked_to_it() -> None:
    two = Two()
    link = two.linked()

    with pytest.raises(errors.NotFound):
        unlinking.disown(link, (), (), 1, MONDAY, DisownLink(by=two.second.id, link_id=link.id))


def test_payouts_are_resumed_once_with_a_run_where_there_is_money() -> None:
    two = Two()
    link, operator = two.linked(), two.market.operator()
    two.market.do(DisownLink(by=two.first.id, link_id=link.id))
    two.market.keep(Link(id=9_000, since=two.market.now, user_id=9, address_id=9, stage="disowned"))
    two.market.balances[f"earnings:{two.first.id}"] = 500
    two.market.balances["outside:pretend"] -= 500
    wanted = ResumePayouts(by=operator.id, user_id=two.first.id)

    decision = two.market.do(wanted)

    assert [(t.noun, t.thing_id, t.name) for t in decision.timers] == [("user", two.first.id, "pay_out")]
    assert [each.stage for each in two.market.find(Link)] == ["checked", "disowned"]
    with pytest.raises(errors.NotNow) as caught:
        two.market.do(wanted)
    assert caught.value == errors.NotNow("link", "resume_payouts", "")


def test_resuming_without_money_rings_nothing() -> None:
    two = Two()
    link, operator = two.linked(), two.market.operator()
    two.market.do(DisownLink(by=two.first.id, link_id=link.id))

    assert two.market.do(ResumePayouts(by=operator.id, user_id=two.first.id)).timers == ()


def test_a_change_of_messengers_holds_payouts_for_a_day() -> None:
    two = Two()
    link = two.linked()

    found = [unlinking.hold((link,), link.since + timedelta(hours=hours)) for hours in (0, 23, 24, 25)]

    until = unlinking.Hold(link.since + timedelta(hours=24))
    assert found == [until, until, None, None]
    assert unlinking.hold((), MONDAY) is None
    assert unlinking.hold((replace(link, stage="refused"),), MONDAY) is None
    assert unlinking.hold((replace(link, stage="unlinked"),), link.since) == until


def test_a_held_payout_waits_and_then_goes_out() -> None:
    market = Market()
    contract = market.accepted()
    worker = market.get(User, contract.worker_id)
    due = market.timers["user", worker.id, "pay_out"].due_at
    changed = Link(id=9_000, since=due - timedelta(hours=1), user_id=worker.id, address_id=1, stage="linked")
    market.keep(changed)

    market.ring(worker, "pay_out")
    waited = market.find(Payout)
    again = market.timers["user", worker.id, "pay_out"].due_at
    market.ring(worker, "pay_out")

    assert (waited, again > due + timedelta(hours=23)) == ((), True)
    assert [payout.amount for payout in market.find(Payout)] == [23_400]


def test_a_messenger_leaves_an_account_and_is_somebody_of_their_own() -> None:
    two = Two()
    two.linked()
    two.market.pass_time(hours=24)

    [told] = two.market.do(Unlink(by=two.first.id, address_id=two.there.id)).events

    address = two.market.again(two.there)
    apart = two.market.get(User, address.user_id)
    assert isinstance(told, Unlinked)
    assert (told.until, told.address.id) == (two.market.now + timedelta(hours=24), two.there.id)
    assert (two.link.stage, apart.name) == ("unlinked", "山田")
    assert apart.id != two.first.id
    assert two.market.again(two.here).user_id == two.first.id


def test_the_messenger_one_began_with_may_leave_too() -> None:
    two = Two()
    two.linked()
    two.market.pass_time(hours=24)
    two.market.keep(Link(id=9_000, since=two.market.now, user_id=9, address_id=9, stage="linked"))

    two.market.do(Unlink(by=two.first.id, address_id=two.here.id))

    kept, _, left = two.market.find(Link)
    assert left.id != two.market.again(two.here).user_id
    assert (kept.stage, left.stage) == ("linked", "unlinked")
    assert (left.user_id, left.address_id, left.other_address_id) == (two.first.id, two.here.id, two.here.id)
    assert two.market.again(two.here).user_id not in (two.first.id, two.second.id)


@pytest.mark.parametrize("posts", ["first", "apart"])
def test_nobody_works_for_the_account_they_took_their_messenger_off(posts: str) -> None:
    two = Two()
    two.linked()
    two.market.pass_time(hours=24)
    two.market.do(Unlink(by=two.first.id, address_id=two.there.id))
    stranger = two.market.user("佐藤")
    apart = two.market.get(User, two.market.again(two.there).user_id)
    one, other = (two.first, apart) if posts == "first" else (apart, two.first)

    with pytest.raises(errors.OwnJob):
        two.market.application(other, two.market.job(one))

    assert two.market.application(stranger, two.market.job(one, title="別の仕事")).stage == "applied"
    assert two.market.application(one, two.market.job(stranger)).stage == "applied"


def test_two_messengers_of_one_account_are_one_person_also_when_both_have_left() -> None:
    two = Two()
    two.linked()
    for address in (two.there, two.here):
        two.market.pass_time(hours=49)
        two.market.do(Unlink(by=two.first.id, address_id=address.id))
    here, there = (two.market.get(User, two.market.again(each).user_id) for each in (two.here, two.there))

    with pytest.raises(errors.OwnJob):
        two.market.application(here, two.market.job(there))


def test_who_was_linked_by_somebody_else_and_disowned_may_work_for_them() -> None:
    two = Two()
    two.market.do(DisownLink(by=two.first.id, link_id=two.linked().id))
    apart = two.market.get(User, two.market.again(two.there).user_id)

    assert two.market.application(apart, two.market.job(two.first)).stage == "applied"


def test_nothing_leaves_within_a_day_of_a_change() -> None:
    two = Two()
    link = two.linked()
    two.market.pass_time(hours=24, seconds=-1)

    with pytest.raises(errors.UnlinkTooSoon) as caught:
        two.market.do(Unlink(by=two.first.id, address_id=two.there.id))

    assert caught.value == errors.UnlinkTooSoon(link.since + timedelta(hours=24))


def test_the_last_messenger_leaves_only_when_all_business_has_ended() -> None:
    two = Two()
    job = two.market.job(two.first)

    with pytest.raises(errors.LastAddress):
        two.market.do(Unlink(by=two.first.id, address_id=two.here.id))
    two.market.ring(job, "expire")
    two.market.do(Unlink(by=two.first.id, address_id=two.here.id))

    assert two.market.find(Link)[0].stage == "unlinked"


def test_nobody_takes_anothers_messenger_away() -> None:
    two = Two()

    with pytest.raises(errors.NotFound):
        two.market.do(Unlink(by=two.first.id, address_id=two.there.id))


def test_a_hold_ends_at_a_moment_of_its_own() -> None:
    one = Link(id=1, since=datetime.fromisoformat("2030-12-02T00:00+00:00"), user_id=1, address_id=1, stage="linked")
    later = replace(one, id=2, since=one.since + timedelta(hours=2))

    assert unlinking.hold((one, later), one.since) == unlinking.Hold(later.since + timedelta(hours=24))
    assert links.held_until(one) == one.since + timedelta(hours=24)
