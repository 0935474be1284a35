"""From hiring to money held, or to nothing."""

from datetime import timedelta

import pytest

from engine import calendar, errors, terms
from engine.contracts import (
    AgreeTerms,
    CancelContract,
    Contract,
    ContractCancelled,
    ContractExpired,
    DeclineTerms,
    Hire,
    TermsDeclined,
)
from engine.deadlines import Reminded, WentOverdue
from engine.handle import TimeIsUp
from engine.jobs import Job, JobReopened, PostJob
from engine.ports import NOBODY
from engine.users import Suspend
from tests.engine.facts import DUE, MONDAY, Market


def agree(contract: Contract, by: int) -> AgreeTerms:
    return AgreeTerms(by=by, contract_id=contract.id, terms_hash=contract.terms_hash)


def test_hiring_fills_the_job_and_declines_the_others() -> None:
    market = Market()
    job = market.job(market.user())
    chosen, other = (market.application(market.user(), job) for _ in range(2))

    market.do(Hire(by=job.client_id, application_id=chosen.id))

    assert [market.again(t).stage for t in (job, chosen, other)] == ["filled", "hired", "declined"]
    [contract] = market.find(Contract)
    assert (contract.stage, contract.price, contract.net) == ("agreeing", 30_000, 23_400)


def test_nobody_is_hired_twice_for_one_job() -> None:
    market = Market()
    job = market.job(market.user())
    chosen, other = (market.application(market.user(), job) for _ in range(2))
    market.do(Hire(by=job.client_id, application_id=chosen.id))

    with pytest.raises(errors.NotNow):
        market.do(Hire(by=job.client_id, application_id=other.id))

    assert len(market.find(Contract)) == 1


def test_only_the_client_hires() -> None:
    market = Market()
    application = market.application(market.user(), market.job(market.user()))

    with pytest.raises(errors.NotFound):
        market.do(Hire(by=application.worker_id, application_id=application.id))


def test_a_stranger_does_not_learn_whether_a_client_is_suspended() -> None:
    market = Market()
    client = market.user()
    application = market.application(market.user(), market.job(client))
    market.do(Suspend(by=market.operator().id, user_id=client.id, reason="x"))

    with pytest.raises(errors.NotFound):
        market.do(Hire(by=market.user().id, application_id=application.id))


def test_work_that_is_due_today_may_still_be_given() -> None:
    market = Market()
    client, today = market.user(), calendar.local_day(market.now)
    [job] = market.do(PostJob(by=client.id, title="ロゴ", description="", price=1_000, due=today)).things
    application = market.application(market.user(), market.get(Job, job.id))

    market.do(Hire(by=client.id, application_id=application.id))

    assert market.find(Contract)[0].due == today


def test_a_suspended_worker_is_not_hired() -> None:
    market = Market()
    application = market.application(market.user(), job := market.job(market.user()))
    market.do(Suspend(by=market.operator().id, user_id=application.worker_id, reason="spam"))

    with pytest.raises(errors.OtherSuspended):
        market.do(Hire(by=job.client_id, application_id=application.id))


def test_who_applied_in_time_is_hired_though_the_job_has_left_the_board() -> None:
    market = Market()
    job = market.job(market.user())
    market.pass_time(days=5)
    application = market.application(market.user(), job)
    market.ring(job, "expire")

    market.do(Hire(by=job.client_id, application_id=application.id))

    assert [market.again(t).stage for t in (job, application)] == ["filled", "hired"]


def test_nobody_is_hired_for_what_was_due_already() -> None:
    market = Market()
    job = market.job(market.user())
    application = market.application(market.user(), job)
    market.now = calendar.end_of(DUE)

    with pytest.raises(errors.DuePassed):
        market.do(Hire(by=job.client_id, application_id=application.id))


def test_the_terms_card_is_complete_and_its_hash_its_own() -> None:
    contract = Market().hired(withholds=True)

    card = terms.read(contract.terms)

    assert all(str(value) for value in vars(card).values())
    assert (card.price, card.withholding, card.net) == (30_000, 2_784, 20_616)
    assert card.fee + card.fee_tax + card.withholding + card.net == card.price
    assert (card.due, card.pays_on) == ("2030-12-13", "2030-12-30")
    assert contract.terms_hash == terms.digest(card.canonical())


def test_the_day_of_payment_is_a_business_day_within_sixty_days() -> None:
    days = [DUE + timedelta(days=n) for n in range(400)]

    assert all((terms.pays_on(day) - day).days <= 60 and terms.pays_on(day).weekday() < 5 for day in days)


def test_both_agree_in_either_order_and_the_client_is_asked_to_pay() -> None:
    for first in ("client_id", "worker_id"):
        market = Market()
        contract = market.hired()
        one = getattr(contract, first)

        market.do(agree(contract, one))
        half = market.again(contract)
        decision = market.do(agree(contract, contract.other_than(one)))

        assert (half.stage, half.agreed_by) == ("half_agreed", one)
        assert market.again(contract).stage == "awaiting_escrow"
        assert [(o.kind, o.amount) for o in decision.operations] == [("collect", 30_000)]


def test_one_person_cannot_agree_for_two() -> None:
    market = Market()
    contract = market.hired()
    market.do(agree(contract, contract.client_id))

    with pytest.raises(errors.AlreadyAgreed):
        market.do(agree(contract, contract.client_id))


def test_agreeing_to_another_card_is_refused() -> None:
    market = Market()
    contract = market.hired()

    with pytest.raises(errors.TermsChanged):
        market.do(AgreeTerms(by=contract.client_id, contract_id=contract.id, terms_hash="0" * 64))


def test_for_a_stranger_the_contract_does_not_exist() -> None:
    market = Market()
    contract, stranger = market.hired(), market.user()

    for wanted in (agree(contract, stranger.id), DeclineTerms(by=stranger.id, contract_id=contract.id)):
        with pytest.raises(errors.NotFound):
            market.do(wanted)


def test_declined_terms_reopen_the_job() -> None:
    market = Market()
    contract = market.hired()

    decision = market.do(DeclineTerms(by=contract.worker_id, contract_id=contract.id))

    assert market.again(contract).stage == "declined"
    assert market.get(Job, contract.job_id).stage == "open"
    assert [type(e) for e in decision.events] == [TermsDeclined, JobReopened]


@pytest.mark.parametrize("party", ["client_id", "worker_id"])
def test_before_money_is_held_either_may_cancel(party: str) -> None:
    market = Market()
    contract = market.awaiting()

    decision = market.do(CancelContract(by=getattr(contract, party), contract_id=contract.id))

    assert [type(e) for e in decision.events] == [ContractCancelled, JobReopened]
    assert market.again(contract).stage == "cancelled"
    assert market.payment_of(contract).stage == "expired"


def test_after_money_is_held_nobody_cancels() -> None:
    market = Market()
    contract = market.funded()

    with pytest.raises(errors.NotNow):
        market.do(CancelContract(by=contract.client_id, contract_id=contract.id))


def test_silence_before_agreeing_expires_the_contract() -> None:
    market = Market()
    contract = market.hired()

    decision = market.ring(contract, "expire")

    assert (market.again(contract).stage, market.now - MONDAY) == ("expired", timedelta(days=7))
    assert [type(e) for e in decision.events] == [ContractExpired, JobReopened]


def test_unpaid_contracts_are_reminded_and_expire() -> None:
    market = Market()
    contract = market.awaiting()

    told = market.ring(contract, "remind_fund")
    market.ring(contract, "expire")

    assert told.events == (Reminded(contract=contract, name="remind_fund"),)
    assert (market.again(contract).stage, market.now - MONDAY) == ("expired", timedelta(hours=72))
    assert market.payment_of(contract).stage == "expired"


def test_a_reminder_of_a_stage_that_has_passed_is_not_told() -> None:
    market = Market()
    contract = market.delivered()

    with pytest.raises(errors.NotNow):
        market.do(TimeIsUp(by=NOBODY, noun="contract", thing_id=contract.id, name="remind_due"))


def test_work_is_overdue_a_day_after_its_due_day() -> None:
    market = Market()
    contract = market.funded()

    decision = market.ring(contract, "fall_overdue")

    late = market.again(contract)
    # The due day, Friday 13 December, ends at 15:00 UTC; a day of grace follows.
    assert (late.stage, market.now.isoformat()) == ("overdue", "2030-12-14T15:00:00+00:00")
    assert [type(e) for e in decision.events] == [WentOverdue]


def test_a_contract_paid_after_its_due_day_has_its_day_of_grace() -> None:
    market = Market()
    contract = market.awaiting()
    market.now = MONDAY + timedelta(days=30)
    market.pay(market.payment_of(contract), contract.price)

    market.ring(contract, "fall_overdue")

    assert market.now == MONDAY + timedelta(days=31)


def test_reminders_of_a_delivered_contract_come_in_order() -> None:
    market = Market()
    contract = market.delivered()

    due = sorted((t.due_at - MONDAY, t.name) for k, t in market.timers.items() if k[:2] == ("contract", contract.id))

    assert due == [
        (timedelta(days=3), "remind_accept_first"),
        (timedelta(days=6), "remind_accept_second"),
        (timedelta(days=6, hours=18), "remind_accept_last"),
        (timedelta(days=7), "accept"),
    ]
