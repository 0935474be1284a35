"""The plan of one run: how long, with which dice, how much there is to do, and where everybody is."""

from dataclasses import dataclass
from pathlib import Path

from demo import HOST, free_port, settings_for
from house import Patience
from playground.emulator import Secrets, made_up_secrets
from settings import Settings, is_loopback

__all__ = ["Plan", "Refused", "settings_of"]

WORKERS = 4
WEBS = 2
# Shortened for the run, so that waiting does not take up all of it: a lease of 25 s, in whose last 10 nothing is sent,
# waits of up to 15 minutes after unclear attempts, a transaction that may stand still for 60 s. Processes are stopped
# for up to 7 s: longer than these. Here an answer takes up to 1 s, and the longest Retry-After is 2.
PATIENCE = Patience(lease_seconds=5, answer_seconds=3, back_off_seconds=(0.5, 0.5, 1, 2, 4))
IDLE_IN_TRANSACTION_SECONDS = 2


class Refused(Exception):
    """One sentence: why chaos will not run here."""


@dataclass(frozen=True)
class Plan:
    """`without` names a safeguard that is taken out, to show that its loss is seen."""

    seconds: float
    seed: int
    payouts: int
    talkers: int
    folder: Path
    webs: tuple[int, ...]
    platforms: int
    bank: int
    secrets: Secrets
    without: str = ""

    @property
    def web_urls(self) -> tuple[str, ...]:
        return tuple(f"http://{HOST}:{port}" for port in self.webs)

    @property
    def platforms_url(self) -> str:
        return f"http://{HOST}:{self.platforms}"

    @property
    def bank_url(self) -> str:
        return f"http://{HOST}:{self.bank}"

    def journal(self, name: str) -> Path:
        return self.folder / f"{name}.jsonl"


def drawn_up(seconds: float, seed: int, payouts: int, talkers: int, folder: Path, without: str) -> Plan:
    ports = [free_port() for _ in range(WEBS + 2)]
    return Plan(
        seconds, seed, payouts, talkers, folder, tuple(ports[2:]), ports[0], ports[1], made_up_secrets(), without
    )


def settings_of(plan: Plan, database_url: str) -> Settings:
    """Everything on loopback, nothing of the environment's."""
    settings = settings_for(plan.platforms_url, plan.secrets, database_url, ())
    return only_loopback(settings.model_copy(update={"public_url": plan.web_urls[0]}))


def only_loopback(settings: Settings) -> Settings:
    """Raises Refused if any address is not this machine's own, or the messengers' or the money are real."""
    bases = ("line_api_base", "slack_api_base", "telegram_api_base", "public_url")
    far = [name for name in bases if not is_loopback(getattr(settings, name))]
    far += [] if is_loopback(settings.database_url) else ["database_url"]
    if far or settings.real_platforms or settings.payments != "pretend":
        raise Refused(
            f"Chaos kills and floods what it runs on, so it runs on loopback with pretend money only: {', '.join(far)}."
        )
    return settings
