"""The recorder that stands in for the platforms, and each of the three bots pointed at it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.ports import Bot
from tests.bots import platforms, recorder


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Iterator[recorder.Recorder]:
    if not recorder.CONFORMANCE.is_dir():
        pytest.skip(f"no conformance tools at {recorder.CONFORMANCE}: set ARIGATO_SHARED")
    folder: Path = tmp_path_factory.mktemp("recorder")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = recorder.start(folder, port)
    yield made
    made.process.terminate()
    made.process.wait(10)


@pytest.fixture
def clean(recording: recorder.Recorder) -> recorder.Recorder:
    recording.ask("clear-faults", {})
    recording.reset()
    return recording


@pytest.fixture(params=["line", "slack", "telegram"])
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bot(platform: str) -> Iterator[Bot]:
    """A bot that talks to nobody."""
    made = platforms.MAKE[platform]("http://127.0.0.1:9")
    yield made
    made.close()


@pytest.fixture
def live_bot(platform: str, clean: recorder.Recorder) -> Iterator[Bot]:
    """A bot that talks to the recorder."""
    made = platforms.MAKE[platform](clean.address)
    yield made
    made.close()
