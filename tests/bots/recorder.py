"""The conformance recorder as a process of its own: it stands in for the platforms and notes every fault of ours."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

SHARED = Path(os.environ.get("ARIGATO_SHARED", Path(__file__).parents[3] / "shared"))
CONFORMANCE = SHARED / "tools" / "conformance"


@dataclass(frozen=True)
class Recorder:
    address: str
    process: subprocess.Popen[bytes]

    def ask(self, what: str, body: object = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.address}/__conf/{what}", content, {"Content-Type": "application/json"})
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def reset(self) -> None:
        self.ask("reset", {})

    def fault(self, platform: str, path: str, **how: object) -> None:
        self.ask("fault", {"platform": platform, "path": path, **how})

    def errors(self) -> list[dict[str, Any]]:
        return [each for each in self.ask("violations") if each["level"] == "error"]

    def calls(self, platform: str) -> list[dict[str, Any]]:
        return [each for each in self.ask("requests") if each["platform"] == platform]

    def bodies(self, platform: str) -> list[dict[str, Any]]:
        """The JSON sent, newest last; Telegram's come as forms."""
        return [each["form"] or json.loads(each["body"]) for each in self.calls(platform)]


def start(folder: Path, port: int) -> Recorder:
    arguments = [
        "--port",
        str(port),
        "--out",
        str(folder / "violations.jsonl"),
        "--log",
        str(folder / "requests.jsonl"),
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "conf.recorder", *arguments],
        cwd=CONFORMANCE,
        env={**os.environ, "PYTHONPATH": str(CONFORMANCE), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
    )
    made = Recorder(f"http://127.0.0.1:{port}", process)
    for _ in range(100):
        try:
            made.ask("summary")
        except URLError:
            time.sleep(0.2)
        else:
            return made
    process.kill()
    raise RuntimeError("the recorder did not start")
