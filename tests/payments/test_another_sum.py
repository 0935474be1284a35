"""D10: another sum than was wanted is neither sent nor taken for done; it is told at once, and nobody asks again."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

import errands
import reconciler
from batches import Hands
from engine.contracts import AgreeTerms, Contract
from engine.endings import AgreeEnding, ProposeEnding
from engine.payments import Payment
from engine.ports import Operation
from house import Bell, House
from payments.ports import CURRENCY, Answer, Books, Done, Entry, Errand
from payments.pretend import Pretend
from settings import Settings
from simulator.inline import INLINE
from storage import exceptions, operations, tables
from storage.check import check
from storage.database import begin
from tests import builders
from tests.builders import Market
from tests.source import HOUSE

Story = Callable[[Market], Contract]


@dataclass
class Teller(Pretend):
    """Pretend whose answers are about `more` yen, or another currency, than it did; its books are right."""

    more: int = 0
    currency: str = CURRENCY
    asked: list[Errand] = field(default_factory=list)

    def once(self, errand: Errand) -> Answer:
        self.asked.append(errand)
        return Done(errand.amount + self.more, self.currency, errand.key, "https://pay.example/2")

    collect = refund = pay_out = once

    def look_up(self, since: datetime) -> Books:
        kinds = {errand.key: errand.key.partition("-")[0] for errand in self.asked}
        return Books(
            datetime(2020, 1, 1, tzinfo=UTC),
            tuple(
                Entry(kinds[e.key], e.key, e.key, e.thing_id, e.amount, CURRENCY, "done")
                for e in self.asked
                if kinds[e.key] in ("refund", "pay_out")
            ),
        )


@dataclass
class Scene:
    market: Market
    provider: Teller

    @property
    def house(self) -> House:
        settings = Settings(_env_file=None)  # type: ignore[call-arg] # pydantic's
        providers = {"pretend": self.provider}
        return House(self.market.engine, settings, {}, providers, lambda: self.market.now, Bell(), lambda *_: None)

    def run(self) -> None:
        """All errands that are due, now and after every patience."""
        for _ in range(3):
            errands.work_operations(self.house, Hands(INLINE, errands.SENDERS))
            self.market.now += timedelta(hours=1)

    def state(self, kind: str) -> str:
        wanted = select(tables.operations.c.state).where(tables.operations.c.kind == kind)
        with self.market.engine.connect() as connection:
            return str(connection.scalars(wanted).all()[-1])

    def open(self) -> list[tuple[str, str, int, int]]:
        with self.market.engine.connect() as connection:
            return [(row.kind, row.subject, row.ours, row.theirs) for row in exceptions.still_open(connection)]


@pytest.fixture
def scene(database: Engine) -> Iterator[Scene]:
    yield Scene(Market(database), Teller("http://127.0.0.1:9", "secret"))
    with database.connect() as connection:
        assert check(connection) == []


def ended(market: Market) -> Contract:
    """The price is on its way back to the client."""
    contract = builders.fund(market, builders.hire(market))
    market.do(ProposeEnding(by=contract.client_id, contract_id=contract.id, percent=0))
    market.do(AgreeEnding(by=contract.worker_id, contract_id=contract.id))
    return market.kept(Contract, contract.id)


def paid_out(market: Market) -> Contract:
    return builders.pay_out(market, builders.accepted(market))


@pytest.mark.parametrize(("more", "currency"), [(1, CURRENCY), (-1, CURRENCY), (0, "usd")])
@pytest.mark.parametrize(("kind", "story"), [("refund", ended), ("pay_out", paid_out)])
def test_answer_about_another_sum_freezes_until_the_books_say_what_was_done(
    scene: Scene, kind: str, story: Story, more: int, currency: str
) -> None:
    contract = story(scene.market)
    scene.provider.more, scene.provider.currency = more, currency

    scene.run()
    before = scene.state(kind), [each[0] for each in scene.open()], scene.market.kept(Contract, contract.id).frozen
    asked = [errand.key for errand in scene.provider.asked if errand.key.startswith(kind)]
    reconciler.reconcile(scene.house)
    after = scene.state(kind), [each for each in scene.open() if kind in each[1]]

    assert before == ("differs", ["answer"] * len(before[1]), True)
    assert len(asked) == 1
    assert after == ("done", [])


def test_page_for_another_sum_is_told_to_nobody(scene: Scene) -> None:
    contract = builders.hire(scene.market)
    for user_id in (contract.client_id, contract.worker_id):
        scene.market.do(AgreeTerms(by=user_id, contract_id=contract.id, terms_hash=contract.terms_hash))
    scene.provider.more = -1

    scene.run()

    payment = scene.market.kept(Payment)
    assert (payment.stage, payment.url, scene.state("collect")) == ("page_problem", "", "differs")
    # Nothing has moved: no contract is frozen for a page that nobody knows of.
    assert scene.open() == []


@pytest.mark.parametrize(("kind", "story"), [("refund", ended), ("pay_out", paid_out)])
def test_errand_that_is_not_what_the_books_say_is_never_sent(scene: Scene, kind: str, story: Story) -> None:
    """E16, lnp2pBot #831: whoever can write one row cannot have more paid out than has left an account."""
    story(scene.market)
    tampered = update(tables.operations).where(tables.operations.c.kind == kind)
    with begin(scene.market.engine) as connection:
        connection.execute(tampered.values(amount=tables.operations.c.amount + 1))

    scene.run()
    mended = tampered.values(amount=tables.operations.c.amount - 1)
    with begin(scene.market.engine) as connection:
        connection.execute(mended)

    assert [errand.key for errand in scene.provider.asked if errand.key.startswith(kind)] == []
    assert (scene.state(kind), [each[0] for each in scene.open() if kind in each[1]]) == ("differs", ["answer"])


def written(scene: Scene, verb: str, key: str, amount: int) -> None:
    """As docs/operating.md has it written."""
    [statement] = re.findall(rf"{verb} .*state = 'differs';", (HOUSE / "docs/operating.md").read_text("utf-8"))
    with begin(scene.market.engine) as connection:
        connection.exec_driver_sql(statement.replace("8580", f"{amount}").replace("pay_out-42", key))


@pytest.mark.parametrize(("kind", "story"), [("refund", ended), ("pay_out", paid_out)])
def test_errand_that_was_never_sent_goes_when_an_operator_has_put_it_right(
    scene: Scene, kind: str, story: Story
) -> None:
    contract = story(scene.market)
    mine = tables.operations.c.kind == kind
    with begin(scene.market.engine) as connection:
        connection.execute(update(tables.operations).where(mine).values(amount=tables.operations.c.amount + 1))
        key = connection.scalars(select(tables.operations.c.key).where(mine)).one()
    scene.run()
    theirs = next(each[3] for each in scene.open() if key in each[1])

    written(scene, "UPDATE", key, theirs)
    scene.run()
    reconciler.reconcile(scene.house)

    assert [(errand.key, errand.amount) for errand in scene.provider.asked if errand.key == key] == [(key, theirs)]
    assert (scene.state(kind), [each for each in scene.open() if key in each[1]]) == ("done", [])
    assert scene.market.kept(Contract, contract.id).frozen is False


@pytest.mark.parametrize(("kind", "told"), [("pay_out", ["answer"]), ("refund", ["answer"]), ("collect", [])])
def test_errand_for_what_nobody_knows_holds_up_no_other(scene: Scene, kind: str, told: list[str]) -> None:
    lost = Operation(kind, f"{kind}-404", "pretend", 500, 404)
    with begin(scene.market.engine) as connection:
        operations.plan(connection, [(lost, "lost")], scene.market.now)
    contract = paid_out(scene.market)

    scene.run()
    left = [each[0] for each in scene.open()]
    if told:
        written(scene, "DELETE", lost.key, 0)
    reconciler.reconcile(scene.house)

    asked = [errand.key for errand in scene.provider.asked]
    assert (lost.key in asked, f"pay_out-{contract.payout_id}" in asked) == (False, True)
    assert (left, [each for each in scene.open() if "404" in each[1]]) == (told, [])
