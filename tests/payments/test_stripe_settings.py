"""A key in the wrong place is refused at the start, by the variable's name."""

import subprocess
import sys

import pytest

import settings
from engine import codes
from settings import Settings, WrongSettings

WORKER = codes.code("user", 7)
EMULATED = {
    "telegram_bot_token": "123456:AA",
    "telegram_webhook_secret": "secret",
    "telegram_api_base": "http://127.0.0.1:9",
}
REAL = EMULATED | {"telegram_api_base": "https://api.telegram.org", "audit_key": "0123456789abcdef" * 2}
TEST = {"payments": "stripe", "stripe_secret_key": "sk_test_1", "stripe_webhook_secret": "whsec_1"}
LIVE = TEST | {"stripe_secret_key": "sk_live_1"}
EMULATOR = "http://127.0.0.1:9/stripe"


def problems(**said: object) -> list[str]:
    with pytest.raises(WrongSettings) as wrong:
        settings.read(**said)
    return wrong.value.problems


@pytest.mark.parametrize(
    "said",
    [
        EMULATED | TEST,
        EMULATED | TEST | {"stripe_api_base": EMULATOR},
        REAL | LIVE,
        REAL | LIVE | {"stripe_secret_key": "rk_live_1"},
        REAL | TEST | {"allow_pretend_money": True},
        EMULATED | TEST | {"stripe_accounts": f"{WORKER}:acct_1, {codes.code('user', 8)}:acct_2"},
    ],
)
def test_right_settings_are_taken(said: dict[str, object]) -> None:
    assert settings.read(**said).payments == "stripe"


@pytest.mark.parametrize(
    ("said", "variable"),
    [
        (REAL | TEST, "ARIGATO_STRIPE_SECRET_KEY is a test key"),
        (REAL | LIVE | {"stripe_api_base": EMULATOR}, "ARIGATO_STRIPE_SECRET_KEY is live"),
        (REAL | LIVE | {"stripe_api_base": "https://stripe.example"}, "ARIGATO_STRIPE_SECRET_KEY is live"),
        (REAL | LIVE | {"stripe_api_base": "https://api.stripe.com.example"}, "ARIGATO_STRIPE_SECRET_KEY is live"),
        (EMULATED | TEST | {"stripe_api_base": "http://stripe.example"}, "ARIGATO_STRIPE_API_BASE is not https"),
        (EMULATED | TEST | {"stripe_secret_key": ""}, "ARIGATO_STRIPE_SECRET_KEY is missing"),
        (EMULATED | TEST | {"stripe_secret_key": "pk_test_1"}, "ARIGATO_STRIPE_SECRET_KEY is no secret key"),
        (EMULATED | TEST | {"stripe_webhook_secret": ""}, "ARIGATO_STRIPE_WEBHOOK_SECRET is missing"),
        (EMULATED | TEST | {"stripe_accounts": "U-0000001:acct_1"}, "ARIGATO_STRIPE_ACCOUNTS: 'U-0000001:acct_1'"),
        (EMULATED | TEST | {"stripe_accounts": f"{WORKER}:ba_1"}, "ARIGATO_STRIPE_ACCOUNTS: "),
        (EMULATED | TEST | {"stripe_accounts": f"{WORKER}:acct_1,{WORKER}:acct_2"}, "ARIGATO_STRIPE_ACCOUNTS names"),
        (EMULATED | {"payments": "strype"}, "ARIGATO_PAYMENTS: 'strype' is none of pretend, stripe"),
    ],
)
def test_wrong_settings_are_refused_by_name(said: dict[str, object], variable: str) -> None:
    [problem] = problems(**said)

    assert problem.startswith(variable)


def test_account_is_found_by_the_workers_number() -> None:
    read: Settings = settings.read(**EMULATED, **TEST, stripe_accounts=f" {WORKER.lower()}:acct_1 ")

    assert read.stripe_account_of == {WORKER: "acct_1"}


def test_sdk_is_imported_only_where_it_is_set() -> None:
    script = "import sys, app, settings; s = settings.read(); app.provider_for(s); print('stripe' in sys.modules)"
    variables = {f"ARIGATO_{name.upper()}": value for name, value in TEST.items()}

    said = [
        subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True, timeout=60
        ).stdout.strip()
        for env in ({}, variables)
    ]

    assert said == ["False", "True"]
