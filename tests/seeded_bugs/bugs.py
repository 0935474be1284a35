"""The bugs of this folder: what their patches say of themselves."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FIELDS = ("Bug", "Seen in", "Here", "Found by")


@dataclass(frozen=True)
class Bug:
    """`found_by` is "simulator" or the arguments of pytest."""

    patch: Path
    title: str
    seen_in: str
    here: str
    found_by: str

    @property
    def name(self) -> str:
        return self.patch.stem


def bugs() -> list[Bug]:
    return [read(patch) for patch in sorted(HERE.glob("*.patch"))]


def read(patch: Path) -> Bug:
    """Raises ValueError if one of the four lines is missing."""
    head = patch.read_text().splitlines()[: len(FIELDS)]
    said = [line.removeprefix(f"{name}: ") for name, line in zip(FIELDS, head, strict=True)]
    if any(line == words for line, words in zip(head, said, strict=True)):
        raise ValueError(f"{patch.name} does not begin with {', '.join(FIELDS)}")
    return Bug(patch, *said)


def git(*arguments: str, at: Path = ROOT) -> subprocess.CompletedProcess[str]:
    program = shutil.which("git")
    assert program, "git has to be installed"
    return subprocess.run([program, *arguments], cwd=at, capture_output=True, text=True, check=False)
