"""The environment as one frozen Settings. A missing or dangerous value is refused here, by name and with the mend."""

import re
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine import codes
from storage.chain import DEMO_KEY

PREFIX = "ARIGATO_"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
DATABASES = ("sqlite:", "postgresql:", "postgresql+psycopg:")
PLATFORMS = ("line", "slack", "telegram")
PROVIDERS = ("pretend", "stripe")
TEST_KEYS = ("sk_test_", "rk_test_")
LIVE_KEYS = ("sk_live_", "rk_live_")
AUDIT_KEY_MIN_CHARACTERS = 32
ACCOUNT = re.compile(r"acct_[A-Za-z0-9]{1,64}", re.ASCII)
# What a platform needs to be on. The first list is for webhooks; the second lets it run without a public address.
NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "line": (("line_channel_secret", "line_channel_token"),),
    "slack": (("slack_signing_secret", "slack_bot_token"), ("slack_app_token", "slack_bot_token")),
    "telegram": (("telegram_bot_token", "telegram_webhook_secret"), ("telegram_bot_token", "telegram_polling")),
}
# The headings of .env.example, each before the variable it is named by.
SECTIONS: dict[str, str] = {
    "database_url": "The service",
    "line_channel_secret": "LINE: secret and token",
    "slack_signing_secret": "Slack: signing secret and bot token for webhooks; bot token and app token for Socket Mode",
    "telegram_bot_token": "Telegram: token and webhook secret; or token and polling",
    "payments": "Money",
    "allow_insecure_base": "Dangers, off unless you mean them",
}


class WrongSettings(Exception):
    """One sentence a problem: the variable's name and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """Every variable is ARIGATO_ and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", frozen=True, extra="ignore")

    database_url: str = Field(
        "sqlite:///arigato.db", description="sqlite:///path or postgresql://user:password@host/name"
    )
    host: str = Field(
        "127.0.0.1", description="the address to listen on; 0.0.0.0 for all, behind a proxy that speaks https"
    )
    port: int = Field(8765, ge=0, le=65535, description="the port to listen on")
    public_url: str = Field(
        "", description="how the platforms reach us: https://…, without a path; empty: http://host:port"
    )
    audit_key: str = Field(
        DEMO_KEY,
        description="chains the audit log; real messengers need one: openssl rand -hex 32, kept apart from backups",
    )
    operators: str = Field("", description="platform:id of each operator, comma separated: telegram:4242,slack:U0123")
    outage_minutes: int = Field(
        5, ge=1, description="when the clock was still for longer, it was an outage: people's deadlines are moved on"
    )

    line_channel_secret: str = Field("", description="LINE Developers console > Basic settings > Channel secret")
    line_channel_token: str = Field(
        "", description="LINE Developers console > Messaging API > Channel access token (long-lived)"
    )
    line_api_base: str = Field("https://api.line.me", description="LINE's API; another address for emulators")

    slack_signing_secret: str = Field("", description="Slack app > Basic Information > Signing Secret")
    slack_bot_token: str = Field("", description="Slack app > OAuth & Permissions > Bot User OAuth Token, xoxb-…")
    slack_app_token: str = Field(
        "",
        description="Slack app > Basic Information > App-Level Tokens, xapp-…: Socket Mode, no public address needed",
    )
    slack_team: str = Field(
        "",
        description="your workspace's id, T…: requests for any other are refused; needed for operators on Slack",
    )
    slack_app: str = Field("", description="your Slack app's id, A…: requests of any other app are refused")
    slack_api_base: str = Field("https://slack.com/api/", description="Slack's Web API; another address for emulators")

    telegram_bot_token: str = Field("", description="from @BotFather, 123456:AA…")
    telegram_webhook_secret: str = Field(
        "", description="chosen by you, 1 to 256 of A-Z a-z 0-9 _ -; proves that a webhook is Telegram's"
    )
    telegram_polling: bool = Field(default=False, description="true: long polling, for use without a public address")
    telegram_api_base: str = Field(
        "https://api.telegram.org", description="Telegram's Bot API; another address for emulators"
    )

    payments: str = Field("pretend", description="pretend, which moves no real money, or stripe")
    stripe_secret_key: str = Field("", description="Stripe dashboard > Developers > API keys, sk_… or rk_…")
    stripe_webhook_secret: str = Field(
        "", description="Stripe dashboard > Developers > Webhooks > the endpoint > Signing secret, whsec_…"
    )
    stripe_accounts: str = Field(
        "", description="who is paid out where, comma separated: U-…:acct_…; a worker without one is asked"
    )
    stripe_api_base: str = Field("https://api.stripe.com", description="Stripe's API; another address for emulators")
    pretend_secret: str = Field("pretend", min_length=1, description="signs pretend's pay pages and webhooks")
    pretend_memory: str = Field(
        "", description="a file: what the pretend provider remembers; empty: beside the SQLite file, else nothing"
    )
    allow_pretend_money: bool = Field(
        default=False, description="true: real messengers with pretend or test money, for a trial among friends"
    )
    allow_insecure_base: bool = Field(default=False, description="true: plain http to API addresses not on loopback")

    @property
    def pretend_file(self) -> Path | None:
        """None: forgotten with the process."""
        if self.pretend_memory:
            return Path(self.pretend_memory)
        path = self.database_url.removeprefix("sqlite:///")
        is_file = self.database_url.startswith("sqlite:///") and path not in ("", ":memory:")
        return Path(f"{path}.pretend") if is_file else None

    @property
    def outage_after(self) -> timedelta:
        return timedelta(minutes=self.outage_minutes)

    @property
    def url(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def platforms(self) -> tuple[str, ...]:
        """The platforms whose variables are all there."""
        return tuple(p for p in PLATFORMS if any(all(getattr(self, n) for n in names) for names in NEEDS[p]))

    @property
    def real_platforms(self) -> tuple[str, ...]:
        """Those that are on and not emulated on loopback."""
        return tuple(p for p in self.platforms if not is_loopback(getattr(self, f"{p}_api_base")))

    @cached_property
    def operator_addresses(self) -> frozenset[tuple[str, str, str]]:
        """Platform, tenant and id. Ids of Slack are those of one workspace; elsewhere the tenant is "": our own bot."""
        pairs = (entry.strip().split(":", 1) for entry in self.operators.split(",") if entry.strip())
        return frozenset((pair[0], self.slack_team if pair[0] == "slack" else "", pair[1]) for pair in pairs)

    @cached_property
    def stripe_account_of(self) -> dict[str, str]:
        """The connected account of a worker, by the worker's number."""
        pairs = (entry.strip().split(":", 1) for entry in self.stripe_accounts.split(",") if entry.strip())
        return {pair[0].upper(): pair[1] for pair in pairs}

    @model_validator(mode="after")
    def refuse_dangers(self) -> Self:
        problems = [*wrong_database(self), *half_set(self), *insecure(self), *wrong_operators(self), *open_audit(self)]
        problems += [*real_with_pretend(self), *wrong_stripe(self), *wrong_accounts(self), *empty_secrets(self)]
        if problems:
            raise WrongSettings(problems)
        return self


def wrong_database(settings: Settings) -> list[str]:
    if settings.database_url.startswith(DATABASES):
        return []
    return [f"{variable('database_url')} is neither sqlite:///path nor postgresql://user:password@host/name."]


def variable(name: str) -> str:
    return PREFIX + name.upper()


def half_set(settings: Settings) -> list[str]:
    """A platform with some of its variables is a mistake, not a wish."""
    problems = []
    for platform, ways in NEEDS.items():
        mine = {n for way in ways for n in way}
        if any(getattr(settings, n) for n in mine) and platform not in settings.platforms:
            missing = [n for n in ways[0] if not getattr(settings, n)]
            names = ", ".join(map(variable, missing))
            problems.append(f"{names} is missing: {platform} is half set up. See .env.example.")
    return problems


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def insecure(settings: Settings) -> list[str]:
    problems = []
    for platform in (*PLATFORMS, "stripe"):
        name = f"{platform}_api_base"
        base = getattr(settings, name)
        if not base.startswith("https://") and not is_loopback(base) and not settings.allow_insecure_base:
            problems.append(f"{variable(name)} is not https: tokens would travel in clear. Use https, or loopback.")
    if settings.public_url and not settings.public_url.startswith("https://") and not is_loopback(settings.public_url):
        problems.append(f"{variable('public_url')} is not https: LINE, Slack and Telegram call https addresses only.")
    return problems


def wrong_operators(settings: Settings) -> list[str]:
    entries = [e.strip() for e in settings.operators.split(",") if e.strip()]
    wrong = [e for e in entries if e.partition(":")[0] not in PLATFORMS or not e.partition(":")[2]]
    problems = [f"{variable('operators')}: {e!r} is not platform:id (for example telegram:4242)." for e in wrong]
    if not settings.slack_team and any(e.startswith("slack:") for e in entries):
        mend = "Set it to your workspace's id, T…: it is in the address of Slack in a browser, app.slack.com/client/T…"
        problems += [f"{variable('slack_team')} is missing: an operator's id on Slack is one of one workspace. {mend}"]
    return problems


def real_with_pretend(settings: Settings) -> list[str]:
    """Money that is none and real people do not go together unless somebody means it."""
    if settings.allow_pretend_money or not settings.real_platforms:
        return []
    people = ", ".join(settings.real_platforms)
    mend = f"For a trial among friends set {variable('allow_pretend_money')}=true."
    if settings.payments == "pretend":
        return [f"{variable('payments')} is pretend but {people} is real. {mend}"]
    if settings.payments == "stripe" and settings.stripe_secret_key.startswith(TEST_KEYS):
        return [f"{variable('stripe_secret_key')} is a test key but {people} is real: nobody would be paid. {mend}"]
    return []


def empty_secrets(settings: Settings) -> list[str]:
    """While a signing secret takes another's place both are good: new,old. Anybody can sign with an empty one."""
    lists = ((name, getattr(settings, name)) for name in Settings.model_fields if name.endswith("_secret"))
    wrong = [name for name, secrets in lists if secrets and not all(each.strip() for each in secrets.split(","))]
    return [f"{variable(name)}: one of the secrets is empty. While it changes it is new,old." for name in wrong]


def open_audit(settings: Settings) -> list[str]:
    """An audit log that anybody can write anew proves nothing about real people's money."""
    if "," in settings.audit_key:
        return [f"{variable('audit_key')} has a comma in it: it is one key, never new,old. Set the one it always was."]
    if not settings.real_platforms or len(settings.audit_key) >= AUDIT_KEY_MIN_CHARACTERS:
        return []
    mend = f"Set {AUDIT_KEY_MIN_CHARACTERS} characters or more nobody can guess: openssl rand -hex 32."
    return [f"{variable('audit_key')} is missing or short but {', '.join(settings.real_platforms)} is real. {mend}"]


def wrong_stripe(settings: Settings) -> list[str]:
    if settings.payments not in PROVIDERS:
        return [f"{variable('payments')}: {settings.payments!r} is none of {', '.join(PROVIDERS)}."]
    if settings.payments != "stripe":
        return []
    key = settings.stripe_secret_key
    problems = [
        f"{variable(name)} is missing: {variable('payments')} is stripe. See .env.example."
        for name in ("stripe_secret_key", "stripe_webhook_secret")
        if not getattr(settings, name)
    ]
    if key and not key.startswith((*TEST_KEYS, *LIVE_KEYS)):
        problems.append(f"{variable('stripe_secret_key')} is no secret key: it begins with sk_ or rk_.")
    if key.startswith(LIVE_KEYS) and not is_stripes_own(settings.stripe_api_base):
        problems.append(f"{variable('stripe_secret_key')} is live, {variable('stripe_api_base')} is not Stripe's.")
    return problems


def is_stripes_own(base: str) -> bool:
    return base.startswith("https://") and urlsplit(base).hostname == "api.stripe.com"


def wrong_accounts(settings: Settings) -> list[str]:
    entries = [e.strip() for e in settings.stripe_accounts.split(",") if e.strip()]
    wrong = [e for e in entries if not is_account_of(*e.partition(":")[::2])]
    doubled = len(settings.stripe_account_of) < len(entries) if not wrong else False
    problems = [f"{variable('stripe_accounts')}: {e!r} is not U-…:acct_… (the worker's number first)." for e in wrong]
    return [*problems, f"{variable('stripe_accounts')} names a worker twice."] if doubled else problems


def is_account_of(number: str, account: str) -> bool:
    return codes.read("user", number) is not None and ACCOUNT.fullmatch(account) is not None


def read(**overrides: object) -> Settings:
    """Settings from the environment and .env. Raises WrongSettings, every problem at once."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        problems = [f"{variable(str(e['loc'][0])) if e['loc'] else PREFIX}: {e['msg']}." for e in error.errors()]
        raise WrongSettings(problems) from error


def example() -> str:
    """The text of .env.example."""
    lines = [
        "# Copy to .env, take # off what you want, fill in; a platform without its variables is off. `arigato doctor`",
        "# says what is missing, docs/operating.md where it is found. To change one that ends in _SECRET: new,old.",
    ]
    for name, field in Settings.model_fields.items():
        if name in SECTIONS:
            lines += ["", f"# --- {SECTIONS[name]}"]
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        lines += [f"# {field.description}", f"#{variable(name)}={default}"]
    return "\n".join([*lines, ""])
