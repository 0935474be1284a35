"""What somebody waits for comes first: an answer before what is told out of the blue, a pay page before payouts."""

import secrets
from datetime import timedelta

from sqlalchemy import Engine, select

import errands
from batches import IN_TURN_EVERY, Hands
from bench import story
from bench.stage import staged
from conversations.messages import Message, Outgoing, Recipient
from engine.ports import Operation
from simulator.inline import INLINE
from storage import operations, outbox, tables
from storage.database import begin
from tests.builders import MONDAY, Market
from tests.storage.houses import Phones, house_of

MANY = 10
MINUTE = timedelta(minutes=1)
CROWD = tuple(f"worker-{number}" for number in range(40))


def put(database: Engine, *people: str, awaited: bool = False) -> None:
    messages = [Outgoing(Recipient("line", "t", who), Message(who), awaited=awaited) for who in people]
    with begin(database) as connection:
        outbox.put(connection, [(message, "cause") for message in messages], secrets.token_bytes, MONDAY)


def claim(database: Engine, limit: int = 1, now: timedelta = timedelta(0), *, in_turn: bool = False) -> list[str]:
    with begin(database) as connection:
        rows = outbox.claim(connection, "line", MONDAY + now, limit, 30, in_turn=in_turn)
    return [f"{row.outgoing.to.outside_id} {'is answered' if row.outgoing.awaited else 'is told'}" for row in rows]


def test_who_has_just_said_something_comes_first(database: Engine) -> None:
    put(database, "told-1", "told-2")
    put(database, "asks-1", "asks-2", awaited=True)

    told = ["told-1 is told", "told-2 is told"]
    assert [claim(database, 2), claim(database, 5)] == [["asks-1 is answered", "asks-2 is answered"], told]


def test_what_they_were_told_before_stays_before(database: Engine) -> None:
    put(database, "told", "asks")
    put(database, "asks", awaited=True)

    assert [claim(database) for _ in range(2)] == [["asks is told"], ["told is told"]]


def test_in_turn_is_whoever_has_waited_longest(database: Engine) -> None:
    put(database, "told")
    put(database, "asks", awaited=True)

    assert claim(database, in_turn=True) == ["told is told"]


def test_an_answer_that_has_to_wait_keeps_nobody_waiting(database: Engine) -> None:
    put(database, "asks", awaited=True)
    with begin(database) as connection:
        rows = outbox.claim(connection, "line", MONDAY, 1, 30)
        outbox.settle(connection, [outbox.retry(rows[0], MONDAY + MINUTE, "429")])
    put(database, "told")

    assert [claim(database, 5), claim(database, 5, MINUTE)] == [["told is told"], ["asks is answered", "told is told"]]


def test_an_answer_passes_a_crowd_and_the_crowd_goes_on(database: Engine) -> None:
    phones = Phones()
    house = house_of(Market(database), line=phones)
    put(database, *CROWD)
    hands: Hands[outbox.Row] = Hands(INLINE, 1)

    for number in range(2 * IN_TURN_EVERY):
        put(database, f"asks-{number}", awaited=True)
        errands.send_all(house, "line", hands)

    told = [place for place, who in enumerate(phones.said) if who in CROWD]
    assert told == [IN_TURN_EVERY - 1, 2 * IN_TURN_EVERY - 1]


def test_pay_page_comes_before_payouts(database: Engine) -> None:
    kinds = ("pay_out", "pay_out", "collect")
    wanted = [(Operation(kind, f"{kind}-{n}", "pretend", 1_000, n), "cause") for n, kind in enumerate(kinds)]

    def claimed(*, in_turn: bool) -> list[str]:
        with begin(database) as connection:
            return [row.key for row in operations.claim(connection, MONDAY, 1, 30, money="pretend", in_turn=in_turn)]

    with begin(database) as connection:
        operations.plan(connection, wanted, MONDAY)

    assert [claimed(in_turn=turn) for turn in (True, False, False)] == [["pay_out-0"], ["collect-2"], ["pay_out-1"]]


def test_what_is_said_to_whoever_spoke_is_awaited_and_so_is_their_pay_page() -> None:
    """In the whole main story, with its timers, errands and webhooks."""
    with staged("sqlite://") as stage:
        story.play(stage, 1)
        with stage.engine.connect() as connection:
            heard = connection.execute(select(tables.inbox)).all()
            said = connection.execute(select(tables.outbox)).all()
    spoke = {f"{row.platform}:{row.tenant}:{row.event_id}": row.conversation for row in heard}
    answers = [row for row in said if spoke.get(row.cause) == f"{row.platform}:{row.tenant}:{row.recipient}"]
    others = [(row.cause.split("-")[0], row.recipient) for row in said if row.awaited and row not in answers]

    assert [row.awaited for row in answers] == [True] * len(answers)
    assert (len(answers) > MANY, len(said) - len(answers) > MANY) == (True, True)
    # The page, and that what was paid there has come; for the work, and for the tip.
    assert others == [("operation:collect", "client-1"), ("payments:pretend:paid", "client-1")] * 2
