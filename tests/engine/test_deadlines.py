"""After an outage everybody has as much time as they had when it began."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contracts import Contract
from engine.deadlines import DeadlineMoved, LoseTime, deadline, lose_time
from engine.lifecycle import Role
from engine.ports import NOBODY
from tests.engine.facts import Market

DAY = timedelta(days=1)


def down(contract: Contract, begun: timedelta, length: timedelta) -> LoseTime:
    """An outage that began so long after the contract came to its stage."""
    at = contract.since + begun
    return LoseTime(by=NOBODY, noun="contract", thing_id=contract.id, begun=at, ended=at + length)


@given(st.integers(-10 * 86_400, 3 * 86_400 - 1), st.integers(1, 30 * 86_400))
def test_what_was_left_before_an_outage_is_left_after_it(begun: int, length: int) -> None:
    contract = agreed()
    wanted = down(contract, timedelta(seconds=begun), timedelta(seconds=length))
    left = contract.fund_until - max(wanted.begun, contract.since)

    [later] = lose_time(contract, wanted).things or (contract,)

    assert isinstance(later, Contract)
    assert later.fund_until - max(wanted.ended, contract.since) == left or wanted.ended <= contract.since


def test_a_deadline_that_had_passed_stays() -> None:
    contract = agreed()

    assert not lose_time(contract, down(contract, 3 * DAY, DAY)).things


def test_who_has_little_time_is_told_the_new_deadline() -> None:
    contract = agreed()

    near = lose_time(contract, down(contract, DAY, 2 * DAY))
    far = lose_time(contract, down(contract, DAY, timedelta(hours=1)))

    [moved] = near.things
    assert isinstance(moved, Contract)
    assert near.events == (DeadlineMoved(contract=moved, until=contract.fund_until + 2 * DAY),)
    assert not far.events


def test_who_has_a_whole_day_is_told_nothing() -> None:
    contract = agreed()
    left = contract.fund_until - contract.since

    day, less = (lose_time(contract, down(contract, 0 * DAY, left - DAY + timedelta(seconds=n))) for n in (0, 1))

    assert (len(day.events), len(less.events)) == (0, 1)


def test_a_job_has_its_time_back_and_nobody_is_told() -> None:
    market = Market()
    job = market.job(market.user())
    begun = job.since + timedelta(hours=1)

    decision = lose_time(job, LoseTime(by=NOBODY, noun="job", thing_id=job.id, begun=begun, ended=begun + DAY))

    assert decision.things == (replace(job, lost_seconds=86_400),)
    assert decision.events == ()


def test_what_began_when_we_were_back_loses_nothing() -> None:
    contract = agreed()

    assert lose_time(contract, down(contract, -DAY, DAY)).things == ()


def test_the_next_stage_begins_anew_but_the_due_day_keeps_what_was_lost() -> None:
    market = Market()
    contract = market.funded()

    [later] = lose_time(contract, down(contract, DAY, 2 * DAY)).things
    assert isinstance(later, Contract)
    proposed = later.take("propose_ending", by=Role.CLIENT, at=later.since + 4 * DAY)
    goes_on = proposed.take("refuse_ending", by=Role.WORKER, at=later.since + 5 * DAY)

    assert (proposed.lost_seconds, goes_on.lost_seconds) == (0, 0)
    assert later.overdue_from == goes_on.overdue_from == contract.overdue_from + 2 * DAY


@pytest.mark.parametrize("stage", ["accepted", "overdue", "declined"])
def test_where_nobody_is_waited_for_nothing_moves(stage: str) -> None:
    contract = replace(agreed(), stage=stage)

    assert deadline(contract) is None
    assert not lose_time(contract, down(contract, DAY, DAY)).things


def agreed() -> Contract:
    return Market().awaiting()
