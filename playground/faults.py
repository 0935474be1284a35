"""The faults a person can switch on for a platform, in the emulator's own settings."""

from collections.abc import Mapping
from typing import Any

FAULTS: dict[str, dict[str, Any]] = {
    "slow": {"slow": 5},
    "busy": {"status": 429, "retry_after": 3},
    "broken": {"status": 500},
    "lost": {"lost": True},
    "duplicate": {"duplicate": True},
    "quota": {"quota": True},
}
LINE_ONLY = frozenset({"quota"})


def faults_of(platform: str) -> list[str]:
    return [name for name in FAULTS if platform == "line" or name not in LINE_ONLY]


def fault_is_on(name: str, faults: Mapping[str, Any]) -> bool:
    return all(faults.get(key) == value for key, value in FAULTS[name].items())
