"""A client's bank takes the money back: nothing of it is paid out any more, and operators know until it is decided."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import select

import reconciler
import scheduler
from engine.contracts import Contract
from storage import tables
from tests import builders
from tests.payments.books_scene import (
    accepted,
    disputed,
    is_frozen,
    look,
    numbers,
    opened,
    told_to_operators,
    with_operator,
)
from tests.payments.stripe_scene import Scene, funded, payment_page
from tests.payments.stripe_stand import event


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with with_operator(tmp_path / "chargebacks.db") as made:
        yield made


@pytest.mark.parametrize("times", [1, 2])
def test_dispute_freezes_what_has_not_left_until_it_is_won(scene: Scene, times: int) -> None:
    contract = accepted(scene)
    told = disputed(scene)

    for _ in range(times):
        scene.hear(told)
        found = look(scene)
    frozen = is_frozen(scene, contract)
    builders.pay_out(scene.market, contract)
    scene.run()
    waits, before = scene.market.kept(Contract, contract.id).stage, told_to_operators(scene)
    [dispute] = scene.stand.of("dispute")
    scene.hear(scene.stand.decide(dispute, "won"))
    after = look(scene)
    builders.pay_out(scene.market, contract)
    scene.run()

    assert (found, frozen, waits, before) == ([("disputed", True)], True, "accepted", 1)
    assert (after, is_frozen(scene, contract)) == ([], False)
    assert scene.market.kept(Contract, contract.id).stage == "paid_out"


def test_dispute_after_the_payout_is_told_and_takes_nothing_back(scene: Scene) -> None:
    contract = accepted(scene)
    builders.pay_out(scene.market, contract)
    scene.run()
    scene.hear(event("transfer.created", scene.stand.of("transfer")[0]))

    scene.hear(disputed(scene))

    assert look(scene) == [("disputed", True)]
    assert (told_to_operators(scene), scene.market.kept(Contract, contract.id).stage) == (1, "paid_out")
    assert (scene.transfers("pay_out"), scene.transfers("payout_returned")) == ([contract.net], [])


def test_money_that_came_too_late_goes_back_and_funds_nothing_although_it_is_disputed(scene: Scene) -> None:
    contract = payment_page(scene)
    scene.run()
    scene.market.now += timedelta(hours=73)
    scene.market.ring()
    [page] = scene.stand.of("checkout.session")
    scene.hear(scene.stand.pay(page))
    scene.run()

    scene.hear(disputed(scene))

    assert ("disputed", True) in look(scene)
    assert (scene.transfers("fund"), [sent["amount"] for sent in scene.stand.of("refund")]) == ([], [contract.price])
    assert scene.market.kept(Contract, contract.id).stage == "expired"


def test_dispute_that_is_heard_before_the_payment_freezes_the_contract(scene: Scene) -> None:
    contract = payment_page(scene)
    scene.run()
    [page] = scene.stand.of("checkout.session")
    paid = scene.stand.pay(page)

    scene.hear(disputed(scene))
    found = look(scene)
    scene.hear(paid)

    assert ("disputed", True) in found
    kept = scene.market.kept(Contract, contract.id)
    assert (kept.stage, kept.frozen, look(scene)) == ("in_progress", True, [("disputed", True)])


def test_dispute_whose_webhook_was_lost_is_found(scene: Scene) -> None:
    contract = accepted(scene)
    disputed(scene)

    unheard = look(scene)
    reconciler.reconcile(scene.house)

    assert (unheard, opened(scene), is_frozen(scene, contract)) == ([], [("disputed", True)], True)


def test_clock_looks_soon_only_when_it_was_told(scene: Scene) -> None:
    funded(scene)
    rings = BackgroundScheduler(timezone=UTC)
    rings.start(paused=True)
    job = rings.add_job(reconciler.reconcile, "interval", [scene.house], id="reconcile", minutes=10)
    planned = job.next_run_time

    scheduler.look_soon(scene.house, rings)
    untold = job.next_run_time
    scene.hear(disputed(scene))
    scheduler.look_soon(scene.house, rings)
    told = job.next_run_time
    rings.shutdown()

    assert untold == planned
    assert told < planned


def test_lost_dispute_is_told_again_and_thaws_nothing(scene: Scene) -> None:
    contract = accepted(scene)
    scene.hear(disputed(scene))
    look(scene)
    [dispute] = scene.stand.of("dispute")
    versions = scene.market.kept(Contract, contract.id).version

    scene.hear(scene.stand.decide(dispute, "lost"))

    assert look(scene) == [("lost", True)]
    kept = scene.market.kept(Contract, contract.id)
    assert (kept.frozen, kept.version, told_to_operators(scene)) == (True, versions, 2)


@pytest.mark.parametrize("paid_out", [False, True])
def test_loss_an_operator_says_is_ours_ends_the_exception(scene: Scene, paid_out: bool) -> None:
    contract = accepted(scene)
    if paid_out:
        builders.pay_out(scene.market, contract)
        scene.run()
        scene.hear(event("transfer.created", scene.stand.of("transfer")[0]))
    scene.hear(disputed(scene))
    look(scene)
    [number] = numbers(scene)
    early = reconciler.book_loss(scene.house, number)
    scene.hear(scene.stand.decide(scene.stand.of("dispute")[0], "lost"))
    look(scene)
    [number] = numbers(scene)

    booked = [reconciler.book_loss(scene.house, number) for _ in range(2)]
    reconciler.reconcile(scene.house)

    assert (early, booked, opened(scene)) == (False, [True, False], [])
    assert scene.transfers("loss") == [contract.price]
    with scene.house.database.connect() as connection:
        [moved] = connection.execute(select(tables.transfers).where(tables.transfers.c.reason == "loss"))
    assert (moved.source, moved.target, moved.contract_id) == ("outside:chargebacks", "outside:stripe", contract.id)
    builders.pay_out(scene.market, contract)
    scene.run()
    assert (is_frozen(scene, contract), scene.market.kept(Contract, contract.id).stage) == (False, "paid_out")
    assert scene.transfers("pay_out") == [contract.net]


def test_loss_of_a_part_is_booked_as_that_part(scene: Scene) -> None:
    contract = accepted(scene)
    scene.stand.dispute(scene.stand.of("checkout.session")[0], 300)
    scene.stand.decide(scene.stand.of("dispute")[0], "lost")
    reconciler.reconcile(scene.house)

    reconciler.book_loss(scene.house, numbers(scene)[0])
    reconciler.reconcile(scene.house)

    assert (scene.transfers("loss"), opened(scene), is_frozen(scene, contract)) == ([300], [], False)


def test_loss_that_is_won_after_all_is_told(scene: Scene) -> None:
    accepted(scene)
    disputed(scene)
    [dispute] = scene.stand.of("dispute")
    scene.stand.decide(dispute, "lost")
    reconciler.reconcile(scene.house)
    reconciler.book_loss(scene.house, numbers(scene)[0])
    reconciler.reconcile(scene.house)

    scene.stand.decide(dispute, "won")
    reconciler.reconcile(scene.house)
    scene.market.now += timedelta(hours=1)
    reconciler.reconcile(scene.house)

    assert opened(scene) == [("missing", True)]


def test_dispute_stays_open_when_it_is_older_than_the_look(scene: Scene) -> None:
    contract = accepted(scene)
    scene.hear(disputed(scene))
    look(scene)

    scene.market.now += timedelta(days=200)
    reconciler.reconcile(scene.house)

    assert ("disputed", True) in opened(scene)
    assert is_frozen(scene, contract)


def test_dispute_about_nothing_of_ours_freezes_nobody(scene: Scene) -> None:
    contract = accepted(scene)
    scene.stand.intents["pi_hand"] = {"id": "pi_hand", "object": "payment_intent", "metadata": {}}

    told = scene.stand.dispute({"payment_intent": "pi_hand", "amount_total": 500})
    scene.stand.of("dispute")[0]["created"] = int(scene.now().timestamp())
    scene.hear(told)

    assert (look(scene), is_frozen(scene, contract)) == ([("unknown", True)], False)


def test_transfer_that_was_reversed_in_part_is_told(scene: Scene) -> None:
    contract = accepted(scene)
    builders.pay_out(scene.market, contract)
    scene.run()
    [transfer] = scene.stand.of("transfer")
    scene.hear(event("transfer.created", transfer))
    transfer["amount_reversed"] = 1

    reconciler.reconcile(scene.house)

    assert (opened(scene), is_frozen(scene, contract)) == ([("amount", True)], True)
    assert scene.market.kept(Contract, contract.id).stage == "paid_out"
