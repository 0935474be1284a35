"""A web server in a process of its own, started and stopped around a block.

python -m bench.server PORT echo PLATFORM | PORT ours PLATFORM DATABASE | PORT stub"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

import app
from bench import echo, stub
from bench.load import BOT_TOKEN, HOST, SECRET
from settings import Settings

START_SECONDS = 90


def settings_for(platforms: tuple[str, ...], database_url: str, base: str) -> Settings:
    """Loopback addresses and secrets that open nothing; the environment is not read."""
    each = {
        "line": {"line_channel_secret": SECRET, "line_channel_token": "token", "line_api_base": f"{base}/line"},
        "slack": {
            "slack_signing_secret": SECRET,
            "slack_bot_token": "xoxb-1",
            "slack_api_base": f"{base}/slack/api/",
        },
        "telegram": {
            "telegram_bot_token": BOT_TOKEN,
            "telegram_webhook_secret": SECRET,
            "telegram_api_base": f"{base}/telegram",
        },
    }
    chosen: dict[str, Any] = {name: value for p in platforms for name, value in each[p].items()}
    return Settings(_env_file=None, database_url=database_url, **chosen)  # type: ignore[call-arg]  # pydantic-settings' own


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(*what: str) -> Iterator[int]:
    """Its port. It is ready when it takes connections."""
    port = free_port()
    command = [sys.executable, "-m", "bench.server", str(port), *what]
    # The variables of a real installation must not come near.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ARIGATO_")}
    process = subprocess.Popen(command, env=environment, cwd=Path(__file__).parent.parent)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the server did not start")


def main(port: str, kind: str, *rest: str) -> None:
    if kind == "ours":
        platform, database_url = rest
        settings = settings_for((platform,), database_url, f"http://{HOST}:9")
        app.serve(settings.model_copy(update={"port": int(port)}), "web")
        return
    application: Any = echo.application(rest[0]) if kind == "echo" else stub.application
    uvicorn.run(application, host=HOST, port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
