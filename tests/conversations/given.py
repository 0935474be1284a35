"""The story so far, told in commands, so that a transcript can begin in the middle of it.

The first person is the client, the second the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from conversations.messages import Arrived
from engine.applications import Application, Apply
from engine.contracts import AgreeTerms, Contract, Hire
from engine.deliveries import AcceptWork, Deliver, RequestChanges
from engine.endings import ProposeEnding
from engine.jobs import Job, PostJob
from engine.ports import Command

if TYPE_CHECKING:  # the two know each other
    from tests.conversations.stage import Person, Stage

TITLE = {"ja": "恵比寿の店のロゴ", "en": "Logo for my cafe"}
WORDS = {"ja": "飲食店のロゴを10件ほど作りました。", "en": "I have made ten logos for restaurants."}
DOUBTFUL = {"ja": "LINEのIDを教えてください", "en": "Add me on Telegram: t.me/example"}
PRICE = 30_000
DUE = date(2026, 7, 24)

People = Sequence["Person"]


def user_id(stage: Stage, person: Person) -> int:
    with stage.work() as world:
        user = world.user_at(person.sender)
    assert user, f"{person.name} has joined"
    return user.id


def joined(stage: Stage, people: People) -> None:
    for person in people:
        stage.hear(person, Arrived())


def client(stage: Stage, people: People, wanted: Callable[[int], Command]) -> None:
    stage.now += timedelta(minutes=1)
    stage.execute(wanted(user_id(stage, people[0])))


def worker(stage: Stage, people: People, wanted: Callable[[int], Command]) -> None:
    stage.now += timedelta(minutes=1)
    stage.execute(wanted(user_id(stage, people[1])))


def posting(title: str, description: str = "") -> Callable[[int], Command]:
    return lambda by: PostJob(by=by, title=title, description=description, price=PRICE, due=DUE)


def open_(stage: Stage, people: People) -> None:
    joined(stage, people)
    client(stage, people, posting(TITLE[people[0].language]))


def six_open(stage: Stage, people: People) -> None:
    """More than one page of the board. An hour each, or screening would hold the sixth."""
    open_(stage, people)
    for number in range(2, 7):
        stage.now += timedelta(hours=1)
        client(stage, people, posting(f"{TITLE[people[0].language]} {number}"))


def held(stage: Stage, people: People) -> None:
    joined(stage, people)
    client(stage, people, posting(TITLE[people[0].language], DOUBTFUL[people[0].language]))


def applied(stage: Stage, people: People) -> None:
    """Everyone but the client has applied; the second worker asks for less."""
    open_(stage, people)
    job_id = stage.latest(Job).id
    for number, person in enumerate(people[1:]):
        stage.now += timedelta(minutes=1)
        words = WORDS[person.language]
        by = user_id(stage, person)
        stage.execute(Apply(by=by, job_id=job_id, price=PRICE - 5_000 * number, words=words))


def agreeing(stage: Stage, people: People) -> None:
    open_(stage, people)
    job_id = stage.latest(Job).id
    worker(stage, people, lambda by: Apply(by=by, job_id=job_id, price=PRICE, words=WORDS[people[1].language]))
    application = stage.latest(Application)
    client(stage, people, lambda by: Hire(by=by, application_id=application.id))


def awaiting_escrow(stage: Stage, people: People) -> None:
    agreeing(stage, people)
    contract = stage.latest(Contract)
    for who in (client, worker):
        who(
            stage,
            people,
            lambda by: AgreeTerms(by=by, contract_id=contract.id, terms_hash=contract.terms_hash),
        )


def in_progress(stage: Stage, people: People) -> None:
    awaiting_escrow(stage, people)
    stage.money("opens")
    stage.money("arrives")


def ending_proposed(stage: Stage, people: People) -> None:
    """By the client, with half of the price."""
    in_progress(stage, people)
    contract = stage.latest(Contract)
    client(stage, people, lambda by: ProposeEnding(by=by, contract_id=contract.id, percent=50))


def overdue(stage: Stage, people: People) -> None:
    in_progress(stage, people)
    stage.pass_time(timedelta(days=11))


def delivered(stage: Stage, people: People) -> None:
    in_progress(stage, people)
    contract = stage.latest(Contract)
    link = "https://files.example/logo.png"
    worker(
        stage,
        people,
        lambda by: Deliver(by=by, contract_id=contract.id, kind="link", body=link, file_id=0, sha256=""),
    )


def changes_requested(stage: Stage, people: People) -> None:
    delivered(stage, people)
    contract = stage.latest(Contract)
    client(stage, people, lambda by: RequestChanges(by=by, contract_id=contract.id, reason="#06C755"))


def accepted(stage: Stage, people: People) -> None:
    delivered(stage, people)
    contract = stage.latest(Contract)
    client(stage, people, lambda by: AcceptWork(by=by, contract_id=contract.id, price=contract.price))


def paid_out(stage: Stage, people: People) -> None:
    accepted(stage, people)
    stage.pass_time(timedelta(days=2))


def payout_problem(stage: Stage, people: People) -> None:
    paid_out(stage, people)
    stage.money("refuses")


def refund_owed(stage: Stage, people: People) -> None:
    """A page was paid twice, and the provider does not give the second sum back."""
    in_progress(stage, people)
    stage.money("arrives")
    stage.money("refunds_not")


GIVEN: Mapping[str, Callable[[Stage, People], None]] = {
    "joined": joined,
    "open": open_,
    "six open": six_open,
    "held": held,
    "applied": applied,
    "agreeing": agreeing,
    "awaiting_escrow": awaiting_escrow,
    "in_progress": in_progress,
    "ending_proposed": ending_proposed,
    "overdue": overdue,
    "delivered": delivered,
    "changes_requested": changes_requested,
    "accepted": accepted,
    "paid_out": paid_out,
    "payout_problem": payout_problem,
    "refund_owed": refund_owed,
}
