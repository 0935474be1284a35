"""People: they join, choose a language, ask for a person; an operator suspends and restores them, with words."""

from dataclasses import replace

import pytest

from engine import errors
from engine.handle import handle
from engine.jobs import HoldJob, Job, PostJob
from engine.ports import NOBODY
from engine.users import (
    Address,
    AskHuman,
    HumanAsked,
    Join,
    Joined,
    LanguageSet,
    Restore,
    SetLanguage,
    Suspend,
    User,
    UserRestored,
    UserSuspended,
    both_active,
)
from tests.engine.facts import DUE, MONDAY, Market


def joining(name: str) -> Join:
    return Join(by=NOBODY, platform="slack", tenant="T1", outside_id="U1", name=name, language="en")


def test_who_joins_is_known_by_one_address() -> None:
    market = Market()

    decision = market.do(joining(" Mai "))

    [user, address] = decision.things
    assert isinstance(user, User)
    assert user == User(
        id=101, since=market.now, stage="active", moved="join", moved_by=user.moved_by, name="Mai", language="en"
    )
    assert address == Address(id=102, user_id=101, platform="slack", tenant="T1", outside_id="U1")
    assert decision.events == (Joined(user=user),)


def test_who_was_banned_comes_back_suspended_and_nobody_else_does() -> None:
    market = Market(banned={("slack", "T1", "U1")})
    banned = joining("Mai")
    others = (replace(banned, platform="line"), replace(banned, tenant="T2"), replace(banned, outside_id="U2"))

    joined = [market.do(wanted).things[0] for wanted in (banned, *others)]

    assert [user.stage for user in joined if isinstance(user, User)] == ["suspended", "active", "active", "active"]


@pytest.mark.parametrize(("said", "kept"), [("  ", "?"), ("あ" * 200, "あ" * 60), ("佐藤", "佐藤")])
def test_a_name_is_bounded_and_never_empty(said: str, kept: str) -> None:
    [user, _] = Market().do(joining(said)).things

    assert isinstance(user, User)
    assert user.name == kept


def test_a_language_is_chosen() -> None:
    market = Market()
    user = market.user()

    decision = market.do(SetLanguage(by=user.id, language="en"))

    assert market.again(user).language == "en"
    assert decision.events == decision.events[:1]
    [told] = decision.events
    assert isinstance(told, LanguageSet)


def test_a_person_is_asked_for_in_words() -> None:
    market = Market()
    user = market.user()

    decision = market.do(AskHuman(by=user.id, words=" 困っています "))

    assert decision.events == (HumanAsked(user=user, words="困っています"),)
    with pytest.raises(errors.Empty):
        market.do(AskHuman(by=user.id, words=" "))
    with pytest.raises(errors.TooLong) as caught:
        market.do(AskHuman(by=user.id, words="あ" * 2_001))
    assert caught.value == errors.TooLong(2_000)


def test_an_operator_suspends_and_restores_with_a_reason() -> None:
    market = Market()
    user, operator = market.user(), market.operator()

    suspended = market.do(Suspend(by=operator.id, user_id=user.id, reason=" 通報 "))
    then = market.again(user)
    restored = market.do(Restore(by=operator.id, user_id=user.id, reason=" 確認済み "))
    now = market.again(user)

    assert (then.stage, now.stage) == ("suspended", "active")
    [first], [second] = suspended.events, restored.events
    assert isinstance(first, UserSuspended)
    assert isinstance(second, UserRestored)
    assert (first.operator_id, first.reason) == (operator.id, "通報")
    assert (second.operator_id, second.reason) == (operator.id, "確認済み")


@pytest.mark.parametrize("kind", [Suspend, Restore])
def test_nobody_suspends_or_restores_themselves_or_without_words(kind: type[Suspend | Restore]) -> None:
    market = Market()
    user, operator = market.user(), market.operator()

    with pytest.raises(errors.NotYourself):
        market.do(kind(by=operator.id, user_id=operator.id, reason="x"))
    with pytest.raises(errors.Empty):
        market.do(kind(by=operator.id, user_id=user.id, reason="  "))
    with pytest.raises(errors.TooLong) as caught:
        market.do(kind(by=operator.id, user_id=user.id, reason="x" * 401))
    assert caught.value == errors.TooLong(400)


def test_only_operators_who_may_act_do_an_operators_work() -> None:
    market = Market()
    user, operator, other = market.user(), market.operator(), market.operator()
    job = market.job(user)
    market.do(Suspend(by=other.id, user_id=operator.id, reason="x"))

    with pytest.raises(errors.OnlyOperators):
        market.do(HoldJob(by=user.id, job_id=job.id, reason="x"))
    with pytest.raises(errors.Suspended):
        market.do(HoldJob(by=operator.id, job_id=job.id, reason="x"))
    assert market.again(job).stage == "open"


def test_who_is_suspended_may_change_the_language_and_ask_for_a_person_alone() -> None:
    market = Market()
    user, operator = market.user(), market.operator()
    market.do(Suspend(by=operator.id, user_id=user.id, reason="x"))

    market.do(SetLanguage(by=user.id, language="en"))
    market.do(AskHuman(by=user.id, words="なぜですか"))

    with pytest.raises(errors.Suspended):
        handle(PostJob(by=user.id, title="ロゴ", description="", price=1_000, due=DUE), market)
    assert market.find(Job) == ()


@pytest.mark.parametrize(
    ("me", "other", "refused"),
    [
        ("suspended", "active", errors.Suspended),
        ("active", "suspended", errors.OtherSuspended),
        ("active", "erased", errors.OtherGone),
    ],
)
def test_a_contract_needs_two_who_are_here_and_may_act(me: str, other: str, refused: type[errors.Refused]) -> None:
    one, two = (User(id=1, since=MONDAY, stage=stage, name="Mai", language="en") for stage in (me, other))

    with pytest.raises(refused):
        both_active(one, two)
