"""Limits that the rules keep: jobs an hour, applications a day."""

import re
from pathlib import Path

import pytest

from engine.applications import WithdrawApplication
from engine.errors import TooManyToday
from engine.jobs import CloseJob
from engine.limits import LIMITS, NEW_ACCOUNT
from engine.users import User
from storage import check
from tests.engine.facts import Market


def applied(market: Market, worker_id: int, times: int) -> None:
    """Each is withdrawn at once: it is not the number of open ones that is counted."""
    worker = market.get(User, worker_id)
    for number in range(times):
        application = market.application(worker, market.job(market.user(), title=f"job {number}"))
        market.do(WithdrawApplication(by=worker_id, application_id=application.id))
        market.pass_time(minutes=13)


@pytest.mark.parametrize(("days_here", "name"), [(0, "first_applications"), (NEW_ACCOUNT.days, "applications")])
def test_applications_a_day_are_limited(days_here: int, name: str) -> None:
    market = Market()
    worker = market.user()
    market.pass_time(days=days_here)
    applied(market, worker.id, LIMITS[name].most)

    with pytest.raises(TooManyToday) as refused:
        applied(market, worker.id, 1)
    market.pass_time(days=1)
    applied(market, worker.id, 1)

    assert refused.value.limit == LIMITS[name].most


def test_a_job_counts_by_when_it_was_posted_not_by_when_it_last_moved() -> None:
    market = Market()
    client = market.user()
    early = [market.job(client, title=f"job {number}") for number in range(LIMITS["jobs"].most)]
    market.pass_time(hours=1)
    for job in early:
        market.do(CloseJob(by=client.id, job_id=job.id))

    assert market.job(client).stage == "open"


def test_more_jobs_an_hour_than_the_limit_are_looked_at() -> None:
    market = Market()
    client = market.user()
    for number in range(LIMITS["jobs"].most):
        assert market.job(client, title=f"job {number}").stage == "open"

    assert (market.job(client).stage, market.job(market.user()).stage) == ("held", "open")


def test_the_check_asks_for_the_same_figures() -> None:
    written = Path(check.__file__).with_name("checks.sql").read_text(encoding="utf-8")

    asked = re.findall(r"-- A7:.*?HAVING COUNT\(\*\) > (\d+);", written, re.DOTALL)
    assert sorted(map(int, asked)) == sorted([LIMITS[name].most for name in ("messages", "applications", "hires")])
