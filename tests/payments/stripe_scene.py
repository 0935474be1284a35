"""A house whose money goes through Stripe, with the moments in which things may come in another order."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

import app
import errands
import worker
from batches import Hands
from engine.contracts import AgreeTerms, Contract
from house import House
from payments.ports import Errand, Provider
from simulator.inline import INLINE
from storage import operations, tables
from storage.store import Store, work
from tests import builders
from tests.payments import stripe_stand
from tests.payments.stripe_stand import Asked, Json, LostAnswer, Stand, signature

HEARD = ("while Stripe answers", "between answer and commit", "after the commit")
ANSWERS = ("comes", "is lost", "comes, and we die before the commit")
TIMES = (1, 2)


class Died(BaseException):
    """The process ends here. Nothing catches it, as nothing catches kill -9."""


@dataclass
class OnStripe(builders.Market):
    """A market whose money goes through Stripe."""

    @contextmanager
    def work(self, cause: str = "") -> Iterator[Store]:
        self.causes += 1
        with work(self.engine, self.now, cause or f"test:{self.causes}", provider="stripe") as store:
            yield store


@dataclass
class Watched:
    """The real provider; `between` happens when it has answered and nothing is committed yet."""

    provider: Provider
    between: Callable[[], None] = lambda: None
    name: str = "stripe"

    def __getattr__(self, kind: str) -> Any:
        return getattr(self.provider, kind)

    def collect(self, errand: Errand) -> object:
        return self.watched(self.provider.collect(errand))

    def refund(self, errand: Errand) -> object:
        return self.watched(self.provider.refund(errand))

    def pay_out(self, errand: Errand) -> object:
        return self.watched(self.provider.pay_out(errand))

    def watched(self, answer: object) -> object:
        self.between()
        return answer


@dataclass
class Scene:
    """A house on Stripe. `told` are the events Stripe has for us, oldest first."""

    market: OnStripe
    stand: Stand
    house: House
    watched: Watched
    accounts: dict[str, str]
    told: list[Json] = field(default_factory=list)

    def now(self) -> datetime:
        return self.market.now

    def hear(self, told: Mapping[str, Any]) -> None:
        """Through the door's check into the inbox, and worked through."""
        body, _ = stripe_stand.signed(told)
        seconds = int(self.now().timestamp())
        headers = {"stripe-signature": f"t={seconds},v1={signature(body, seconds)}"}
        notification = self.watched.provider.receive(headers, body, self.now().timestamp())
        app.keep_notification(self.house, "stripe", notification)
        while worker.work_inbox(self.house):
            pass

    def run(self) -> None:
        """Errands are run until none is left, whatever happens to the process; claims run out meanwhile."""
        for _ in range(10):
            with suppress(Died):
                errands.work_operations(self.house, Hands(INLINE, errands.SENDERS))
            if not self.unsettled():
                return
            self.market.now += timedelta(seconds=self.house.patience.lease_seconds + 1)
        raise AssertionError("an errand never ends")

    def unsettled(self) -> int:
        with self.house.database.connect() as connection:
            states = connection.scalars(select(tables.operations.c.state)).all()
        return sum(state in operations.LIVE for state in states)

    def transfers(self, reason: str) -> list[int]:
        found = select(tables.transfers.c.amount).where(tables.transfers.c.reason == reason)
        with self.house.database.connect() as connection:
            return list(connection.scalars(found))

    def states(self) -> dict[str, str]:
        found = select(tables.operations.c.kind, tables.operations.c.state)
        with self.house.database.connect() as connection:
            return {row.kind: row.state for row in connection.execute(found)}


def arrange(scene: Scene, heard: str, answer: str, times: int, tell: Callable[[Json], Json]) -> None:
    """Only the first asking goes wrong. The webhook is heard when it is due, as often as it is told."""
    begun: list[str] = []

    def deliver() -> None:
        for told in scene.told:
            for _ in range(times):
                scene.hear(told)
        scene.told.clear()

    def then(_: Asked, thing: Json) -> None:
        begun.append(thing["id"])
        scene.told.append(tell(thing))
        if heard == HEARD[0]:
            deliver()
        if answer == ANSWERS[1]:
            raise LostAnswer

    def between() -> None:
        dies = answer == ANSWERS[2] and len(begun) == 1
        begun.append("answered")
        if heard == HEARD[1]:
            deliver()
        if dies:
            raise Died

    scene.stand.then = then
    scene.watched.between = between
    scene.run()
    scene.watched.between = lambda: None
    scene.stand.then = lambda *_: None
    deliver()
    scene.run()


def payment_page(scene: Scene) -> Contract:
    """Both have agreed; the page is to be made."""
    contract = builders.hire(scene.market)
    for user_id in (contract.client_id, contract.worker_id):
        agreed = AgreeTerms(by=user_id, contract_id=contract.id, terms_hash=contract.terms_hash)
        scene.market.do(agreed)
    return contract


def funded(scene: Scene) -> Contract:
    contract = payment_page(scene)
    scene.run()
    [page] = scene.stand.of("checkout.session")
    scene.hear(scene.stand.pay(page))
    return scene.market.kept(Contract, contract.id)
