"""P2: a number that was guessed tells nothing, and nobody is told where somebody else can be found."""

import pytest

from conversations.router import FLOWS
from engine import codes
from tests.attacks.acting import Act, Acts

pytestmark = pytest.mark.xdist_group("attacks-chats")
NOBODYS = 999_999_999
NUMBERED = {flow.command: flow.takes[0] for flow in FLOWS if flow.takes}
PARTIES = ("client", "worker", "rival")
LOOKING = (
    ("client", "/compare {job}"),
    ("client", "/terms {contract}"),
    ("client", "/work {contract}"),
    ("worker", "/view {job}"),
    ("worker", "/terms {contract}"),
    ("rival", "/view {job}"),
)


def answered(act: Act, role: str, words: str) -> list[str]:
    act.deal.person(role)
    act.server.settle()
    before = act.last_said()
    act.does({"who": role, "say": words})
    return [outgoing.message.plain for outgoing in act.told(role, before)]


def test_p2_a_number_that_is_somebodys_answers_a_stranger_like_one_that_is_nobodys(acts: Acts) -> None:
    """Every command that takes a number, an operator's too. The job is held back: the board is there for everybody."""
    act = acts({})
    act.deal.at("refund_owed")
    act.deal.at("held")
    known = {**act.deal.facts, "user": act.deal.facts["client"]}

    answers = {
        command: [answered(act, command, f"/{command} {number}") for number in (known[noun], codes.code(noun, NOBODYS))]
        for command, noun in NUMBERED.items()
    }

    assert {command: both for command, both in answers.items() if both[0] != both[1]} == {}
    assert [command for command, (one, _) in answers.items() if not one] == []
    assert len(answers) > 30


def test_p2_nobody_is_told_where_somebody_else_can_be_found(acts: Acts) -> None:
    """Whatever is shown of a deal, from the first application on, holds no messenger's id of anybody."""
    act = acts({})
    before = act.last_said()
    act.deal.at("delivered")

    for role, words in LOOKING:
        act.does({"who": role, "say": words})

    act.server.settle()
    told = {role: repr([outgoing.message for outgoing in act.told(role, before)]) for role in PARTIES}
    people = {role: act.deal.person(role) for role in PARTIES}
    found = [(reader, role) for reader, words in told.items() for role in PARTIES if people[role].id in words]
    named = {(reader, role) for reader, words in told.items() for role in PARTIES if people[role].name in words}
    assert found == []
    assert named >= {("client", "worker"), ("worker", "client"), ("rival", "client")}
