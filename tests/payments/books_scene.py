"""A house on Stripe with an operator, whose books are looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

import reconciler
import settings
from engine import codes
from engine.contracts import Contract
from house import Bell, House
from storage import exceptions, tables
from storage.check import check
from storage.database import open_database
from tests import builders, empty
from tests.payments import stripe_stand
from tests.payments.stripe_scene import OnStripe, Scene, Watched, funded
from tests.payments.stripe_stand import ACCOUNT, KEY, SECRET, Json

OPERATOR = ("telegram", "operator")


@contextmanager
def with_operator(file: Path) -> Iterator[Scene]:
    engine = open_database(empty.at(file))
    market = OnStripe(engine, operators=frozenset({(OPERATOR[0], "", OPERATOR[1])}))
    builders.join(market, OPERATOR[1], OPERATOR[0])
    operators = ":".join(OPERATOR)
    read = settings.read(payments="stripe", stripe_secret_key=KEY, stripe_webhook_secret=SECRET, operators=operators)
    with stripe_stand.standing() as stand:
        stand.now = lambda: market.now
        accounts: dict[str, str] = {}
        watched = Watched(stand.provider(accounts))
        providers: Any = {"stripe": watched}
        house = House(engine, read, {}, providers, lambda: market.now, Bell(), lambda *_: None)
        yield Scene(market, stand, house, watched, accounts)
        with engine.connect() as connection:
            assert check(connection) == []
    engine.dispose()


def accepted(scene: Scene) -> Contract:
    contract = builders.accept(scene.market, builders.deliver(scene.market, funded(scene)))
    scene.accounts[codes.code("user", contract.worker_id)] = ACCOUNT
    return contract


def disputed(scene: Scene) -> Json:
    [page] = scene.stand.of("checkout.session")
    return scene.stand.dispute(page)


def look(scene: Scene) -> list[tuple[str, bool]]:
    """As the clock does when a webhook said that the books have changed: what is open, and whether it was told."""
    if reconciler.is_told(scene.house):
        reconciler.reconcile(scene.house)
    return opened(scene)


def opened(scene: Scene) -> list[tuple[str, bool]]:
    wanted = select(tables.exceptions).where(tables.exceptions.c.cleared_at.is_(None)).order_by("id")
    with scene.house.database.connect() as connection:
        return [(row.kind, row.confirmed_at is not None) for row in connection.execute(wanted)]


def numbers(scene: Scene) -> list[int]:
    with scene.house.database.connect() as connection:
        return [row.id for row in exceptions.still_open(connection)]


def told_to_operators(scene: Scene) -> int:
    wanted = select(tables.outbox.c.id).where(tables.outbox.c.recipient.contains(OPERATOR[1]))
    with scene.house.database.connect() as connection:
        return len(connection.scalars(wanted).all())


def is_frozen(scene: Scene, contract: Contract) -> bool:
    return scene.market.kept(Contract, contract.id).frozen
