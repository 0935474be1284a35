"""B7, W17: guesses are refused one by one, and operators are told of them together."""

from collections import Counter
from pathlib import Path

import doorbook
from engine import limits
from playground.phone import Person
from tests.attacks import server as servers
from tests.attacks.conftest import act_on
from tests.attacks.deals import OPERATORS
from tests.attacks.server import Server

GUESSES = limits.alarm("handle_unknown") + 1
FORGERIES = limits.alarm("signature_wrong") + 1


def alarms(server: Server, operator: Person) -> list[str]:
    """The titles of the alarms this operator was told of."""
    said = [each for each in server.said if each.to.outside_id == operator.id]
    return [each.message.title for each in said if each.message.title.startswith("Security: ")]


def test_b7_who_guesses_handles_is_told_of(tmp_path: Path) -> None:
    with servers.running(f"sqlite:///{tmp_path / 'arigato.db'}", (OPERATORS["operator"],)) as server:
        act = act_on(server, {"platforms": {"stranger": "line"}})
        act.deal.at("open")
        for role in ("operator", "stranger"):
            act.deal.person(role)

        for guess in range(GUESSES):
            act.does({"who": "stranger", "handle": f"{guess:022d}"})
        doorbook.raise_alarms(server.house)
        server.settle()

        assert server.noted() == Counter(handle_unknown=GUESSES)
        assert alarms(server, OPERATORS["operator"]) == ["Security: handle_unknown"]


def test_w17_forged_webhooks_cost_no_event_and_are_told_of(tmp_path: Path) -> None:
    with servers.running(f"sqlite:///{tmp_path / 'arigato.db'}", (OPERATORS["operator"],)) as server:
        act = act_on(server, {})
        act.deal.person("operator")
        server.house.bell.ring()
        server.settle()  # what they are welcomed with is sent
        before = server.rows()

        forged = act.request({"on": "line", "raw": "{{}}", "sign": {"signature": "other_secret"}}).raw()
        replies = {server.send(forged).status for _ in range(FORGERIES)}
        noted = server.noted_after(Counter(), Counter(signature_wrong=FORGERIES))

        assert (replies, noted, server.rows() == before) == ({401}, Counter(signature_wrong=FORGERIES), True)
        doorbook.raise_alarms(server.house)
        server.settle()
        assert alarms(server, OPERATORS["operator"]) == ["Security: signature_wrong"]
