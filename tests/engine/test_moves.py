"""Every lifecycle, stage, move and role: either the table's row or the right refusal, and no way without an end."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest

from engine import moves
from engine.errors import NotNow, NotYourTurn
from engine.lifecycle import Lifecycle, Role
from engine.ports import Staged
from tests.engine.facts import MONDAY

CASES = [
    pytest.param(cycle, stage, move, role, id=f"{cycle.noun}-{stage or 'new'}-{move}-{role}")
    for cycle in moves.LIFECYCLES
    for stage in ("", *cycle.stages)
    for move in dict.fromkeys(m.name for m in cycle.moves)
    for role in Role
]


def rows(cycle: Lifecycle, stage: str, move: str) -> list[tuple[tuple[Role, ...], str]]:
    """The table read a second time, by hand: who may, and where it leads."""
    return [
        (m.who, m.target) for m in cycle.moves if m.name == move and (stage in m.sources if stage else not m.sources)
    ]


@pytest.mark.parametrize(("cycle", "stage", "move", "role"), CASES)
def test_a_move_is_the_tables_row_or_refused(cycle: Lifecycle, stage: str, move: str, role: Role) -> None:
    known = rows(cycle, stage, move)
    targets = [target for who, target in known if role in who]

    if targets:
        assert [cycle.find(move, stage, role).target] == targets
    elif known:
        with pytest.raises(NotYourTurn) as not_yours:
            cycle.find(move, stage, role)
        assert not_yours.value == NotYourTurn(cycle.noun, move)
    else:
        with pytest.raises(NotNow) as not_now:
            cycle.find(move, stage, role)
        assert not_now.value == NotNow(cycle.noun, move, stage)


@pytest.mark.parametrize("cycle", moves.LIFECYCLES, ids=lambda c: c.noun)
def test_buttons_offer_exactly_what_the_table_allows(cycle: Lifecycle) -> None:
    for stage in cycle.stages:
        for role in Role:
            allowed = {m.name for m in cycle.moves if any(role in who for who, _ in rows(cycle, stage, m.name))}

            assert set(cycle.open_to(stage, role)) == allowed


@pytest.mark.parametrize("cycle", moves.LIFECYCLES, ids=lambda c: c.noun)
def test_every_stage_is_reached_from_the_beginning(cycle: Lifecycle) -> None:
    reached = {m.target for m in cycle.moves if not m.sources}
    for _ in cycle.stages:
        reached |= {m.target for m in cycle.moves if reached & set(m.sources)}

    assert reached == set(cycle.stages)


@pytest.mark.parametrize("cycle", [c for c in moves.LIFECYCLES if c.ends], ids=lambda c: c.noun)
def test_every_stage_leads_to_an_end(cycle: Lifecycle) -> None:
    ending = set(cycle.ends)
    for _ in cycle.stages:
        ending |= {s for m in cycle.moves if m.target in ending for s in m.sources}

    assert ending == set(cycle.stages)


@pytest.mark.parametrize("cycle", moves.LIFECYCLES, ids=lambda c: c.noun)
def test_reminders_stand_in_stages_of_the_table(cycle: Lifecycle) -> None:
    assert {r.stage for r in cycle.reminders} <= set(cycle.stages)


@dataclass(frozen=True, kw_only=True)
class Ripe(Staged):
    """A thing whose only clock move is due at a known time."""

    noun: ClassVar = "job"
    lifecycle: ClassVar = moves.JOB

    @property
    def open_until(self) -> object:
        return MONDAY


def test_the_clock_may_not_move_early() -> None:
    thing = Ripe(id=1, since=MONDAY, stage="open")

    with pytest.raises(NotNow):
        thing.take("expire", by=Role.CLOCK, at=MONDAY - timedelta(seconds=1))
    assert thing.take("expire", by=Role.CLOCK, at=MONDAY).stage == "expired"


def test_a_move_keeps_who_made_it_and_when() -> None:
    thing = Ripe(id=1, since=MONDAY, stage="open")

    later = thing.take("hold", by=Role.OPERATOR, at=MONDAY + timedelta(hours=1))

    assert later == Ripe(id=1, since=MONDAY + timedelta(hours=1), stage="held", moved="hold", moved_by=Role.OPERATOR)
