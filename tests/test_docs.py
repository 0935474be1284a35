"""The pages tell the truth about the repository: paths, links, generated parts."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import settings
from conversations.router import BY_COMMAND
from docs import make_lifecycles
from engine.moves import LIFECYCLES
from storage.beats import RELEASE
from tests.commands import is_command

ROOT = Path(__file__).parent.parent
OUTSIDE = ("http://", "https://", "mailto:")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
# A path of ours is a word that begins with a folder of ours, or ends as our files do. Routes begin with a slash.
SUFFIXES = ("py", "md", "toml", "yaml", "j2", "txt", "png", "example")
PATH = re.compile(r"\.?[A-Za-z_][\w.-]*(/[\w.-]+)*/?")
# Names of the form of a path that are none here: what is made by running, and examples.
MADE = {".env", ".venv", ".venv/bin/arigato", "post_job.j2", "post_job.md"}


def pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]


def folders() -> set[str]:
    return {found.name for found in ROOT.iterdir() if found.is_dir()}


def is_path(quoted: str) -> bool:
    if not PATH.fullmatch(quoted) or quoted in MADE:
        return False
    first, slash, _ = quoted.partition("/")
    return (bool(slash) and first in folders()) or quoted.rpartition(".")[2] in SUFFIXES


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def broken_links(page: Path) -> Iterator[str]:
    text = FENCE.sub("", page.read_text("utf-8"))
    for link in LINK.findall(text):
        if link.startswith(OUTSIDE):
            continue
        name, _, fragment = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        headings = HEADING.findall(target.read_text("utf-8")) if target.suffix == ".md" and target.exists() else []
        if not target.exists() or (fragment and fragment not in map(anchor, headings)):
            yield link


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_lifecycles_page_is_current() -> None:
    written = make_lifecycles.PAGE.read_text("utf-8")

    assert written == make_lifecycles.page()


def test_lifecycles_page_shows_every_move_of_every_lifecycle() -> None:
    page = make_lifecycles.page()

    shown = {(row[0], *re.split(r" \| ?", row[1])[:3]) for row in rows_by_noun(page)}

    wanted = {
        (life.noun, f"`{move.name}`", ", ".join(move.who), ", ".join(move.sources) or "—")
        for life in LIFECYCLES
        for move in life.moves
    }
    assert shown == wanted


def rows_by_noun(page: str) -> Iterator[tuple[str, str]]:
    noun, moves = "", False
    for line in page.splitlines():
        noun = line[3:].lower() if line.startswith("## ") else noun
        moves = line.startswith("| move |") or (moves and line.startswith("|"))
        if moves and line.startswith("| `"):
            yield noun, line.removeprefix("| ")


def test_lifecycles_command_fails_when_the_page_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "lifecycles.md"
    stale.write_text("old", "utf-8")
    monkeypatch.setattr(make_lifecycles, "PAGE", stale)

    before = make_lifecycles.main(["--check"])
    written = make_lifecycles.main([])
    after = make_lifecycles.main(["--check"])

    assert (before, written, after) == (1, 0, 0)


def test_lifecycles_command_runs_as_the_pages_say() -> None:
    command = [sys.executable, "-m", "docs.make_lifecycles", "--check"]

    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_page_names_only_paths_that_exist(page: Path) -> None:
    quoted = QUOTED.findall(FENCE.sub("", page.read_text("utf-8")))

    missing = [path for path in quoted if is_path(path) and not (ROOT / path).exists()]

    assert missing == []


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_page_links_lead_somewhere(page: Path) -> None:
    broken = list(broken_links(page))

    assert broken == []


def test_glossary_names_in_the_code_are_there() -> None:
    folders_read = ("engine", "conversations", "storage", "payments", "bots")
    source = "\n".join(file.read_text("utf-8") for name in folders_read for file in (ROOT / name).rglob("*.py"))
    rows = [line.split("|")[1:] for line in (ROOT / "docs/glossary.md").read_text("utf-8").splitlines() if "|" in line]
    built = [cells for cells in rows if "not built yet" not in cells[-2]]
    names = [name.partition(":<")[0] for cells in built for name in QUOTED.findall(cells[1])]

    missing = [name for name in names if not re.search(rf"\b{re.escape(name)}", source)]

    assert len(names) > 40
    assert missing == []


def test_example_environment_is_what_the_settings_say() -> None:
    written = (ROOT / ".env.example").read_text("utf-8")

    assert written == settings.example()


def test_example_environment_taken_as_it_stands_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(settings.PREFIX)]:
        monkeypatch.delenv(name)
    untouched = settings.read()
    lines = settings.example().splitlines()
    (tmp_path / ".env").write_text("\n".join(line.removeprefix("#") for line in lines if "=" in line), "utf-8")

    filled = settings.read()

    assert filled == untouched
    assert len(filled.model_fields_set) == len(settings.Settings.model_fields)


def test_changelog_begins_with_what_is_not_released() -> None:
    headings = HEADING.findall((ROOT / "CHANGELOG.md").read_text("utf-8"))

    assert headings[:2] == ["Changelog", f"{RELEASE} (unreleased)"]


def promised() -> list[list[str]]:
    """Every command in the tables of promises, and whatever else is quoted there, as words."""
    lines = (ROOT / "docs/promises.md").read_text("utf-8").splitlines()
    return [shlex.split(quoted) for line in lines if line.startswith("|") for quoted in QUOTED.findall(line)]


def is_one(words: list[str]) -> bool:
    match words:
        case ["pytest", *arguments]:
            return all((ROOT / name).exists() for name in shlex.join(arguments).partition(" -k ")[0].split())
        case ["python", "-m", module, *_]:
            return (ROOT / module / "__main__.py").exists()
        case [name]:
            return (ROOT / name).exists() or name.removeprefix("/") in BY_COMMAND
    return is_command(words)


def test_every_command_that_shows_a_promise_is_one() -> None:
    commands = promised()

    assert [words for words in commands if not is_one(words)] == []
    assert len(commands) > 50


@pytest.mark.slow
@pytest.mark.parametrize("words", [words for words in promised() if "-k" in words], ids=shlex.join)
def test_what_is_picked_out_of_a_file_is_what_was_meant(words: list[str]) -> None:
    """pytest itself takes capital and small letters for the same, and finds an "l" in almost every name."""
    command = [sys.executable, "-m", *words, "--collect-only", "-q", "-p", "no:cacheprovider"]

    told = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True).stdout

    found = [line.partition("::")[2] for line in told.splitlines() if "::" in line]
    assert found
    assert [name for name in found if words[-1] not in name] == []
