"""警報: operators are told what was refused, how often, and how often it may be."""

import pytest

from engine.alarms import AlarmRaised, RaiseAlarm
from engine.limits import ALARM_ELSE, ALARMS, NOT_DONE
from engine.ports import NOBODY
from tests.engine.facts import Market


@pytest.mark.parametrize(("reason", "limit"), [*ALARMS.items(), ("a reason nobody thought of", ALARM_ELSE)])
def test_operators_are_told_what_was_refused_how_often_and_how_often_it_may_be(reason: str, limit: int) -> None:
    decision = Market().do(RaiseAlarm(by=NOBODY, reason=reason, times=999))

    assert decision.events == (AlarmRaised(reason=reason, times=999, limit=limit, refused=reason not in NOT_DONE),)
