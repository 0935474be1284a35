"""What we ask of Stripe: pages, refunds and transfers, each once, whatever becomes of the answer."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe as sdk

from engine import codes
from payments.ports import Done, Errand, Failed, Unsure
from payments.stripe import API_VERSION, Stripe
from tests.payments.stripe_stand import ACCOUNT, LostAnswer, Stand, error, standing

WORKER = 7
COLLECT = Errand("collect-42", 30_000, 42, "恵比寿の店のロゴ")
PAY_OUT = Errand("pay_out-7", 8_580, 7, payee=WORKER)


@pytest.fixture
def stand() -> Iterator[Stand]:
    with standing() as made:
        yield made


@pytest.fixture
def provider(stand: Stand) -> Stripe:
    return stand.provider({codes.code("user", WORKER): ACCOUNT})


def test_sdk_and_api_version_are_pinned_together() -> None:
    assert sdk.api_version == API_VERSION


def test_collect_asks_for_exactly_the_amount_in_yen(provider: Stripe, stand: Stand) -> None:
    done = provider.collect(COLLECT)

    assert isinstance(done, Done)
    [asked] = stand.asked
    assert (asked.key, asked.version) == ("collect-42", API_VERSION)
    assert asked.sent["line_items[0][price_data][unit_amount]"] == "30000"
    assert asked.sent["line_items[0][price_data][currency]"] == "jpy"
    assert asked.sent["line_items[0][price_data][product_data][name]"] == "恵比寿の店のロゴ"
    assert asked.sent["metadata[payment]"] == "42"


def test_pay_out_of_a_worker_without_account_fails_unless_it_was_made_before(provider: Stripe, stand: Stand) -> None:
    without = stand.provider({})

    before = without.pay_out(PAY_OUT)
    made = provider.pay_out(PAY_OUT)

    assert before == Failed("no_account")
    assert without.pay_out(PAY_OUT) == made == Done(PAY_OUT.amount, "jpy", stand.of("transfer")[0]["id"])


def test_pay_out_goes_to_the_workers_account(provider: Stripe, stand: Stand) -> None:
    provider.pay_out(PAY_OUT)

    [transfer] = stand.of("transfer")
    sent = {name: transfer[name] for name in ("amount", "currency", "destination", "transfer_group", "metadata")}
    assert sent == {
        "amount": 8_580,
        "currency": "jpy",
        "destination": ACCOUNT,
        "transfer_group": "pay_out-7",
        "metadata": {"payout": "7"},
    }


def test_refund_before_the_page_is_known_is_asked_again(provider: Stripe) -> None:
    assert isinstance(provider.refund(Errand("refund-42", 30_000, 42)), Unsure)


def test_refund_of_what_was_never_paid_is_asked_again(provider: Stripe) -> None:
    page = provider.collect(COLLECT)
    assert isinstance(page, Done)

    assert isinstance(provider.refund(Errand("refund-42", 30_000, 42, reference=page.reference)), Unsure)


def test_who_is_refused_a_look_has_learned_nothing(provider: Stripe, stand: Stand) -> None:
    """Taken for a refusal, it would be asked for under another key, and made a second time."""
    page = provider.collect(COLLECT)
    assert isinstance(page, Done)
    gone = (404, error("invalid_request_error", "No such session", "resource_missing"))
    stand.first = lambda asked: gone if asked.method == "GET" else None

    refund = provider.refund(Errand("refund-42", 30_000, 42, reference=page.reference))

    assert isinstance(refund, Unsure)
    assert isinstance(provider.pay_out(PAY_OUT), Unsure)


REFUSALS: list[tuple[int, dict[str, Any], type]] = [
    (400, error("invalid_request_error", "No such destination", "resource_missing"), Failed),
    (400, error("invalid_request_error", "Insufficient funds", "balance_insufficient"), Failed),
    (402, error("card_error", "declined", "card_declined"), Failed),
    (404, error("invalid_request_error", "Unrecognized request URL"), Failed),
    (400, error("idempotency_error", "other parameters"), Unsure),
    (401, error("invalid_request_error", "Invalid API key"), Unsure),
    (403, error("invalid_request_error", "not allowed"), Unsure),
    (409, error("idempotency_error", "in use", "idempotency_key_in_use"), Unsure),
    (429, error("invalid_request_error", "slow down", "rate_limit"), Unsure),
    (500, error("api_error", "broken"), Unsure),
    (503, {}, Unsure),
]


@pytest.mark.parametrize(("status", "answer", "meaning"), REFUSALS)
def test_only_a_definite_refusal_fails(
    provider: Stripe, stand: Stand, status: int, answer: dict[str, Any], meaning: type
) -> None:
    stand.first = lambda asked: (status, answer) if asked.method == "POST" else None

    results = [provider.collect(COLLECT), provider.pay_out(PAY_OUT)]

    assert [type(result) for result in results] == [meaning, meaning]
    asked = [each.path for each in stand.asked if each.method == "POST"]
    assert asked == ["/v1/checkout/sessions", "/v1/transfers"], "asking again is not the SDK's to decide"


def lose(*_: object) -> None:
    raise LostAnswer


@pytest.mark.parametrize(
    "spoil", [lose, lambda *_: (500, error("api_error", "broken"))], ids=["connection lost", "500 after the effect"]
)
@pytest.mark.parametrize("after", [lambda _: None, Stand.forget_keys], ids=["at once", "after a day"])
def test_payout_whose_answer_is_lost_is_found_again(
    provider: Stripe, stand: Stand, spoil: Callable[..., Any], after: Callable[[Stand], None]
) -> None:
    stand.then = spoil
    first = provider.pay_out(PAY_OUT)
    stand.then = lambda *_: None
    after(stand)

    second = provider.pay_out(PAY_OUT)

    [transfer] = stand.of("transfer")
    assert isinstance(first, Unsure)
    assert second == Done(PAY_OUT.amount, "jpy", transfer["id"])


def test_refund_whose_answer_is_lost_is_found_again_after_a_day(provider: Stripe, stand: Stand) -> None:
    page = provider.collect(COLLECT)
    assert isinstance(page, Done)
    stand.pay(stand.made[page.reference])
    errand = Errand("refund-42", 30_000, 42, reference=page.reference)
    stand.then = lose
    first = provider.refund(errand)
    stand.then = lambda *_: None
    stand.forget_keys()

    second = provider.refund(errand)

    [refund] = stand.of("refund")
    assert isinstance(first, Unsure)
    assert second == Done(30_000, "jpy", refund["id"])


def test_key_used_again_for_another_amount_has_no_effect(provider: Stripe, stand: Stand) -> None:
    provider.collect(COLLECT)

    again = provider.collect(Errand("collect-42", 90_000, 42, COLLECT.title))

    assert isinstance(again, Unsure)
    assert [page["amount_total"] for page in stand.of("checkout.session")] == [30_000]


def test_transfer_of_another_errand_is_not_taken_for_ours(provider: Stripe, stand: Stand) -> None:
    provider.pay_out(PAY_OUT)

    provider.pay_out(Errand("pay_out-8", 5_000, 8, payee=WORKER))

    assert [transfer["amount"] for transfer in stand.of("transfer")] == [8_580, 5_000]
