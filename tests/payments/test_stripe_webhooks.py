"""What Stripe tells us: its signatures, its modes and accounts, and its many events for one thing."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from engine import codes
from engine.payments import ConfirmPayment, RenewPage
from engine.payouts import FailPayout
from payments.ports import THE_BOOKS, Errand, Forged, Notification
from payments.stripe import ForAPerson, Stripe
from tests.payments.stripe_stand import ACCOUNT, SECRET, Stand, event, signature, standing

NOW = 1_900_000_000
WORKER = 7
COLLECT = Errand("collect-42", 30_000, 42, "恵比寿の店のロゴ")
PAY_OUT = Errand("pay_out-7", 8_580, 7, payee=WORKER)
SESSION = {
    "id": "cs_1",
    "object": "checkout.session",
    "payment_status": "paid",
    "payment_intent": "pi_1",
    "amount_total": 30_000,
    "currency": "jpy",
    "metadata": {"payment": "42"},
}
TRANSFER = {"id": "tr_1", "amount": 8_580, "amount_reversed": 8_580, "currency": "jpy", "metadata": {"payout": "7"}}


@pytest.fixture
def stand() -> Iterator[Stand]:
    with standing() as made:
        yield made


@pytest.fixture
def provider(stand: Stand) -> Stripe:
    return stand.provider({codes.code("user", WORKER): ACCOUNT})


def dumped(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told).encode()


BODY = dumped(event("checkout.session.completed", SESSION))
RIGHT = signature(BODY, NOW)
WRONG = signature(BODY, NOW, "another")


def told(provider: Stripe, body: bytes, header: str = "") -> Notification:
    return provider.receive({"stripe-signature": header or f"t={NOW},v1={signature(body, NOW)}"}, body, NOW)


def refused(provider: Stripe, body: bytes, header: str = "") -> tuple[str, int]:
    with pytest.raises(Forged) as forged:
        told(provider, body, header)
    return forged.value.reason, forged.value.status


# -- signatures


@pytest.mark.parametrize(
    "header",
    [
        f"t={NOW},v1={RIGHT}",
        f"t={NOW},v1={RIGHT},v0={WRONG}",
        f"t={NOW},v1={WRONG},v1={RIGHT}",
        f"t={NOW},v1={RIGHT},v1={WRONG}",
    ],
    ids=["one", "with the test scheme", "second of two secrets", "first of two secrets"],
)
def test_receive_takes_one_right_signature(provider: Stripe, header: str) -> None:
    assert told(provider, BODY, header).about == "42"


@pytest.mark.parametrize(
    "header",
    [
        f"t={NOW},v0={RIGHT}",
        f"t={NOW},v1={WRONG}",
        f"t={NOW},v1={RIGHT[:-1]}",
        f"t={NOW},v1=",
        f"t={NOW},v1",
        f"t={NOW}",
        f"v1={RIGHT}",
        f" t={NOW},v1={RIGHT}",
        f"t={NOW}, v1={RIGHT}",
        f"t={NOW},v1={RIGHT}\n",
        f"t={NOW},v1= {RIGHT}",
        f"t={NOW},t={NOW},v1={RIGHT}",
        f"t=+{NOW},v1={RIGHT}",
        f"t=１９{str(NOW)[2:]},v1={RIGHT}",
        f"t={NOW}.0,v1={RIGHT}",
        f"t=,v1={RIGHT}",
        f"t={NOW},v1={RIGHT.upper()}",
    ],
)
def test_receive_refuses_any_other_header(provider: Stripe, header: str) -> None:
    assert refused(provider, BODY, header) == ("signature", 401)


@pytest.mark.parametrize("seconds", [NOW - 301, NOW + 301, 0])
def test_receive_refuses_a_time_outside_tolerance(provider: Stripe, seconds: int) -> None:
    assert refused(provider, BODY, f"t={seconds},v1={signature(BODY, seconds)}") == ("stale", 401)


@pytest.mark.parametrize("seconds", [NOW - 300, NOW + 300])
def test_receive_takes_a_time_at_the_edge_of_tolerance(provider: Stripe, seconds: int) -> None:
    assert told(provider, BODY, f"t={seconds},v1={signature(BODY, seconds)}").about == "42"


@pytest.mark.parametrize(
    "body",
    [b"not json", b"[]", b"{}", b'{"id": 1}', b'{"id": "evt_1", "id": "evt_2"}', b'{"a":' * 3000 + b"1" + b"}" * 3000],
)
def test_receive_refuses_what_is_signed_but_no_event(provider: Stripe, body: bytes) -> None:
    assert refused(provider, body) == ("malformed", 400)


def test_receive_refuses_bytes_that_are_no_text(provider: Stripe) -> None:
    assert refused(provider, b"\xff\xfe", f"t={NOW},v1={'0' * 64}") == ("signature", 401)


# -- modes and accounts


def test_receive_refuses_a_test_event_where_the_key_is_live(stand: Stand) -> None:
    live = Stripe("https://market.example", "sk_live_1", SECRET, stand.address, {})

    assert refused(live, BODY) == ("other_mode", 400)


def test_receive_refuses_a_live_event_where_the_key_is_a_test_key(provider: Stripe) -> None:
    assert refused(provider, dumped(event("transfer.created", TRANSFER, livemode=True))) == ("other_mode", 400)


def test_receive_refuses_the_event_of_a_foreign_account(provider: Stripe) -> None:
    body = dumped(event("checkout.session.completed", SESSION, account="acct_1Foreign"))

    assert refused(provider, body) == ("foreign_account", 400)


def test_receive_takes_the_event_of_an_account_of_our_workers(provider: Stripe) -> None:
    body = dumped(event("payout.failed", {"id": "po_1", "object": "payout"}, account=ACCOUNT))

    assert (told(provider, body).about, provider.read(body)) == ("po_1", None)


def test_read_hears_of_money_from_our_own_account_only(provider: Stripe) -> None:
    """A worker makes what they like on their account, also a session that names a payment of ours."""
    made = event("checkout.session.completed", SESSION, account=ACCOUNT)
    body = dumped(made)

    assert (told(provider, body).event_id, provider.read(body)) == (made["id"], None)


# -- what an event means


@pytest.mark.parametrize("kind", ["checkout.session.completed", "checkout.session.async_payment_succeeded"])
def test_paid_session_is_one_arrival_however_often_it_is_told(provider: Stripe, kind: str) -> None:
    body = dumped(event(kind, SESSION))

    assert told(provider, body).event_id == "paid-cs_1"
    assert provider.read(body) == ConfirmPayment(by=0, payment_id=42, amount=30_000, reference="cs_1")


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("checkout.session.completed", {**SESSION, "payment_status": "unpaid"}),
        ("checkout.session.completed", {**SESSION, "metadata": {}}),
        ("checkout.session.completed", {**SESSION, "metadata": None}),
        ("checkout.session.completed", {**SESSION, "metadata": {"payment": "4２"}}),
        ("checkout.session.completed", {**SESSION, "metadata": {"payment": "-42"}}),
        (
            "payment_intent.succeeded",
            {"id": "pi_1", "amount": 30_000, "currency": "jpy", "metadata": {"payment": "42"}},
        ),
        ("charge.succeeded", {"id": "ch_1", "amount": 30_000, "currency": "jpy", "metadata": {"payment": "42"}}),
        ("charge.refunded", {"id": "ch_1", "amount": 30_000, "currency": "jpy", "metadata": {"payment": "42"}}),
        ("transfer.created", {**TRANSFER, "metadata": {}}),
        ("payout.failed", {"id": "po_1", "amount": 8_580, "currency": "jpy", "metadata": {"payout": "7"}}),
    ],
)
def test_event_that_moves_none_of_our_money_means_nothing(
    provider: Stripe, kind: str, thing: Mapping[str, Any]
) -> None:
    assert provider.read(dumped(event(kind, thing))) is None


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("checkout.session.completed", {**SESSION, "currency": "usd"}),
        ("checkout.session.completed", {**SESSION, "amount_total": 0}),
        ("checkout.session.completed", {**SESSION, "amount_total": 30_000.5}),
        ("checkout.session.completed", {**SESSION, "amount_total": -30_000}),
        ("checkout.session.completed", {**SESSION, "amount_total": None}),
        ("transfer.created", {**TRANSFER, "currency": "usd"}),
        ("transfer.reversed", {**TRANSFER, "amount_reversed": 8_579}),
    ],
)
def test_money_we_did_not_ask_for_is_for_a_person(provider: Stripe, kind: str, thing: Mapping[str, Any]) -> None:
    with pytest.raises(ForAPerson):
        provider.read(dumped(event(kind, thing)))


@pytest.mark.parametrize(("kind", "thing"), [("checkout.session.completed", SESSION), ("transfer.created", TRANSFER)])
def test_money_of_another_mode_that_a_door_has_taken_is_for_a_person(
    provider: Stripe, kind: str, thing: Mapping[str, Any]
) -> None:
    with pytest.raises(ForAPerson, match="other mode"):
        provider.read(dumped(event(kind, thing, livemode=True)))


@pytest.mark.parametrize(
    "kind", ["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed", "refund.failed"]
)
def test_what_only_their_books_explain_is_about_the_books(provider: Stripe, kind: str) -> None:
    made = event(kind, {"id": "dp_1", "amount": 30_000, "currency": "jpy", "payment_intent": "pi_1", "metadata": {}})
    body = dumped(made)

    assert (told(provider, body), provider.read(body)) == (Notification(made["id"], THE_BOOKS, b"{}"), None)


def test_what_a_worker_is_disputed_on_their_own_account_is_not_about_our_books(provider: Stripe) -> None:
    body = dumped(event("charge.dispute.created", {"id": "dp_1", "metadata": {}}, account=ACCOUNT))

    assert told(provider, body).about == "dp_1"


@pytest.mark.parametrize("kind", ["checkout.session.expired", "checkout.session.async_payment_failed"])
def test_page_that_is_over_is_to_be_renewed(provider: Stripe, kind: str) -> None:
    body = dumped(event(kind, {**SESSION, "payment_status": "unpaid"}))

    assert provider.read(body) == RenewPage(by=0, payment_id=42, reference="cs_1")


def test_reversed_transfer_is_a_failed_payout(provider: Stripe) -> None:
    assert provider.read(dumped(event("transfer.reversed", TRANSFER))) == FailPayout(by=0, payout_id=7)
