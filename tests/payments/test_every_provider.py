"""What every payment provider must do alike. A new provider is one more row of PROVIDERS."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from engine.payments import ConfirmPayment
from engine.payouts import ConfirmPayout, FailPayout
from engine.ports import Command
from payments.ports import Done, Errand, Forged, Provider
from payments.pretend import Pretend

SECRET = "whsec_tests"
Signed = tuple[bytes, dict[str, str]]


@dataclass(frozen=True)
class Case:
    """A provider, and the outside world's side of it: how it signs an event of its own."""

    provider: Provider
    sign: Callable[[Mapping[str, object]], Signed]
    paid: Mapping[str, object]
    meaning: Command
    unknown: Mapping[str, object]


def pretend() -> Case:
    provider = Pretend("http://127.0.0.1:9", SECRET)
    event = {"id": "evt-1", "type": "payment.paid", "payment": 42, "amount": 30_000}
    meaning = ConfirmPayment(by=0, payment_id=42, amount=30_000, reference="evt-1")
    return Case(provider, provider.signed, event, meaning, {"id": "evt-2", "type": "customer.updated"})


PROVIDERS = {"pretend": pretend}


@pytest.fixture(params=PROVIDERS, name="case")
def each_provider(request: pytest.FixtureRequest) -> Case:
    return PROVIDERS[request.param]()


def reason(case: Case, headers: Mapping[str, str], body: bytes, now: float | None = None) -> str:
    with pytest.raises(Forged) as refused:
        case.provider.receive(headers, body, now or time.time())
    return refused.value.reason


def test_receive_takes_what_the_provider_signed(case: Case) -> None:
    body, headers = case.sign(case.paid)

    notification = case.provider.receive(headers, body, time.time())

    assert (notification.event_id, notification.about, notification.body) == (case.paid["id"], "42", body)


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


def test_refund_is_done_under_its_key(case: Case) -> None:
    done = case.provider.refund(Errand("refund-42-evt", 30_000, 42))

    assert done == Done(reference="refund-42-evt")


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [("payout.paid", ConfirmPayout(by=0, payout_id=7)), ("payout.failed", FailPayout(by=0, payout_id=7))],
)
def test_pretend_reads_its_bank(kind: str, meaning: Command) -> None:
    provider = Pretend("http://127.0.0.1:9", SECRET)
    body, _ = provider.signed({"id": "evt-3", "type": kind, "payout": 7})

    assert provider.read(body) == meaning
