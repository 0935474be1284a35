"""Settings in each kind of money."""

import money_kind
from settings import Settings

STRIPE = {"payments": "stripe", "stripe_webhook_secret": "whsec_1"}
SET = {
    money_kind.PRETEND: {"payments": "pretend"},
    money_kind.TEST: {**STRIPE, "stripe_secret_key": "sk_test_1"},
    money_kind.LIVE: {**STRIPE, "stripe_secret_key": "rk_live_1"},
}
EMULATED = {
    "telegram_bot_token": "123456:AA",
    "telegram_webhook_secret": "secret",
    "telegram_api_base": "http://127.0.0.1:9",
}


def settings(money: str, **more: str) -> Settings:
    return Settings(_env_file=None, **SET[money], **more)  # type: ignore[call-arg,arg-type] # pydantic's
