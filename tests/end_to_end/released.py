"""Earlier releases, taken out of the repository's own history and run with this release's interpreter and packages."""

import io
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

import demo
from tests.end_to_end import served
from tests.source import HOUSE

START_SECONDS = 300  # its SDKs take eight seconds of a processor, and the machine may be busy
RELEASES = Path(__file__).with_name("releases.toml")


def tree(release: str, folder: Path) -> Path:
    """Its files, in `folder`. The test is skipped where the history does not reach so far."""
    commit = tomllib.loads(RELEASES.read_text())[release]
    found = subprocess.run(
        ["git", "archive", commit],  # noqa: S607 - git is where it is
        cwd=HOUSE,
        capture_output=True,
        check=False,
    )
    if found.returncode:
        pytest.skip(f"the history of release {release} is not here: {found.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        # Python before 3.11.4 (Debian 12 has 3.11.2) knows no filter. The archive is of our own history.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(folder)  # noqa: S202
    return folder


@dataclass(frozen=True)
class Served:
    """`arigato serve` of an earlier release."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str) -> httpx2.Response:
        return httpx2.get(self.url + path, timeout=10, trust_env=False)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, f"ended by itself: {self.log.read_text()}"
        try:
            return self.get("/readyz").is_success
        except httpx2.HTTPError:
            return False


@contextmanager
def serving(
    tree: Path, folder: Path, settings: Mapping[str, str], role: str, program: Sequence[str] = (str(served.PROGRAM),)
) -> Iterator[Served]:
    """Until it is ready; stopped at the end."""
    port = demo.free_port()
    log = folder / f"old-{role}-{port}.log"
    told = environment(tree, {**settings, "ARIGATO_PORT": str(port)})
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*program, "serve", "--role", role], cwd=folder, env=told, stdout=written, stderr=written
        )
    elder = Served(f"http://{demo.HOST}:{port}", process, log)
    try:
        served.until(elder.is_ready, log.read_text, START_SECONDS)
        yield elder
    finally:
        process.terminate()
        process.wait(served.STOP_SECONDS)


def environment(tree: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """What makes a process one of that release."""
    return served.environment({**settings, "PYTHONPATH": str(tree)})


def command(tree: Path, folder: Path, settings: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """A command of it, run to its end."""
    told = environment(tree, settings)
    run = [str(served.PROGRAM), *words]
    return subprocess.run(run, cwd=folder, env=told, capture_output=True, text=True, timeout=120, check=False)


def python(tree: Path, *words: str) -> str:
    """A script run with its code; what it prints."""
    return subprocess.run(
        [sys.executable, "-P", *words], env=environment(tree, {}), capture_output=True, text=True, check=True
    ).stdout
