"""What is done together is done as it would be alone; and one that cannot be done takes none of the others with it."""

import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

import app
import errands
import scheduler
import worker
from batches import Hands
from conversations.messages import Message, Outgoing, Recipient
from engine import handle
from engine.ports import Decision, Facts
from payments.ports import Notification
from payments.pretend import Pretend
from storage import beats, inbox, outages, outbox, tables, timers
from storage.database import begin, open_database
from tests import builders, empty
from tests.builders import Market
from tests.storage.houses import Phones, house_of

JOBS = 6
LATER = timedelta(days=400)


def overdue(engine: Engine) -> Market:
    """A payout and several jobs are due, and the clock has beaten just now."""
    market = Market(engine)
    builders.accepted(market)
    for number in range(JOBS):
        builders.post(market, builders.join(market, f"client-{number}"))
    market.now += LATER
    with begin(engine) as connection:
        beats.beat(connection, outages.CLOCK, market.now)
    return market


def rows(engine: Engine, *columns: Any) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(select(*columns)))


def left_behind(engine: Engine) -> list[list[tuple[Any, ...]]]:
    t, m, o, a = tables.transfers.c, tables.transitions.c, tables.outbox.c, tables.audit.c
    return [
        rows(engine, t.source, t.target, t.amount, t.reason, t.cause, t.key),
        rows(engine, m.noun, m.thing_id, m.version, m.move, m.source, m.target, m.role, m.actor_id, m.cause),
        rows(engine, o.recipient, o.state, o.cause),
        rows(engine, a.action, a.subject, a.body),
        rows(engine, tables.accounts.c.path, tables.accounts.c.balance, tables.accounts.c.version),
        rows(engine, tables.operations.c.key, tables.operations.c.amount, tables.operations.c.cause),
        rows(engine, tables.timers.c.noun, tables.timers.c.thing_id, tables.timers.c.name),
    ]


def test_timers_fired_together_leave_what_each_leaves_alone(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    other = empty.in_memory()
    together, alone = overdue(database), overdue(other)

    fired = scheduler.ring(house_of(together))
    monkeypatch.setattr(scheduler, "TOGETHER", 1)
    fired_alone = scheduler.ring(house_of(alone))

    assert (fired, left_behind(database)) == (fired_alone, left_behind(other))
    assert fired > JOBS
    other.dispose()


def test_a_timer_that_cannot_be_fired_takes_no_other_with_it(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    market = overdue(database)
    bad = rows(database, tables.jobs.c.id)[-1][0]
    expire = handle.CLOCK_RULES["job", "expire"]

    def breaks(facts: Facts, thing_id: int) -> Decision:
        assert thing_id != bad, "this one is broken"
        return expire(facts, thing_id)

    monkeypatch.setitem(handle.CLOCK_RULES, ("job", "expire"), breaks)

    scheduler.ring(house_of(market))

    assert rows(database, tables.timers.c.noun, tables.timers.c.thing_id) == [("job", bad)]
    assert [job for job, stage in rows(database, tables.jobs.c.id, tables.jobs.c.stage) if stage == "open"] == [bad]


def test_a_ring_begins_with_one_timer_and_leaves_none_out() -> None:
    batches = list(scheduler.growing(range(60)))

    assert [len(some) for some in batches] == [1, 2, 4, 8, 16, 20, 9]
    assert [timer_id for some in batches for timer_id in some] == list(range(60))


@pytest.mark.postgres
def test_what_somebody_is_at_is_left_to_them_and_fired_at_the_next_ring(postgres_url: str) -> None:
    database = open_database(postgres_url)
    market = overdue(database)
    due = rows(database, tables.timers.c.id)

    with begin(database) as connection:
        connection.execute(select(tables.timers).where(tables.timers.c.id == due[-1][0]).with_for_update())
        with begin(database) as clock:
            taken = [timer_id for timer_id, _ in timers.take(clock, [timer_id for (timer_id,) in due], market.now)]
    database.dispose()

    assert sorted(taken) == [timer_id for (timer_id,) in due[:-1]]


@pytest.mark.postgres
def test_a_thing_that_is_held_is_waited_for_alone(postgres_url: str) -> None:
    database = open_database(postgres_url)
    market = overdue(database)
    held = rows(database, tables.jobs.c.id)[-1][0]
    clock = threading.Thread(target=lambda: scheduler.ring(house_of(market)))

    with begin(database) as connection:
        connection.execute(select(tables.jobs).where(tables.jobs.c.id == held).with_for_update())
        clock.start()
        while clock.is_alive() and len(rows(database, tables.timers.c.id)) > 1:
            time.sleep(0.05)
        waiting = rows(database, tables.timers.c.thing_id)
    clock.join()
    left = rows(database, tables.timers.c.thing_id)
    database.dispose()

    assert (waiting, left) == ([(held,)], [])


def test_one_event_of_a_provider_that_fails_is_counted_alone(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market(database)
    house = house_of(market)
    for number in range(4):
        app.keep_notification(house, "pretend", Notification(f"event-{number}", f"{number}", f"{number}".encode()))

    def read(_: Pretend, body: bytes) -> None:
        assert body != b"2", "this one is broken"

    monkeypatch.setattr(Pretend, "read", read)
    for _ in range(12):
        worker.work_inbox(house)

    found = rows(database, tables.inbox.c.event_id, tables.inbox.c.state, tables.inbox.c.attempts)
    assert found == [
        ("event-0", "done", 0),
        ("event-1", "done", 0),
        ("event-2", "parked", inbox.FAILURES_BEFORE_PARKED),
        ("event-3", "done", 0),
    ]


def test_a_phone_that_is_slow_holds_up_no_other(database: Engine) -> None:
    market = Market(database)
    phones = Phones()
    house = house_of(market, line=phones)
    people = ["slow", *(f"person-{number}" for number in range(20))]
    messages = [(Outgoing(Recipient("line", "t", who), Message("hello"), language="en"), "cause") for who in people]
    with begin(database) as connection:
        outbox.put(connection, messages, secrets.token_bytes, market.now)

    with ThreadPoolExecutor(2) as pool:
        hands: Hands[outbox.Row] = Hands(pool, 2)
        while len(phones.said) < len(people) - 1:
            errands.send_all(house, "line", hands)
        meanwhile = rows(database, tables.outbox.c.id, tables.outbox.c.state)
        phones.slow.set()
        while errands.send_all(house, "line", hands):
            pass

    assert meanwhile[0][1] == "claimed"
    assert {state for _, state in meanwhile[1:-1]} <= {"sent", "claimed"}
    assert {state for _, state in rows(database, tables.outbox.c.id, tables.outbox.c.state)} == {"sent"}


def test_how_one_went_is_written_down_whatever_is_wrong_with_another(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = Market(database)
    phones = Phones()
    phones.slow.set()
    house = house_of(market, line=phones)
    messages = [(Outgoing(Recipient("line", "t", who), Message("hello"), language="en"), "cause") for who in "abc"]
    with begin(database) as connection:
        outbox.put(connection, messages, secrets.token_bytes, market.now)
    written = outbox.written

    def breaks(outcome: outbox.Outcome) -> dict[str, object]:
        assert outcome.row.outgoing.to.outside_id != "b", "this one is broken"
        return written(outcome)

    monkeypatch.setattr(outbox, "written", breaks)
    with ThreadPoolExecutor(3) as pool:
        hands: Hands[outbox.Row] = Hands(pool, 3)
        while len(phones.said) != len(messages) or hands.busy:
            errands.send_all(house, "line", hands)

    assert [state for _, state in rows(database, tables.outbox.c.id, tables.outbox.c.state)] == [
        "sent",
        "claimed",
        "sent",
    ]


def test_what_came_back_is_kept_while_the_database_is_away(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market(database)
    phones = Phones()
    house = house_of(market, line=phones)
    message = Outgoing(Recipient("line", "t", "a"), Message("hello"), language="en")
    with begin(database) as connection:
        outbox.put(connection, [(message, "cause")], secrets.token_bytes, market.now)
    settle = outbox.settle

    def away(*_: object) -> int:
        raise OperationalError("UPDATE", {}, Exception("the server closed the connection"))

    with ThreadPoolExecutor(1) as pool:
        hands: Hands[outbox.Row] = Hands(pool, 1)
        monkeypatch.setattr(outbox, "settle", away)
        with pytest.raises(OperationalError):
            errands.send_all(house, "line", hands)
        # Nobody is at it any more, and it is not done with: whoever stops now writes it down first.
        unwritten = (len(hands.busy), hands.empty)
        monkeypatch.setattr(outbox, "settle", settle)
        errands.write_down(house, hands)

    assert (phones.said, unwritten, hands.empty) == (["a"], (0, False), True)
    assert [state for _, state in rows(database, tables.outbox.c.id, tables.outbox.c.state)] == ["sent"]


def test_worker_says_seldom_that_it_is_alive_and_also_when_it_is_busy(database: Engine) -> None:
    market = Market(database)
    house = house_of(market)
    keeping = worker.Inbox(house)
    heard = []

    # A second later, less than one, and after the clock was set back.
    for moment in (0, 1, 1.5, 2, -3600):
        market.now = builders.MONDAY + timedelta(seconds=moment)
        keeping.work()
        with begin(database) as connection:
            heard.append((beats.last(connection)["worker"] - builders.MONDAY).total_seconds())

    assert heard == [0, 1, 1, 2, -3600]


def test_worker_that_cannot_work_is_not_heard_of(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping = worker.Inbox(house_of(Market(database)))
    monkeypatch.setattr(inbox, "take", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        keeping.work()

    with begin(database) as connection:
        assert "worker" not in beats.last(connection)


def test_money_does_not_wait_for_all_that_people_say(database: Engine) -> None:
    """Each says more than is heard meanwhile, and what a provider tells has its turn all the same."""
    market = Market(database)
    house = house_of(market, line=Silent())
    told = inbox.NewRow(inbox.PAYMENTS, "pretend", "told", "payment 1", b"{}", market.now)
    said = [inbox.NewRow("line", "t", f"said {n}", f"line:t:{n}", b"{}", market.now) for n in range(50)]
    with begin(database) as connection:
        inbox.store(connection, [*said, told])

    keeping = worker.Inbox(house)
    for _ in range(worker.TOLD_FIRST_EVERY):
        keeping.work()

    heard = {event for event, state in rows(database, tables.inbox.c.event_id, tables.inbox.c.state) if state == "done"}
    assert ("told" in heard, len(heard)) == (True, worker.TOLD_FIRST_EVERY)


class Silent:
    """Nothing that comes from there means anything."""

    def read(self, _event: bytes) -> None: ...
