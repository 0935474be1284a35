"""Waiting: who writes the same rows at the same moment, on PostgreSQL."""

import threading
from dataclasses import replace

import pytest

from engine.jobs import CloseJob, Job
from engine.ledger import Transfer
from engine.ports import Decision
from engine.users import SetLanguage, User
from storage.database import open_database
from storage.store import Conflict, work
from tests import builders
from tests.builders import MONDAY, Market


@pytest.mark.postgres
def test_second_writer_waits_and_sees_the_first(postgres_url: str) -> None:
    database = open_database(postgres_url)
    market = Market(database)
    job = builders.post(market, builders.join(market, "a"))
    seen: list[int] = []

    def read() -> None:
        with work(database, MONDAY, "second") as store:
            seen.append(store.get(Job, job.id).version)

    second = threading.Thread(target=read)
    with work(database, MONDAY, "first") as store:
        changed = replace(store.get(Job, job.id), title="Another")
        second.start()
        second.join(0.3)
        assert seen == []
        store.carry_out(Decision(things=(changed,)), CloseJob(by=job.client_id, job_id=job.id))
    second.join()
    database.dispose()

    assert seen == [2]


@pytest.mark.postgres
def test_ring_of_waiting_is_a_conflict_for_one(postgres_url: str) -> None:
    database = open_database(postgres_url)
    market = Market(database)
    client = builders.join(market, "a")
    a, b = builders.post(market, client), builders.post(market, client, "A poster for my cafe")
    both = threading.Barrier(2)
    ends: list[str] = []

    def lock(first: int, second: int) -> None:
        try:
            with work(database, MONDAY, f"{first}") as store:
                store.get(Job, first)
                both.wait(10)
                store.get(Job, second)
        except Conflict:
            ends.append("conflict")
        else:
            ends.append("done")

    threads = [threading.Thread(target=lock, args=ids) for ids in ((a.id, b.id), (b.id, a.id))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.dispose()

    assert sorted(ends) == ["conflict", "done"]


@pytest.mark.postgres
def test_two_who_look_at_each_other_do_not_wait(postgres_url: str) -> None:
    """A client and a worker at one contract: each message looks at both."""
    database = open_database(postgres_url)
    market = Market(database)
    user = builders.join(market, "a")

    with work(database, MONDAY, "first") as store, work(database, MONDAY, "second") as other:
        seen = [s.get(User, user.id).version for s in (store, other)]
    database.dispose()

    assert seen == [1, 1]


@pytest.mark.postgres
def test_money_adds_up_under_many_writers(postgres_url: str) -> None:
    database = open_database(postgres_url)
    user = builders.join(Market(database), "a")

    def give(writer: int) -> None:
        for number in range(10):
            with work(database, MONDAY, f"{writer}-{number}") as store:
                gift = Transfer("outside:pretend", f"wallet:{user.id}", 1, "gift", 0)
                store.carry_out(Decision(transfers=(gift,)), SetLanguage(by=user.id, language="en"))

    writers = [threading.Thread(target=give, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with work(database, MONDAY, "look") as store:
        balance = store.balance(f"wallet:{user.id}")
    database.dispose()

    assert balance == 40


@pytest.mark.postgres
def test_payments_in_opposite_directions_do_not_wait_in_a_ring(postgres_url: str) -> None:
    database = open_database(postgres_url)
    builders.join(Market(database), "a")
    paths = ("wallet:1", "wallet:2")
    with work(database, MONDAY, "gift") as store:
        store.carry_out(
            Decision(transfers=tuple(Transfer("outside:pretend", path, 100, "gift", 0) for path in paths)),
            SetLanguage(by=1, language="en"),
        )
    both = threading.Barrier(2)
    lost: list[str] = []

    def pay(source: str, target: str) -> None:
        for number in range(20):
            there_and_back = (Transfer(source, target, 1, "gift", 0), Transfer(target, source, 1, "gift", 0))
            both.wait(10)
            try:
                with work(database, MONDAY, f"{source}-{number}") as store:
                    store.carry_out(Decision(transfers=there_and_back), SetLanguage(by=1, language="en"))
            except Conflict as conflict:
                lost.append(str(conflict))

    at_once = [threading.Thread(target=pay, args=ends) for ends in (paths, paths[::-1])]
    for thread in at_once:
        thread.start()
    for thread in at_once:
        thread.join()
    database.dispose()

    assert lost == []
