"""What a provider tells of its own books: every line with our key, and with what its webhook says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine import codes
from engine.payments import ConfirmPayment
from engine.payouts import ConfirmPayout, FailPayout
from payments.memory import NEVER, Memory
from payments.ports import Done, Entry, Errand
from payments.pretend import Pretend
from tests.payments import stripe_stand

WORKER = 7
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def lines(entries: tuple[Entry, ...]) -> list[tuple[str, str, int, int, str, str]]:
    return sorted((e.kind, e.key, e.thing_id, e.amount, e.currency, e.outcome) for e in entries)


def test_stripe_tells_of_sessions_refunds_and_transfers() -> None:
    with stripe_stand.standing() as stand:
        provider = stand.provider({codes.code("user", WORKER): stripe_stand.ACCOUNT})
        page = provider.collect(Errand("collect-42", 30_000, 42, "A logo"))
        provider.collect(Errand("collect-43", 500, 43, "Never paid"))
        assert isinstance(page, Done)
        stand.pay(stand.made[page.reference])
        provider.refund(Errand("refund-42-x", 30_000, 42, "A logo", page.reference))
        provider.pay_out(Errand("pay_out-9", 8_580, 9, payee=WORKER))
        sent = provider.pay_out(Errand("pay_out-10", 500, 10, payee=WORKER))
        assert isinstance(sent, Done)
        stand.made[sent.reference] |= {"reversed": True, "amount_reversed": 500}
        parted = provider.pay_out(Errand("pay_out-11", 500, 11, payee=WORKER))
        assert isinstance(parted, Done)
        stand.made[parted.reference] |= {"amount_reversed": 1}

        found = provider.look_up(LONG_AGO)

        assert lines(found.entries) == [
            ("paid", "", 42, 30_000, "jpy", "done"),
            ("pay_out", "pay_out-10", 10, 500, "jpy", "failed"),
            ("pay_out", "pay_out-11", 11, 499, "jpy", "done"),
            ("pay_out", "pay_out-9", 9, 8_580, "jpy", "done"),
            ("refund", "refund-42-x", 42, 30_000, "jpy", "done"),
        ]
        heard = [provider.read(e.notification.body) for e in found.entries if e.notification]
        assert heard == [
            ConfirmPayment(by=0, payment_id=42, amount=30_000, reference=page.reference),
            ConfirmPayout(by=0, payout_id=9),
            FailPayout(by=0, payout_id=10),
            ConfirmPayout(by=0, payout_id=11),
        ]
        [paid] = [e.notification for e in found.entries if e.kind == "paid"]
        assert paid
        assert paid.event_id == f"paid-{page.reference}"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("warning_needs_response", "open"),
        ("needs_response", "open"),
        ("under_review", "open"),
        ("appeal_under_review", "open"),
        ("a new word of theirs", "open"),
        ("lost", "done"),
        ("won", ""),
        ("warning_closed", ""),
        ("prevented", ""),
    ],
)
def test_stripe_tells_of_every_dispute_that_may_cost_money_however_old(status: str, told: str) -> None:
    with stripe_stand.standing() as stand:
        provider = stand.provider()
        page = provider.collect(Errand("collect-42", 30_000, 42, "A logo"))
        assert isinstance(page, Done)
        stand.pay(stand.made[page.reference])
        stand.dispute(stand.made[page.reference])
        [dispute] = stand.of("dispute")
        dispute |= {"status": status, "created": 0}

        found = provider.look_up(LONG_AGO)

        name = dispute["id"]
        expected = [Entry("chargeback", name, name, 42, 30_000, "jpy", told, begun=EPOCH)] if told else []
        assert [each for each in found.entries if each.kind == "chargeback"] == expected


@pytest.mark.parametrize(("created", "told"), [(0, 0), (int(LONG_AGO.timestamp()), 1)])
def test_dispute_about_nothing_of_ours_is_not_told_for_ever(created: int, told: int) -> None:
    with stripe_stand.standing() as stand:
        stand.intents["pi_hand"] = {"id": "pi_hand", "object": "payment_intent", "metadata": {}}
        stand.dispute({"payment_intent": "pi_hand", "amount_total": 500})
        stand.of("dispute")[0]["created"] = created

        found = stand.provider().look_up(LONG_AGO)

        assert [(each.kind, each.thing_id) for each in found.entries] == [("chargeback", 0)] * told


def test_pretend_remembers_in_its_file_what_another_process_did(tmp_path: Path) -> None:
    first, second = (pretend(tmp_path / "memory") for _ in range(2))
    event = {"id": "in-1", "type": "payment.paid", "payment": 42, "amount": 500}
    first.arrived(event)
    first.arrived(event)
    first.refund(Errand("refund-42-in-1", 500, 42))
    second.pay_out(Errand("pay_out-9", 100, 9))
    second.pay_out(Errand("pay_out-9", 100, 9))

    found = pretend(tmp_path / "memory").look_up(LONG_AGO)

    assert lines(found.entries) == [
        ("paid", "", 42, 500, "jpy", "done"),
        ("pay_out", "pay_out-9", 9, 100, "jpy", "done"),
        ("refund", "refund-42-in-1", 42, 500, "jpy", "done"),
    ]
    assert [first.read(e.notification.body) for e in found.entries if e.notification] == [
        ConfirmPayment(by=0, payment_id=42, amount=500, reference="in-1"),
        ConfirmPayout(by=0, payout_id=9),
    ]
    assert timedelta(0) < datetime.now(UTC) - found.since < timedelta(minutes=1)


def test_pretend_without_a_file_does_not_say_that_something_is_missing() -> None:
    assert Pretend("http://127.0.0.1:9", "secret").look_up(LONG_AGO).since == NEVER


def pretend(file: Path) -> Pretend:
    return Pretend("http://127.0.0.1:9", "secret", memory=Memory(file))
