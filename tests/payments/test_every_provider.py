"""What every payment provider must do alike. A new provider is one more row of PROVIDERS."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from demo import free_port
from engine import codes
from engine.payments import ConfirmPayment
from engine.payouts import ConfirmPayout, FailPayout
from engine.ports import Command
from payments.ports import CURRENCY, Differs, Done, Errand, Forged, Provider, as_asked
from payments.pretend import Pretend
from tests.payments import stripe_stand

SECRET = "whsec_tests"
WORKER = 7
Signed = tuple[bytes, dict[str, str]]


@dataclass(frozen=True)
class Case:
    """A provider, and the outside world's side of it: how it signs an event of its own. `paid` is an arrival of 30,000
    yen for payment 42, kept as `kept_as`; `page` is what it calls a page of its own that was paid on."""

    provider: Provider
    sign: Callable[[Mapping[str, object]], Signed]
    paid: Mapping[str, object]
    kept_as: str
    meaning: Command
    payouts: Mapping[str, tuple[Mapping[str, object], Command]]
    unknown: Mapping[str, object]
    page: str
    bank: Callable[[], AbstractContextManager[object]]


@contextmanager
def pretend() -> Iterator[Case]:
    port = free_port()
    provider = Pretend(f"http://127.0.0.1:{port}", SECRET)
    yield Case(
        provider,
        provider.signed,
        {"id": "evt-1", "type": "payment.paid", "payment": 42, "amount": 30_000},
        "evt-1",
        ConfirmPayment(by=0, payment_id=42, amount=30_000, reference="evt-1"),
        {
            "paid": ({"id": "evt-3", "type": "payout.paid", "payout": 7}, ConfirmPayout(by=0, payout_id=7)),
            "failed": ({"id": "evt-4", "type": "payout.failed", "payout": 7}, FailPayout(by=0, payout_id=7)),
        },
        {"id": "evt-2", "type": "customer.updated"},
        "collect-42",
        lambda: taking_webhooks(port),
    )


@contextmanager
def stripe() -> Iterator[Case]:
    with stripe_stand.standing() as stand:
        provider = stand.provider({codes.code("user", WORKER): stripe_stand.ACCOUNT})
        session: stripe_stand.Json = {"id": "cs_1", "object": "checkout.session", "payment_status": "paid"}
        session |= {"payment_intent": "pi_1"}
        session |= {"amount_total": 30_000, "currency": "jpy", "metadata": {"payment": "42"}}
        stand.made["cs_1"] = dict(session)
        transfer = {"id": "tr_1", "amount": 8_580, "amount_reversed": 0, "currency": "jpy", "metadata": {"payout": "7"}}
        reversed_one = {**transfer, "amount_reversed": 8_580}
        yield Case(
            provider,
            stripe_stand.signed,
            stripe_stand.event("checkout.session.completed", session),
            "paid-cs_1",
            ConfirmPayment(by=0, payment_id=42, amount=30_000, reference="cs_1"),
            {
                "paid": (stripe_stand.event("transfer.created", transfer), ConfirmPayout(by=0, payout_id=7)),
                "failed": (stripe_stand.event("transfer.reversed", reversed_one), FailPayout(by=0, payout_id=7)),
            },
            stripe_stand.event("customer.updated", {"id": "cus_1", "object": "customer"}),
            "cs_1",
            nullcontext,
        )


@contextmanager
def taking_webhooks(port: int) -> Iterator[None]:
    """Our own door, as far as pretend's bank needs it."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    with HTTPServer(("127.0.0.1", port), Door) as door:
        thread = threading.Thread(target=door.serve_forever, args=(0.02,))
        thread.start()
        yield
        door.shutdown()
        thread.join()


PROVIDERS = {"pretend": pretend, "stripe": stripe}


@pytest.fixture(params=PROVIDERS, name="case")
def each_provider(request: pytest.FixtureRequest) -> Iterator[Case]:
    with PROVIDERS[request.param]() as case:
        yield case


def reason(case: Case, headers: Mapping[str, str], body: bytes, now: float | None = None) -> str:
    with pytest.raises(Forged) as refused:
        case.provider.receive(headers, body, now or time.time())
    return refused.value.reason


def test_receive_takes_what_the_provider_signed(case: Case) -> None:
    body, headers = case.sign(case.paid)

    notification = case.provider.receive(headers, body, time.time())

    assert (notification.event_id, notification.about, notification.body) == (case.kept_as, "42", body)


def test_receive_refuses_a_changed_body(case: Case) -> None:
    body, headers = case.sign(case.paid)

    assert reason(case, headers, body.replace(b"30000", b"90000")) == "signature"


def test_receive_refuses_reserialised_json(case: Case) -> None:
    body, headers = case.sign(case.paid)

    assert reason(case, headers, json.dumps(json.loads(body), separators=(",", ":")).encode()) == "signature"


@pytest.mark.parametrize("seconds", [-3_000, 3_000])
def test_receive_refuses_a_signature_out_of_time(case: Case, seconds: float) -> None:
    body, headers = case.sign(case.paid)

    assert reason(case, headers, body, time.time() + seconds) == "stale"


def test_receive_refuses_a_request_without_signature(case: Case) -> None:
    body, _ = case.sign(case.paid)

    assert reason(case, {}, body) in ("stale", "signature")


def test_receive_refuses_what_is_signed_but_no_event(case: Case) -> None:
    body, headers = case.sign({"no": "id"})

    assert reason(case, headers, body) == "malformed"


def test_read_knows_a_payment(case: Case) -> None:
    body, _ = case.sign(case.paid)

    assert case.provider.read(body) == case.meaning


def test_read_ignores_what_is_nothing_to_us(case: Case) -> None:
    body, _ = case.sign(case.unknown)

    assert case.provider.read(body) is None


def test_collect_gives_the_same_page_for_the_same_key(case: Case) -> None:
    errand = Errand("collect-42", 30_000, 42, "恵比寿の店のロゴ")

    first, second = case.provider.collect(errand), case.provider.collect(errand)

    assert isinstance(first, Done)
    assert first == second
    assert first.url.startswith("http")
    assert (first.amount, first.currency) == (30_000, CURRENCY)


def test_refund_is_done_once_under_its_key(case: Case) -> None:
    errand = Errand("refund-42-evt", 30_000, 42, "恵比寿の店のロゴ", case.page)

    first, second = case.provider.refund(errand), case.provider.refund(errand)

    assert isinstance(first, Done)
    assert first == second


def test_payout_is_done_once_under_its_key(case: Case) -> None:
    errand = Errand("pay_out-7", 8_580, 7, payee=WORKER)

    with case.bank():
        first, second = case.provider.pay_out(errand), case.provider.pay_out(errand)

    assert isinstance(first, Done)
    assert first == second
    assert (first.amount, first.currency) == (8_580, CURRENCY)


def test_what_was_done_under_a_key_is_said_whatever_is_asked_later(case: Case) -> None:
    """What an answer says is what the provider did, and no echo of our question."""
    case.provider.refund(Errand("refund-42-evt", 30_000, 42, "恵比寿の店のロゴ", case.page))

    again = case.provider.refund(Errand("refund-42-evt", 20_000, 42, "恵比寿の店のロゴ", case.page))

    assert isinstance(again, Done)
    assert as_asked(20_000, again) == Differs(30_000, CURRENCY, again.reference)


@pytest.mark.parametrize("told", ["paid", "failed"])
def test_read_knows_what_became_of_a_payout(case: Case, told: str) -> None:
    event, meaning = case.payouts[told]
    body, headers = case.sign(event)

    notification = case.provider.receive(headers, body, time.time())

    assert (notification.about, case.provider.read(body)) == ("7", meaning)
