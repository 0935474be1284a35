"""What is given up is told: to operators at once, and to whoever asks the doctor."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

import app
import doctor
import doorbook
import errands
import worker
from batches import Hands
from bots.ports import NO_FORM, Sent
from conversations.messages import Outgoing
from house import Bell, House
from payments.ports import Notification
from payments.pretend import Pretend
from settings import Settings
from storage import inbox, outbox, tables
from storage.database import begin
from storage.security import by_reason
from tests import builders
from tests.builders import Market
from tests.storage.houses import say

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Answering:
    """Whoever is written to answers what their name says."""

    platform: str = "line"

    def send(self, outgoing: Outgoing, _retry_key: str) -> Sent:
        answers = {"gone": Sent("dead", error="quota"), "left": Sent("blocked", error="left")}
        return answers.get(outgoing.to.outside_id, Sent("sent"))


def house_of(market: Market) -> House:
    settings = Settings(_env_file=None, operators="telegram:boss")  # type: ignore[call-arg] # pydantic's
    providers = {"pretend": Pretend("http://127.0.0.1:9", "secret")}
    bots = {"line": Answering()}
    return House(market.engine, settings, bots, providers, lambda: market.now, Bell(), lambda *_: None)  # type: ignore[arg-type] # of each bot a test needs what it calls


def market_with_operator(database: Engine) -> Market:
    market = Market(database)
    builders.join(market, "boss", "telegram")
    with begin(database) as connection:
        connection.execute(tables.addresses.update().values(tenant=""))
    return market


def findings(market: Market) -> list[tuple[str, str, str]]:
    with market.engine.connect() as connection:
        return [(each.level, each.what, each.found) for each in doctor.what_was_given_up(connection, market.now - DAY)]


def told_of(market: Market) -> list[str]:
    """The alarms that operators were told of."""
    doorbook.raise_alarms(house_of(market))
    with market.engine.connect() as connection:
        said = connection.scalars(select(tables.outbox.c.payload).where(tables.outbox.c.platform == "telegram")).all()
        reasons = by_reason(connection, market.now - HOUR)
    return [reason for reason in reasons if any(reason in words for words in said)]


def test_a_message_that_is_given_up_is_told_and_one_to_somebody_who_left_is_not(database: Engine) -> None:
    market = market_with_operator(database)
    before = findings(market)
    say(market, *(builders.sender(name) for name in ("well", "left", "gone")))

    with ThreadPoolExecutor(1) as pool:
        hands: Hands[outbox.Row] = Hands(pool, 1)
        while errands.send_all(house_of(market), "line", hands):
            pass

    with database.connect() as connection:
        assert by_reason(connection, market.now - HOUR) == {"given_up": 1}
    assert told_of(market) == ["given_up"]
    assert before == [("ok", "given up within a day", "nothing")]
    assert findings(market) == [("warn", "given up within a day", "left 1, quota 1")]
    market.now += DAY
    assert findings(market) == [("ok", "given up within a day", "nothing")]


def test_what_another_has_sent_meanwhile_is_not_given_up(database: Engine) -> None:
    market = market_with_operator(database)
    say(market, builders.sender("gone"))
    house = house_of(market)
    with begin(database) as connection:
        [row] = outbox.claim(connection, "line", market.now, 1, 25)
        [again] = outbox.claim(connection, "line", market.now + HOUR, 1, 25)
        outbox.settle(connection, [outbox.sent(again, market.now)])

    with market.work() as store:
        errands.settle(house, store, [(row, Sent("dead", error="quota"))])

    with database.connect() as connection:
        assert by_reason(connection, market.now - HOUR) == {}


def test_a_form_that_is_asked_in_chat_is_nothing_given_up(database: Engine) -> None:
    market = market_with_operator(database)
    say(market, builders.sender("well"))
    with begin(database) as connection:
        [row] = outbox.claim(connection, "line", market.now, 1, 60)
        outbox.settle(connection, [outbox.dead(row, NO_FORM, market.now)])

    assert findings(market) == [("ok", "given up within a day", "nothing")]


def test_an_event_of_a_provider_that_is_parked_is_told_until_somebody_has_looked(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = market_with_operator(database)
    house = house_of(market)
    monkeypatch.setattr(Pretend, "read", lambda *_: 1 / 0)
    app.keep_notification(house, "pretend", Notification("event-1", "7", b"{}"))

    for _ in range(inbox.FAILURES_BEFORE_PARKED):
        worker.work_inbox(house)

    at = f"{market.now:%Y-%m-%d %H:%M} UTC"
    wanted = ("bad", "parked event of pretend", f"event-1: ZeroDivisionError, since {at}")
    assert told_of(market) == ["parked"]
    assert findings(market)[1:] == [wanted]
    market.now += timedelta(days=365)
    assert findings(market)[1:] == [wanted]


def test_an_event_of_a_person_that_is_parked_is_counted(database: Engine) -> None:
    market = market_with_operator(database)
    with begin(database) as connection:
        inbox.store(connection, [inbox.NewRow("line", "t", "event", "line:t:a", b"", market.now)])
        connection.execute(tables.inbox.update().values(state="parked", error="KeyError"))

    assert findings(market)[1:] == [("warn", "events parked within a day", "1")]
