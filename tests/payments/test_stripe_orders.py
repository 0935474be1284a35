"""Every order of (answer, webhook, commit): Stripe answers our errand, tells of it by webhook, we commit what we know.
Each may come first, be lost, or come twice. Through the real worker and door, on SQLite; Stripe is on loopback."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import settings
from engine import codes
from engine.contracts import Contract
from engine.endings import AgreeEnding, ProposeEnding
from engine.payments import Payment
from engine.payouts import Payout, RetryPayout
from house import Bell, House
from storage import tables, things
from storage.check import check
from storage.database import open_database
from tests import builders, empty
from tests.payments import stripe_stand
from tests.payments.stripe_scene import ANSWERS, HEARD, TIMES, OnStripe, Scene, Watched, arrange, funded, payment_page
from tests.payments.stripe_stand import ACCOUNT, KEY, SECRET, Asked, Json, event

STRAY = {"line_items[0][price_data][unit_amount]": "11000", "line_items[0][price_data][currency]": "jpy"}
ORDERS = list(product(HEARD, ANSWERS, TIMES))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    engine = open_database(empty.at(tmp_path / "orders.db"))
    market = OnStripe(engine)
    read = settings.read(payments="stripe", stripe_secret_key=KEY, stripe_webhook_secret=SECRET)
    with stripe_stand.standing() as stand:
        stand.now = lambda: market.now
        accounts: dict[str, str] = {}
        watched = Watched(stand.provider(accounts))
        refusals: list[tuple[str, str]] = []
        providers: Any = {"stripe": watched}
        house = House(engine, read, {}, providers, lambda: market.now, Bell(), lambda *told: refusals.append(told))
        yield Scene(market, stand, house, watched, accounts)
        with engine.connect() as connection:
            assert check(connection) == []
    engine.dispose()


@pytest.mark.parametrize(("heard", "answer", "times"), ORDERS)
def test_collect_funds_once_in_every_order(scene: Scene, heard: str, answer: str, times: int) -> None:
    contract = payment_page(scene)

    arrange(scene, heard, answer, times, scene.stand.pay)

    [page] = scene.stand.of("checkout.session")
    payment = scene.market.kept(Payment)
    assert (scene.market.kept(Contract, contract.id).stage, payment.stage) == ("in_progress", "paid")
    # A page that was paid on before we heard of it is offered to nobody.
    assert (payment.reference, payment.url) == (page["id"], page["url"] if heard == HEARD[-1] else "")
    assert (scene.transfers("fund"), scene.stand.of("refund")) == ([contract.price], [])
    assert scene.states() == {"collect": "done"}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(
    "kinds",
    [
        ("payment_intent.succeeded", "checkout.session.completed"),
        ("checkout.session.completed", "payment_intent.succeeded"),
        ("checkout.session.completed", "checkout.session.async_payment_succeeded"),
        ("checkout.session.async_payment_succeeded", "charge.succeeded", "checkout.session.completed"),
    ],
    ids=" then ".join,
)
def test_many_events_of_one_payment_fund_once(scene: Scene, kinds: tuple[str, ...], answer: str) -> None:
    contract = payment_page(scene)

    def paid(page: Json) -> Json:
        scene.stand.pay(page)
        intent = {"id": page["payment_intent"], "amount": page["amount_total"], "currency": "jpy"}
        intent["metadata"] = page["metadata"]
        scene.told += [event(k, page if k.startswith("checkout") else intent) for k in kinds[:-1]]
        return event(kinds[-1], page if kinds[-1].startswith("checkout") else intent)

    arrange(scene, HEARD[0], answer, 1, paid)

    assert scene.market.kept(Contract, contract.id).stage == "in_progress"
    assert (scene.transfers("fund"), scene.stand.of("refund")) == ([contract.price], [])


@pytest.mark.parametrize(("heard", "answer", "times"), ORDERS)
def test_payout_is_paid_once_in_every_order(scene: Scene, heard: str, answer: str, times: int) -> None:
    contract = builders.accept(scene.market, builders.deliver(scene.market, funded(scene)))
    scene.accounts[codes.code("user", contract.worker_id)] = ACCOUNT
    builders.pay_out(scene.market, contract)

    arrange(scene, heard, answer, times, lambda transfer: event("transfer.created", transfer))

    [transfer] = scene.stand.of("transfer")
    assert (transfer["amount"], transfer["currency"]) == (contract.net, "jpy")
    assert scene.market.kept(Payout).stage == "confirmed"
    assert scene.market.kept(Contract, contract.id).stage == "paid_out"
    assert (scene.transfers("pay_out"), scene.transfers("payout_returned")) == ([contract.net], [])
    assert scene.states() == {"collect": "done", "pay_out": "done"}


@pytest.mark.parametrize(("heard", "answer", "times"), ORDERS)
def test_refund_goes_back_once_in_every_order(scene: Scene, heard: str, answer: str, times: int) -> None:
    contract = funded(scene)
    scene.market.do(ProposeEnding(by=contract.client_id, contract_id=contract.id, percent=0))
    scene.market.do(AgreeEnding(by=contract.worker_id, contract_id=contract.id))
    asked: list[str] = []

    def sent_back(refund: Json) -> Json:
        asked.append(refund["id"])
        return event("charge.refunded", {"id": "ch_1", "amount_refunded": refund["amount"], "currency": "jpy"})

    arrange(scene, heard, answer, times, sent_back)

    [refund] = scene.stand.of("refund")
    assert (refund["amount"], asked) == (contract.price, [refund["id"]])
    assert (scene.transfers("refund"), scene.transfers("refund_failed")) == ([contract.price], [])
    assert scene.market.kept(Contract, contract.id).stage == "ended_early"
    assert scene.states() == {"collect": "done", "refund": "done"}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("heard", HEARD)
def test_reversed_transfer_is_earnings_again_in_every_order(scene: Scene, heard: str, answer: str) -> None:
    contract = builders.accept(scene.market, builders.deliver(scene.market, funded(scene)))
    scene.accounts[codes.code("user", contract.worker_id)] = ACCOUNT
    builders.pay_out(scene.market, contract)

    def turned_back(transfer: Json) -> Json:
        whole = {**transfer, "amount_reversed": transfer["amount"], "reversed": True}
        scene.told.append(event("transfer.reversed", whole))
        return event("transfer.created", transfer)

    arrange(scene, heard, answer, 1, turned_back)

    assert scene.market.kept(Payout).stage == "failed"
    assert scene.market.kept(Contract, contract.id).stage == "payout_problem"
    assert (scene.transfers("pay_out"), scene.transfers("payout_returned")) == ([contract.net], [contract.net])
    assert len(scene.stand.of("transfer")) == 1


def test_worker_without_account_is_asked_and_paid_when_they_have_one(scene: Scene) -> None:
    contract = builders.accept(scene.market, builders.deliver(scene.market, funded(scene)))
    builders.pay_out(scene.market, contract)
    scene.run()
    asked = scene.market.kept(Contract, contract.id).stage

    scene.accounts[codes.code("user", contract.worker_id)] = ACCOUNT
    scene.market.do(RetryPayout(by=contract.worker_id, contract_id=contract.id))
    builders.pay_out(scene.market, contract)
    scene.run()

    assert (asked, scene.market.kept(Contract, contract.id).stage) == ("payout_problem", "paid_out")
    assert [transfer["amount"] for transfer in scene.stand.of("transfer")] == [contract.net]


def test_money_that_comes_after_the_time_goes_back_before_the_page_is_known(scene: Scene) -> None:
    contract = payment_page(scene)

    def paid_late(page: Json) -> Json:
        scene.market.now += timedelta(hours=73)
        scene.market.ring()
        return scene.stand.pay(page)

    arrange(scene, HEARD[0], ANSWERS[0], 2, paid_late)

    [refund] = scene.stand.of("refund")
    assert (refund["amount"], scene.transfers("fund")) == (contract.price, [])
    assert scene.market.kept(Contract, contract.id).stage == "expired"
    assert scene.states() == {"collect": "done", "refund": "done"}


def test_short_money_goes_back_and_starts_no_work(scene: Scene) -> None:
    contract = payment_page(scene)

    def paid_short(page: Json) -> Json:
        page["amount_total"] -= 1
        return scene.stand.pay(page)

    arrange(scene, HEARD[2], ANSWERS[0], 1, paid_short)

    assert scene.market.kept(Contract, contract.id).stage == "awaiting_escrow"
    assert [refund["amount"] for refund in scene.stand.of("refund")] == [contract.price - 1]
    assert (scene.transfers("fund"), scene.states()["refund"]) == ([], "done")


def test_money_in_another_currency_is_kept_aside(scene: Scene) -> None:
    contract = payment_page(scene)
    scene.run()
    [page] = scene.stand.of("checkout.session")
    page["currency"] = "usd"

    scene.hear(scene.stand.pay(page))

    with scene.house.database.connect() as connection:
        assert connection.scalars(select(tables.inbox.c.state)).all() == ["parked"]
        [kept] = things.find(connection, Contract, locked=False, id=contract.id)
    assert kept.stage == "awaiting_escrow"


@pytest.mark.parametrize("kind", ["checkout.session.expired", "checkout.session.async_payment_failed"])
@pytest.mark.parametrize("times", TIMES)
def test_page_that_is_over_is_followed_by_one_other(scene: Scene, kind: str, times: int) -> None:
    contract = payment_page(scene)
    scene.run()
    [old] = scene.stand.of("checkout.session")

    for _ in range(times):
        scene.hear(event(kind, old))
        scene.run()
    [_, new] = scene.stand.of("checkout.session")
    told_of = scene.market.kept(Payment).url
    scene.hear(scene.stand.pay(new))

    assert (told_of, scene.market.kept(Payment).reference) == (new["url"], new["id"])
    assert scene.market.kept(Contract, contract.id).stage == "in_progress"
    assert (scene.transfers("fund"), scene.stand.of("refund")) == ([contract.price], [])


def test_money_goes_back_from_the_page_it_came_by(scene: Scene) -> None:
    """The first page is paid late, and works; then the second is paid as well."""
    contract = payment_page(scene)
    scene.run()
    [old] = scene.stand.of("checkout.session")
    scene.hear(event("checkout.session.expired", old))
    scene.run()
    [_, new] = scene.stand.of("checkout.session")
    scene.hear(scene.stand.pay(old))
    scene.hear(scene.stand.pay(new))

    scene.run()

    [refund] = scene.stand.of("refund")
    assert (refund["payment_intent"], refund["amount"]) == (new["payment_intent"], contract.price)
    assert scene.market.kept(Payment).reference == old["id"]


def test_page_nobody_was_told_of_is_not_followed_by_another(scene: Scene) -> None:
    payment_page(scene)
    sent = STRAY | {"metadata[payment]": str(scene.market.kept(Payment).id)}
    stray = scene.stand.make(Asked("POST", "/v1/checkout/sessions", "", "", sent))
    scene.run()

    scene.hear(event("checkout.session.expired", stray))
    scene.run()

    assert len(scene.stand.of("checkout.session")) == 2
