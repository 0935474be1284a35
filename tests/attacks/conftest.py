"""One server for all attacks, on SQLite; each test starts from a server at rest; in the end the books are in order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import scheduler
from engine import codes
from storage.check import check
from tests.attacks import server as servers
from tests.attacks.acting import Act, Acts
from tests.attacks.deals import OPERATORS, Deal
from tests.attacks.server import Server
from tests.attacks.wire import Json, Keys


def keys_of(server: Server) -> Keys:
    settings = server.house.settings
    line_phone: Any = server.demo.emulators["line"].server
    return Keys(
        line=settings.line_channel_secret,
        slack=settings.slack_signing_secret,
        telegram=settings.telegram_webhook_secret,
        pretend=settings.pretend_secret,
        destination=line_phone.chats.bot_id,
        team="T0PLAYGROUND",
        bot=settings.telegram_bot_token.partition(":")[0],
    )


def act_on(server: Server, row: Json) -> Act:
    keys = keys_of(server)
    tenants = {"line": keys.destination, "slack": keys.team, "telegram": keys.bot}
    deal = Deal(server, tenants, row.get("platforms", {}), row.get("names", {}))
    act = Act(server, keys, deal)
    deal.facts |= {
        "destination": keys.destination,
        "team": keys.team,
        "bot": keys.bot,
        "ours": server.house.settings.url,
        "nowhere": codes.code("contract", 999_999_999),
    }
    return act


# Whoever said something waits for what they are told for it, also if it is that they say too much.
UNAWAITED = """
SELECT o.cause, o.recipient FROM outbox o JOIN inbox i ON o.cause = i.platform || ':' || i.tenant || ':' || i.event_id
WHERE NOT o.awaited AND i.conversation = o.platform || ':' || o.tenant || ':' || o.recipient"""


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("attacked")
    with pytest.MonkeyPatch.context() as patch:
        # Told of while the next attack goes on, they would look like what that one did; test_alarms.py has them.
        patch.setattr(scheduler, "ALARM_MINUTES", 24 * 60)
        yield from served(folder)


def served(folder: Path) -> Iterator[Server]:
    with servers.running(f"sqlite:///{folder / 'arigato.db'}", tuple(OPERATORS.values())) as server:
        yield server
        server.settle()
        # Once for all of them: the database of some hundred attacks is not read through after each.
        with server.house.database.connect() as connection:
            violations = [f"{found.rule}: {found.what}" for found in check(connection)]
            unawaited = connection.execute(text(UNAWAITED)).all()
    assert (violations, unawaited) == ([], [])


@pytest.fixture
def server(attacked: Server) -> Iterator[Server]:
    attacked.settle()
    attacked.events.taken()
    yield attacked
    attacked.settle()


@pytest.fixture
def acts(server: Server) -> Acts:
    return lambda row: act_on(server, row)
