"""Z6: whoever is taken out of ARIGATO_OPERATORS is refused from the next action on, whatever is still open."""

from pathlib import Path

import pytest

from tests.attacks import server as servers
from tests.attacks.acting import Act, sentence
from tests.attacks.conftest import act_on
from tests.attacks.deals import OPERATORS
from tests.attacks.server import Server, changed
from tests.attacks.wire import Json

POLITE = {"inbox", "outbox", "handles", "conversations"}


def taken_over(act: Act, server: Server) -> Act:
    """The same people and the same buttons, at the server that has started anew."""
    later = act_on(server, {})
    act.deal.server, act.server, act.keys = server, server, later.keys
    # The emulated platforms have made new secrets and new chats; the people are the old ones.
    for person in act.deal.people.values():
        act.deal.joined(person)
    server.settle()
    server.events.taken()
    return act


@pytest.mark.parametrize(
    ("step", "event", "answer"),
    [
        ({"press": {"flow": "hold"}}, "only_operators", "refusals.only_operators"),
        ({"press": {"flow": "queue"}}, "only_operators", "refusals.only_operators"),
        ({"say": "/hold {job} Bad"}, "only_operators", "common.not_understood"),
    ],
    ids=["button", "menu", "command"],
)
def test_z6_a_demoted_operator_is_refused(tmp_path: Path, step: Json, event: str, answer: str) -> None:
    database = f"sqlite:///{tmp_path / 'arigato.db'}"
    with servers.running(database, (OPERATORS["operator"],)) as server:
        act = act_on(server, {})
        act.deal.at("open")
        for said in ("/figures", "/job {job}"):
            act.does({"who": "operator", "say": said})

    with servers.running(database, ()) as server:
        taken_over(act, server)
        before, said_until, moved = server.rows(), act.last_said(), act.moved()

        reply = act.does({"who": "operator", **step})

        assert (reply.status, server.events_after(1), act.moves(moved)) == (200, [event], [])
        assert act.answers("operator", said_until)[:1] == [sentence(answer)]
        assert set(changed(before, server.rows())) <= POLITE


def test_z6_a_decision_under_way_is_not_carried_out(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'arigato.db'}"
    with servers.running(database, (OPERATORS["operator"],)) as server:
        act = act_on(server, {})
        act.deal.at("open")
        act.does({"who": "operator", "say": "/hold {job}"})

    with servers.running(database, ()) as server:
        taken_over(act, server)
        moved = act.moved()

        act.does({"who": "operator", "say": "This is the reason"})

        assert (act.moves(moved), server.events_after(1)) == ([], ["only_operators"])
