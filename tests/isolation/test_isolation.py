"""Many people at the same contracts at once, on PostgreSQL: what they did could have been done one after the other.

The same crowd is let loose once more with the locks taken out, and then with the versions too, and the check must say
so: else it would prove nothing."""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy import Engine, select

from engine.applications import Application, Apply, DeclineApplication, WithdrawApplication
from engine.contracts import AgreeTerms, CancelContract, Contract, DeclineTerms, Hire
from engine.deliveries import AcceptWork, Deliver, RequestChanges
from engine.endings import AgreeEnding, ProposeEnding, RefuseEnding
from engine.jobs import CloseJob, Job
from engine.payments import ConfirmPayment, OpenPayment, Payment
from engine.ports import NOBODY, Command, Thing
from engine.thanks import SayThanks
from storage import talks, things
from storage.check import check
from storage.database import open_database
from storage.tables import THINGS
from tests import builders
from tests.builders import PRICE, Market
from tests.isolation.history import Item, Search, Transaction, anomalies
from tests.isolation.recording import Recorded, at_once, without_locks, without_locks_and_versions

WORKERS = 4
PEOPLE = 6
COMMANDS = 100
CROWDS_MAX = 20
JOBS = 4

T = TypeVar("T", bound=Thing)


def one(engine: Engine, dice: random.Random, kind: type[T]) -> T | None:
    """Any of this kind."""
    with engine.connect() as connection:
        ids = list(connection.scalars(select(THINGS[kind.noun].c.id)))
        return things.by_id(connection, kind, dice.choice(ids), locked=False) if ids else None


def of_job(job: Job, worker: int, dice: random.Random) -> list[Command]:
    return [
        Apply(by=worker, job_id=job.id, price=PRICE, words="Here I am."),
        Apply(by=worker, job_id=job.id, price=PRICE, words="Me too."),
        *([CloseJob(by=job.client_id, job_id=job.id)] if dice.random() < 0.1 else []),
    ]


def of_application(application: Application, client: int) -> list[Command]:
    return [
        Hire(by=client, application_id=application.id),
        Hire(by=client, application_id=application.id),
        DeclineApplication(by=client, application_id=application.id),
        WithdrawApplication(by=application.worker_id, application_id=application.id),
    ]


def of_contract(contract: Contract, dice: random.Random) -> list[Command]:
    """What is right at its stage, and now and then what is not."""
    client, worker, number = contract.client_id, contract.worker_id, contract.id
    agreed = [AgreeTerms(by=who, contract_id=number, terms_hash=contract.terms_hash) for who in (client, worker)]
    now: dict[str, list[Command]] = {
        "agreeing": [*agreed, *agreed, DeclineTerms(by=worker, contract_id=number)],
        "half_agreed": [*agreed, *agreed, DeclineTerms(by=worker, contract_id=number)],
        "awaiting_escrow": [CancelContract(by=client, contract_id=number)],
        "in_progress": [
            Deliver(by=worker, contract_id=number, kind="text", body="Done.", file_id=0, sha256=""),
            ProposeEnding(by=client, contract_id=number, percent=50),
        ],
        "ending_proposed": [who(by=worker, contract_id=number) for who in (AgreeEnding, RefuseEnding)],
        "delivered": [
            AcceptWork(by=client, contract_id=number, price=contract.price),
            RequestChanges(by=client, contract_id=number, reason="Bluer."),
        ],
        "changes_requested": [Deliver(by=worker, contract_id=number, kind="text", body="Blue.", file_id=0, sha256="")],
        "accepted": [SayThanks(by=worker, contract_id=number, words="", tip=100)],
    }
    stage = contract.stage if dice.random() < 0.8 else dice.choice(list(now))
    return now.get(stage, [])


def of_payment(payment: Payment) -> list[Command]:
    paid = ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=payment.amount, reference=f"paid-{payment.id}")
    return [OpenPayment(by=NOBODY, payment_id=payment.id, reference=f"p-{payment.id}", url="https://pay.example"), paid]


def wanted(engine: Engine, dice: random.Random, clients: Mapping[int, int], workers: list[int]) -> Command | None:
    """What somebody might want next; much of it comes too late, which is the point."""
    kind = dice.choice((Job, Application, Contract, Contract, Contract, Payment))
    match one(engine, dice, kind):
        case Job() as job:
            choices = of_job(job, dice.choice(workers), dice)
        case Application() as application:
            choices = of_application(application, clients[application.job_id])
        case Contract() as contract:
            choices = of_contract(contract, dice)
        case Payment() as payment:
            choices = of_payment(payment)
        case _:
            choices = []
    return dice.choice(choices) if choices else None


def crowd(engine: Engine, seed: int) -> Recorded:
    """Clients with a job each, workers, and all of them at once."""
    market = Market(engine)
    for number in range(JOBS):
        builders.post(market, builders.join(market, f"client-{seed}.{number}"), f"Logo number {number}")
    workers = [builders.join(market, f"worker-{seed}.{number}", "slack") for number in range(WORKERS)]
    with engine.begin() as connection:
        clients = {job.id: job.client_id for job in connection.execute(select(THINGS["job"]))}
        for person in (*clients.values(), *(worker.id for worker in workers)):
            talks.write(connection, person, talks.Talk())
    recorded = Recorded(engine, market.now)

    def act(number: int) -> None:
        dice = random.Random(f"{seed}.{number}")
        for turn in range(COMMANDS):
            command = wanted(engine, dice, clients, [w.id for w in workers])
            if command:
                recorded.do(command, f"{type(command).__name__}-{number}.{turn}")

    at_once([partial(act, number) for number in range(PEOPLE)])
    return recorded


def wrote(
    name: str, versions: dict[Item, list[int]], reads: dict[Item, int] | None = None, searches: Sequence[Search] = ()
) -> Transaction:
    columns: Mapping[str, object] = {"job_id": 1}
    made = {item: dict.fromkeys(numbers, columns) for item, numbers in versions.items()}
    return Transaction(name, reads or {}, made, list(searches))


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(3))
def test_history_is_as_if_one_came_after_the_other(postgres_url: str, seed: int) -> None:
    engine = open_database(postgres_url)

    recorded = crowd(engine, seed)

    with engine.connect() as connection:
        broken = check(connection)
    engine.dispose()
    assert len(recorded.history) > COMMANDS / 2  # the more often two are in each other's way, the fewer
    assert [str(found) for found in anomalies(recorded.history)] == []
    assert broken == []


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("taken", "worst"), [(without_locks, {"G-single", "G2"}), (without_locks_and_versions, {"G0", "G-single"})]
)
def test_check_sees_when_guards_are_taken_out(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, taken: Callable[[pytest.MonkeyPatch], None], worst: set[str]
) -> None:
    engine = open_database(postgres_url)
    taken(monkeypatch)

    crowds = (anomalies(crowd(engine, seed).history) for seed in range(CROWDS_MAX))
    found = next((names for names in crowds if names), [])

    engine.dispose()
    assert {a.name for a in found} & worst


ONE, TWO, THREE = ("job", 1), ("job", 2), ("application", 3)
OPEN, APPLIED = {"stage": "open"}, {"job_id": 1}


@pytest.mark.parametrize(
    ("name", "history"),
    [
        ("G0", [wrote("a", {ONE: [2], TWO: [3]}), wrote("b", {ONE: [3], TWO: [2]})]),
        ("G1a", [wrote("a", {ONE: [2]}), Transaction("b", reads={ONE: 3})]),
        ("G1b", [wrote("a", {ONE: [2, 3]}), Transaction("b", reads={ONE: 2})]),
        ("G1c", [wrote("a", {ONE: [2]}, {TWO: 2}), wrote("b", {TWO: [2]}, {ONE: 2})]),
        ("G-single", [wrote("a", {ONE: [2], TWO: [2]}), Transaction("b", reads={ONE: 2, TWO: 1})]),
        ("G-single", [wrote("a", {ONE: [2]}, {ONE: 1}), wrote("b", {ONE: [2]}, {ONE: 1})]),
        ("G2", [wrote("a", {ONE: [2]}, {TWO: 1}), wrote("b", {TWO: [2]}, {ONE: 1})]),
        # Closed without seeing the application that came while it was open.
        ("G2", [wrote("a", {ONE: [2]}, searches=[Search("application", APPLIED, frozenset())]),
                wrote("b", {THREE: [1]}, {ONE: 1})]),
        ("", [wrote("a", {ONE: [2]}, {ONE: 1}), wrote("b", {ONE: [3]}, {ONE: 2}), Transaction("c", reads={ONE: 3})]),
        ("", [wrote("a", {ONE: [2]}, searches=[Search("application", APPLIED, frozenset({3}))]),
              wrote("b", {THREE: [1]}, {ONE: 1})]),
    ],
)  # fmt: skip
def test_anomaly_is_called_by_its_name(name: str, history: list[Transaction]) -> None:
    assert [found.name for found in anomalies(history)][:1] == ([name] if name else [])
