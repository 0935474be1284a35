"""What stands in Stripe's books beside what we asked for, and what is kept of it here."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import reconciler
from engine.erasure import EraseMe
from storage import tables
from tests import builders
from tests.payments.books_scene import accepted, disputed, is_frozen, look, numbers, opened, with_operator
from tests.payments.stripe_scene import Scene, payment_page
from tests.payments.stripe_stand import event


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with with_operator(tmp_path / "books.db") as made:
        yield made


@pytest.mark.parametrize("kind", ["charge.dispute.created", "charge.dispute.updated"])
def test_of_a_dispute_nothing_is_kept_that_names_the_client_who_has_left(scene: Scene, kind: str) -> None:
    """A dispute names its payer by name, mail and IP, and no payment of ours: leaving could not find it."""
    contract = accepted(scene)
    builders.pay_out(scene.market, contract)
    scene.run()
    scene.hear(event("transfer.created", scene.stand.of("transfer")[0]))
    scene.hear({**disputed(scene), "type": kind})

    scene.market.do(EraseMe(by=contract.client_id))

    with scene.house.database.connect() as connection:
        bodies = connection.scalars(select(tables.inbox.c.body)).all()
    assert [body for body in bodies if b"Hanako" in body or b"hanako" in body] == []


@pytest.mark.parametrize("status", ["needs_response", "lost"])
def test_dispute_about_a_payment_that_is_not_known_here_is_told_as_long_as_any_strange_entry(
    scene: Scene, status: str
) -> None:
    """A restored copy, or a second database on the account: there is no contract here that could bear it."""
    metadata = {"payment": "4711"}
    scene.stand.intents["pi_lost"] = {"id": "pi_lost", "object": "payment_intent", "metadata": metadata}
    scene.stand.dispute({"payment_intent": "pi_lost", "amount_total": 500})
    scene.stand.of("dispute")[0] |= {"status": status, "created": int(scene.now().timestamp())}

    reconciler.reconcile(scene.house)
    found = opened(scene)
    scene.market.now += timedelta(days=31)
    reconciler.reconcile(scene.house)

    assert (found, opened(scene)) == ([("unknown", True)], [])


def test_who_says_that_a_loss_is_ours_is_not_in_the_audit_log(scene: Scene) -> None:
    """Nothing can be taken out of it any more."""
    accepted(scene)
    disputed(scene)
    scene.stand.decide(scene.stand.of("dispute")[0], "lost")
    reconciler.reconcile(scene.house)
    [number] = numbers(scene)

    reconciler.hand_over(scene.house, number, "Hanako Sato")
    reconciler.book_loss(scene.house, number)

    name = scene.stand.of("dispute")[0]["id"]
    with scene.house.database.connect() as connection:
        bodies = connection.scalars(select(tables.audit.c.body).where(tables.audit.c.action == "BookLoss")).all()
        keepers = connection.scalars(select(tables.exceptions.c.keeper)).all()
    assert (bodies, keepers) == ([f"chargeback {name}"], ["Hanako Sato"])


@pytest.mark.parametrize("days", [5, 45])
def test_refund_that_fails_long_after_it_was_made_is_told(scene: Scene, days: int) -> None:
    """The bank may send it back weeks later, and the event says no more than that the books have changed."""
    payment_page(scene)
    scene.run()
    scene.market.now += timedelta(hours=73)
    scene.market.ring()
    scene.hear(scene.stand.pay(scene.stand.of("checkout.session")[0]))
    scene.run()
    [refund] = scene.stand.of("refund")

    scene.market.now += timedelta(days=days)
    refund["status"] = "failed"
    scene.hear(event("refund.failed", refund))
    found = look(scene)
    scene.market.now += timedelta(minutes=15)
    reconciler.reconcile(scene.house)

    assert (found, opened(scene)) == ([("unbooked", False)], [("unbooked", True)])


def test_refund_made_by_hand_is_told_no_longer_than_any_strange_entry(scene: Scene) -> None:
    contract = accepted(scene)
    [page] = scene.stand.of("checkout.session")
    scene.stand.made["re_hand"] = {
        "id": "re_hand",
        "object": "refund",
        "payment_intent": page["payment_intent"],
        "metadata": {},
        "amount": contract.price,
        "currency": "jpy",
        "status": "failed",
        "created": int(scene.now().timestamp()),
    }

    reconciler.reconcile(scene.house)
    found = opened(scene)
    scene.market.now += timedelta(days=45)
    reconciler.reconcile(scene.house)

    assert ("unknown", True) in found
    assert [each for each in opened(scene) if each[0] == "unknown"] == []


@pytest.mark.parametrize("hours", [0, 5, 71])
def test_page_that_was_paid_on_hours_later_is_not_missing_a_month_later(scene: Scene, hours: int) -> None:
    """Stripe lists a page by when it was made."""
    contract = payment_page(scene)
    scene.run()
    made = scene.market.now
    scene.market.now += timedelta(hours=hours)
    scene.hear(scene.stand.pay(scene.stand.of("checkout.session")[0]))

    found = []
    for late in range(-1, hours + 2):
        scene.market.now = made + reconciler.LOOK_BACK + timedelta(hours=late)
        reconciler.reconcile(scene.house)
        found += opened(scene)

    assert (found, is_frozen(scene, contract)) == ([], False)


@pytest.mark.parametrize("wrong", ["missing", "amount"])
def test_what_has_left_the_list_stays_frozen_until_somebody_has_looked(scene: Scene, wrong: str) -> None:
    contract = accepted(scene)
    [page] = scene.stand.of("checkout.session")
    page.update({"payment_status": "unpaid"} if wrong == "missing" else {"amount_total": page["amount_total"] - 1_000})
    reconciler.reconcile(scene.house)
    scene.market.now += timedelta(hours=1)
    reconciler.reconcile(scene.house)
    told, frozen = opened(scene), []

    for _ in range(40):
        scene.market.now += timedelta(days=1)
        reconciler.reconcile(scene.house)
        frozen.append(is_frozen(scene, contract))

    assert (told, set(frozen)) == ([(wrong, True)], {True})
    assert (wrong, True) in opened(scene)
    settled = [reconciler.settle_by_hand(scene.house, number) for number in [*numbers(scene), 4_711]]
    reconciler.reconcile(scene.house)
    assert settled == [True] * (len(settled) - 1) + [False]
    assert (opened(scene), is_frozen(scene, contract)) == ([], False)
