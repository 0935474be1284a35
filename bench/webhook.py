"""P1: a webhook verified, stored durably and answered, beside a bare echo bot that stores nothing. Rounds alternate."""

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median as middle
from typing import Any

from bench.measure import Say, Size, databases, fresh, median
from bench.server import serving

GOAL_RATIO = 1.5
GOAL_P99_MS = 50
PLATFORMS = ("line", "slack", "telegram")


def run(size: Size, say: Say) -> dict[str, Any]:
    return {
        "goal": {"ratio": GOAL_RATIO, "p99_ms": GOAL_P99_MS},
        "connections": size.connections,
        "platforms": {platform: one(platform, size, say) for platform in PLATFORMS},
    }


def one(platform: str, size: Size, say: Say) -> dict[str, Any]:
    kinds = databases()
    with ExitStack() as stack:
        say(f"{platform}: starting the servers")
        ports = {"echo": stack.enter_context(serving("echo", platform))}
        for kind in kinds:
            ports[kind] = stack.enter_context(serving("ours", platform, stack.enter_context(fresh(kind))))
        for name, port in ports.items():
            say(f"{platform}: warming up {name}")
            loaded(platform, port, size, size.requests // 10)
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in ports}
        for number in range(size.rounds):
            for name, port in ports.items():
                say(f"{platform}: round {number + 1} of {size.rounds}, {name}")
                rounds[name].append(loaded(platform, port, size, size.requests))
    echo = summary(rounds["echo"])
    return {"echo": echo} | {kind: {**summary(rounds[kind]), "ratio": ratio(rounds, kind)} for kind in kinds}


def ratio(rounds: dict[str, list[dict[str, float]]], kind: str) -> float:
    """Of the figures of the same round, so that what the machine does besides falls on both."""
    pairs = zip(rounds[kind], rounds["echo"], strict=True)
    return median([ours["requests_per_second"] / echo["requests_per_second"] for ours, echo in pairs], 2)


def summary(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {
        "requests_per_second": round(middle(one["requests_per_second"] for one in rounds)),
        "p50_ms": median([one["p50_ms"] for one in rounds], 1),
        "p99_ms": median([one["p99_ms"] for one in rounds], 1),
        "failed": sum(one["failed"] for one in rounds),
    }


def loaded(platform: str, port: int, size: Size, requests: int) -> dict[str, float]:
    path = f"/webhooks/{platform}"
    arguments = [platform, str(port), path, str(size.connections), str(max(requests, 1)), str(size.seconds)]
    command = [sys.executable, "-m", "bench.load", *arguments]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent, timeout=120)
    made: dict[str, float] = json.loads(found.stdout)
    return made
