"""Four eyes against the real server: who asked cannot agree, from whatever they write; another operator can."""

from datetime import timedelta

from engine import calendar
from engine.approvals import FOUR_EYES_ABOVE_YEN
from engine.jobs import Job, PostJob
from storage.tables import approvals
from tests.attacks.acting import Act, Acts
from tests.attacks.deals import DOUBTFUL
from tests.attacks.server import changed

POLITE = {"inbox", "outbox", "handles", "conversations", "security_events"}


def much_is_asked_for(act: Act) -> None:
    """A held job above the limit, which one operator wants to publish."""
    due = calendar.local_day(act.server.house.now() + timedelta(days=10))
    client = act.deal.by("client")
    act.deal.does(PostJob(by=client, title=DOUBTFUL, description="", price=FOUR_EYES_ABOVE_YEN + 1, due=due))
    act.deal.named(act.deal.latest(Job, client_id=client))
    for role in ("operator", "slack_operator"):
        act.deal.person(role)
    act.does({"who": "operator", "say": "/publish {job}"})
    act.server.events.taken()


def test_one_operator_alone_cannot_publish_it(acts: Acts) -> None:
    act = acts({})
    much_is_asked_for(act)
    before, moved = act.server.rows(), act.moved()

    act.does({"who": "operator", "say": "/publish {job}"})

    assert (act.server.events_after(1), act.moves(moved)) == (["needs_another"], [])
    assert set(changed(before, act.server.rows())) <= POLITE


def test_legal_twin_another_operator_presses_the_button_they_were_sent(acts: Acts) -> None:
    act = acts({})
    much_is_asked_for(act)
    moved = act.moved()

    act.does({"who": "slack_operator", "press": {"flow": "publish"}})

    assert act.server.events.taken() == []
    assert sorted(act.moves(moved)) == ["approval confirm", "job publish"]
    with act.server.house.database.connect() as connection:
        row = connection.execute(approvals.select().order_by(approvals.c.id.desc())).first()
    assert row is not None
    assert (row.asked_by, row.confirmed_by) == (act.deal.by("operator"), act.deal.by("slack_operator"))
