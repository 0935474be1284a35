"""Stripe's client before a strict recorder of its API, and the running product before all that Stripe sends."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from demo import free_port
from engine import codes
from payments.ports import Done, Errand, Failed, Unsure
from payments.stripe import Stripe
from storage import tables
from storage.check import check
from storage.database import open_database
from tests.bots import recorder
from tests.end_to_end import recording, served

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("conformance")]

KEY = "sk_test_123"
SECRET = "whsec_tests"
WORKER = 7
TITLES = ["恵比寿の店のロゴ", "I <3 \"quotes\" & 'more' *", "", "😀" * 100]
# The account the samples of Connect are about.
SAMPLES_ACCOUNT = "acct_1Conf"


@pytest.fixture(scope="module")
def stripes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[recorder.Recorder]:
    recording.wanted()
    made = recorder.start(tmp_path_factory.mktemp("stripe"), free_port())
    yield made
    made.process.terminate()
    made.process.wait(10)


@pytest.fixture
def clean(stripes: recorder.Recorder) -> recorder.Recorder:
    stripes.ask("clear-faults", {})
    stripes.reset()
    return stripes


@pytest.fixture
def provider(clean: recorder.Recorder) -> Stripe:
    accounts = {codes.code("user", WORKER): "acct_1Worker"}
    return Stripe("https://market.example", KEY, SECRET, f"{clean.address}/stripe", accounts)


def errands(provider: Stripe, title: str = "A logo") -> list[tuple[str, Done | Failed | Unsure]]:
    """One of each kind, the refund for the page just made."""
    page = provider.collect(Errand("collect-42", 30_000, 42, title))
    reference = page.reference if isinstance(page, Done) else "cs_test_1"
    refund = provider.refund(Errand("refund-42-cs", 30_000, 42, title, reference))
    payout = provider.pay_out(Errand("pay_out-7", 8_580, 7, payee=WORKER))
    return [("collect", page), ("refund", refund), ("pay_out", payout)]


@pytest.mark.parametrize("title", TITLES)
def test_every_errand_keeps_stripes_rules(provider: Stripe, clean: recorder.Recorder, title: str) -> None:
    first = errands(provider, title)

    again = errands(provider, title)

    assert all(isinstance(result, Done) for _, result in first), first
    assert again == first
    # Not even a warning: the API version is the recorder's, and money moves with a key.
    assert clean.ask("violations") == []
    moved = [call for call in clean.calls("stripe") if call["method"] == "POST"]
    assert {call["headers"]["idempotency-key"] for call in moved} == {"collect-42", "refund-42-cs", "pay_out-7"}


@pytest.mark.parametrize("amount", [1, 100, 99_999_999])
def test_yen_are_not_multiplied(provider: Stripe, clean: recorder.Recorder, amount: int) -> None:
    provider.collect(Errand("collect-42", amount, 42, "A logo"))
    provider.pay_out(Errand("pay_out-7", amount, 7, payee=WORKER))

    forms = [call["form"] for call in clean.calls("stripe") if call["method"] == "POST"]
    assert forms[0]["line_items[0][price_data][unit_amount]"] == forms[1]["amount"] == str(amount)
    assert clean.errors() == []


def test_look_at_their_books_keeps_stripes_rules(provider: Stripe, clean: recorder.Recorder) -> None:
    provider.look_up(datetime(2020, 1, 1, tzinfo=UTC))

    assert [call["call"] for call in clean.calls("stripe")] == [
        "/v1/checkout/sessions",
        "/v1/refunds",
        "/v1/transfers",
        "/v1/disputes",
    ]
    assert clean.ask("violations") == []


FAULTS: list[dict[str, Any]] = [
    {"status": 429, "retry_after": 1},
    {"status": 500},
    {"status": 503},
    {"status": 401},
    {"drop": True},
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_trouble_is_no_definite_answer_and_is_over_when_it_is_over(
    provider: Stripe, clean: recorder.Recorder, fault: dict[str, Any]
) -> None:
    clean.fault("stripe", "/v1/", count=3, **fault)
    results = errands(provider)
    clean.ask("reset", {})
    clean.ask("clear-faults", {})

    later = errands(provider)

    assert [type(result) for _, result in results] == [Unsure, Unsure, Unsure]
    assert [type(result) for _, result in later] == [Done, Done, Done]


# -- the running product


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, stripes: recorder.Recorder) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("served")
    settings = {
        **served.SECRETS,
        **{f"ARIGATO_{name}_API_BASE": "http://127.0.0.1:9" for name in ("LINE", "SLACK", "TELEGRAM")},
        "ARIGATO_DATABASE_URL": f"sqlite:///{folder / 'arigato.db'}",
        "ARIGATO_PAYMENTS": "stripe",
        "ARIGATO_STRIPE_SECRET_KEY": KEY,
        "ARIGATO_STRIPE_WEBHOOK_SECRET": SECRET,
        "ARIGATO_STRIPE_API_BASE": f"{stripes.address}/stripe",
        "ARIGATO_STRIPE_ACCOUNTS": f"{codes.code('user', WORKER)}:{SAMPLES_ACCOUNT}",
    }
    with served.serving(folder, settings) as [server]:
        served.until(lambda: served.ready(server), server.log.read_text)
        yield server.url, folder


def replayed(url: str, stripes: recorder.Recorder, *options: str) -> tuple[int | None, str]:
    words = ("--url", f"{url}/payments/stripe", "--secret", SECRET, "--recorder", stripes.address, *options)
    process = recording.run("conf.replay", "stripe", *words)
    said = process.communicate(timeout=recording.REPLAY_SECONDS)[0]
    return process.returncode, said


@pytest.mark.parametrize("options", [(), ("--current",), ("--checks",)], ids=["all shapes", "sent today", "checks"])
def test_product_stands_what_stripe_sends(
    product: tuple[str, Path], stripes: recorder.Recorder, options: tuple[str, ...]
) -> None:
    url, folder = product

    status, said = replayed(url, stripes, *options)

    assert status == 0, said
    served.settled(f"sqlite:///{folder / 'arigato.db'}")
    engine = open_database(f"sqlite:///{folder / 'arigato.db'}")
    with engine.connect() as connection:
        states = set(connection.scalars(select(tables.inbox.c.state)))
        assert (check(connection), states) == ([], {"done"})
    engine.dispose()


def test_product_has_no_other_provider(product: tuple[str, Path]) -> None:
    url, _ = product

    assert httpx2.post(f"{url}/payments/pretend", content=b"{}", trust_env=False).status_code == 404
    assert "chat" in httpx2.get(f"{url}/payments/stripe/back", headers={"accept-language": "en"}, trust_env=False).text
