"""The same thing at the same moment: by one person twice, by two who both may, by platforms that repeat themselves.

On both databases, with four inbox workers beside each other, so that only the database can tell who was first."""

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import worker
from conversations import talk
from engine.applications import Application
from engine.contracts import AgreeTerms, Contract, Hire
from engine.deliveries import AcceptWork
from engine.errors import Refused, TermsChanged
from engine.jobs import CloseJob
from engine.ports import Command
from house import world
from storage import things
from storage.check import check
from storage.store import Conflict
from tests.attacks import server as servers
from tests.attacks.acting import Act
from tests.attacks.conftest import act_on
from tests.attacks.deals import OPERATORS
from tests.attacks.server import Server, at_once, changed
from tests.attacks.wire import Json

MORE_WORKERS = 3
TRIES = 20
NUMBER = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def crowded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    at = f"sqlite:///{tmp_path / 'arigato.db'}"
    url = at if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))
    stopping = threading.Event()
    with servers.running(url, tuple(OPERATORS.values())) as server:
        house = server.house
        more = [
            threading.Thread(target=worker.keep_on, args=(house, lambda: worker.work_inbox(house), stopping))
            for _ in range(MORE_WORKERS)
        ]
        for thread in more:
            thread.start()
        yield server
        server.settle()
        stopping.set()
        for thread in more:
            thread.join()
        with house.database.connect() as connection:
            violations = [f"{found.rule}: {found.what}" for found in check(connection)]
    assert violations == []


def acting(server: Server, stage: str, row: Json | None = None) -> Act:
    act = act_on(server, row or {})
    act.deal.at(stage)
    server.settle()
    return act


def sending(act: Act, step: Json) -> Callable[[], None]:
    raw = act.request(step).raw()

    def send() -> None:
        assert act.server.send(raw).status == 200

    return send


def trying(act: Act, wanted: Command) -> Callable[[], None]:
    """A command as a worker carries it out: a lost race is tried again, a refusal is an answer."""

    def attempt() -> None:
        for _ in range(TRIES):
            try:
                with world(act.server.house, f"race:{next(NUMBER)}") as store:
                    talk.execute(wanted, store)
            except Conflict:
                continue
            return
        raise AssertionError("the race was never decided")

    return attempt


@pytest.mark.parametrize("redelivered", [False, True])
def test_r1_the_same_line_event_at_once_counts_once(crowded: Server, redelivered: bool) -> None:
    act = acting(crowded, "open")
    same = {"webhookEventId": "01SAME", "deliveryContext": {"isRedelivery": redelivered}}
    before = crowded.rows()

    at_once([sending(act, {"who": "client", "say": "/close {job}", "twist": same}) for _ in range(5)])
    crowded.settle()

    assert changed(before, crowded.rows())["inbox"] == 1
    assert len(act.answers("client", 0)) == len(set(act.answers("client", 0)))


def test_r6_the_same_event_id_of_two_tenants_counts_twice(crowded: Server) -> None:
    act = acting(crowded, "open")
    before = crowded.rows()

    for destination in ("{destination}", "Uanother"):
        step = {"who": "client", "say": "help", "twist": {"webhookEventId": "01BOTH", "destination": destination}}
        assert act.does(step).status == 200

    assert changed(before, crowded.rows())["inbox"] == 2


@pytest.mark.parametrize("times", [2, 100])
def test_b4_r10_equal_presses_at_once_have_one_effect(crowded: Server, times: int) -> None:
    act = acting(crowded, "delivered")
    act.does({"who": "client", "say": "/accept {contract}"})
    crowded.events.taken()
    moved = act.moved()

    at_once([sending(act, {"who": "client", "press": {"key": "card"}}) for _ in range(times)])
    crowded.settle()

    assert act.moves(moved) == ["contract accept"]
    # What is more than a person can say in a minute is not even looked at.
    assert set(crowded.events_after(1)) <= {"handle_used", "too_many_messages"}


def test_r10_equal_payments_at_once_fund_once(crowded: Server) -> None:
    act = acting(crowded, "awaiting_escrow")
    paid = {"id": "paid-{payment}", "type": "payment.paid", "payment": {"id_of": "payment"}, "amount": 30_000}
    moved = act.moved()

    at_once([sending(act, {"pays": paid, "sign": {"seconds": -number % 60}}) for number in range(20)])
    crowded.settle()

    assert act.moves(moved) == ["payment pay", "contract fund"]


def test_z14_hiring_and_withdrawing_at_once_has_one_winner(crowded: Server) -> None:
    act = acting(crowded, "applied")
    act.does({"who": "client", "say": "/hire {application}"})
    act.does({"who": "worker", "say": "/withdraw {application}"})
    moved = act.moved()

    at_once([sending(act, {"who": who, "press": {"key": "card"}}) for who in ("client", "worker")])
    crowded.settle()

    assert len({"application hire", "application withdraw"} & set(act.moves(moved))) == 1


def test_z14_two_hired_at_once_is_one_contract(crowded: Server) -> None:
    act = acting(crowded, "applied")
    client = act.deal.by("client")
    both = [act.deal.latest(Application, worker_id=act.deal.by(role)) for role in ("worker", "rival")]

    at_once([trying(act, Hire(by=client, application_id=application.id)) for application in both])
    crowded.settle()

    with crowded.house.database.connect() as connection:
        found = things.known(connection, Contract, act.deal.latest(Contract, client_id=client).id)
    assert act.moves(0).count("contract hire") == 1
    assert found.stage == "agreeing"


def test_z14_hiring_and_closing_at_once_has_one_winner(crowded: Server) -> None:
    act = acting(crowded, "applied")
    client, application = act.deal.by("client"), act.deal.ids["application"]
    moved = act.moved()

    close = CloseJob(by=client, job_id=act.deal.ids["job"])
    at_once([trying(act, Hire(by=client, application_id=application)), trying(act, close)])
    crowded.settle()

    assert len({"job hire", "job close"} & set(act.moves(moved))) == 1


def test_z14_agreeing_at_once_asks_for_money_once(crowded: Server) -> None:
    act = acting(crowded, "agreeing")
    for who in ("client", "worker"):
        act.does({"who": who, "say": "/agree {contract}"})
    moved = act.moved()

    at_once([sending(act, {"who": who, "press": {"key": "card"}}) for who in ("client", "worker")])
    crowded.settle()

    assert act.moves(moved) == ["contract agree", "contract agree", "payment request"]


def refusal(act: Act, wanted: Command) -> Refused | None:
    with world(act.server.house, f"race:{next(NUMBER)}") as store:
        return talk.execute(wanted, store)


def test_z15_other_terms_or_another_price_are_refused(crowded: Server) -> None:
    agreeing, delivered = acting(crowded, "agreeing"), acting(crowded, "delivered")
    before = crowded.rows()

    other = AgreeTerms(by=agreeing.deal.by("worker"), contract_id=agreeing.deal.ids["contract"], terms_hash="other")
    less = AcceptWork(by=delivered.deal.by("client"), contract_id=delivered.deal.ids["contract"], price=29_999)
    found = [refusal(agreeing, other), refusal(delivered, less)]

    assert found == [TermsChanged(), TermsChanged()]
    assert changed(before, crowded.rows()) == {}


def test_l12_one_code_used_at_once_links_one(crowded: Server) -> None:
    act = acting(crowded, "code", {"platforms": {"stranger": "slack"}})
    act.deal.by("stranger")
    crowded.settle()
    crowded.events.taken()
    moved = act.moved()

    at_once([sending(act, {"who": who, "say": "{code}"}) for who in ("second", "stranger")])
    crowded.settle()

    assert (act.moves(moved), crowded.events_after(1)) == (["link use"], ["code_used"])


def test_l12_business_begun_while_the_first_one_confirms_is_never_lost(crowded: Server) -> None:
    act = acting(crowded, "asked")
    act.does({"who": "second", "say": "Logo for my cafe, 30,000 yen, by next Friday"})
    moved = act.moved()
    posts = {"who": "second", "press": {"key": "card:0", "value": "go"}}

    at_once([sending(act, posts), sending(act, {"who": "client", "press": {"flow": "confirm_link"}})])
    crowded.settle()

    # Whoever was first: folded away with nothing, or not folded because there is something.
    assert act.moves(moved) in (["job post"], ["link confirm", "user fold"])
