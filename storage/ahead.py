"""Ahead: what several timers will ask is read before they are fired, one statement for all of them. What is not
foreseen is read when it is asked for: that is slower, and the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from conversations.queries import ById
from engine import ledger
from engine.contracts import Contract
from engine.links import Link
from engine.ports import Thing, Timer
from engine.users import User
from storage import books, ids, speakers, things
from storage.thing_tables import KIND_OF

PAY_OUT = ("user", "pay_out")
# What the rule of a payout searches for with each worker: the kind, what names the worker, what else is equal.
OF_WORKERS: tuple[tuple[type[Thing], str, Mapping[str, str]], ...] = (
    (Link, "user_id", {}),
    (Contract, "worker_id", {"stage": "accepted"}),
    (Contract, "worker_id", {"stage": "payout_problem"}),
)
PEOPLE = ("client_id", "worker_id", "user_id")


@dataclass
class Ahead:
    """`answers` by what was asked; good until anything is written. `things` were read under lock."""

    things: list[Thing] = field(default_factory=list)
    answers: dict[object, Any] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)


def search(kind: type[Thing], equal: Mapping[str, object]) -> object:
    return kind, tuple(sorted(equal.items()))


def read(connection: Connection, wanted: Sequence[Timer]) -> Ahead:
    found = Ahead()
    workers = [timer.thing_id for timer in wanted if (timer.noun, timer.name) == PAY_OUT]
    people = set(workers)
    for noun in sorted({timer.noun for timer in wanted} - {"user"}):
        of_noun = sorted({timer.thing_id for timer in wanted if timer.noun == noun})
        found.things += things.find_many(connection, KIND_OF[noun], "id", of_noun, locked=True)
    for kind, name, more in OF_WORKERS if workers else ():
        group = things.find_many(connection, kind, name, workers, locked=True, **more)
        for worker in workers:
            mine = tuple(thing for thing in group if getattr(thing, name) == worker)
            found.answers[search(kind, {name: worker, **more})] = mine
    if workers:
        found.answers.update(books.balances(connection, [ledger.earnings(worker) for worker in workers]))
        found.ids = ids.take_many(connection, len(workers))
    people |= {getattr(thing, name) for thing in found.things for name in PEOPLE if hasattr(thing, name)}
    for user in things.find_many(connection, User, "id", sorted(people), locked=False):
        found.answers[ById(User, user.id)] = user
    found.answers |= {("reachable", user): at for user, at in speakers.all_reachable(connection, people).items()}
    return found
