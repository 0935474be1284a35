"""The house checks itself: what is promised in ARCHITECTURE.md about its shape, kept by tests."""

import ast
import re

import pytest

from conversations import render, router
from conversations.notices import NOTICES
from conversations.offers import CONTRACT_FLOWS, JOB_FLOWS
from engine import moves
from engine.handle import CLOCK_RULES, RULES, TimeIsUp
from engine.lifecycle import Lifecycle
from engine.ports import Command, Event
from storage import personal
from storage.tables import metadata
from tests.source import HOUSE, kinds_of, name_of, python_files, strings, tree

LINES_MAX = 300
FUNCTION_LINES_MAX = 40
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
# Grammar tables, menu words, screening rules, demo people; everywhere else Japanese is in docstrings and comments only.
MAY_SPEAK_JAPANESE = (
    "conversations/names.py",
    "conversations/parsers/",
    "conversations/readers.py",
    "conversations/render.py",
    "conversations/router.py",
    "conversations/flows/post_job.py",
    "bots/telegram/words.py",
    "engine/screening.py",
    "playground/",
    "bench/",
    "chaos/talkers.py",
    "headless.py",
    "seeds.py",
    "tests/",
)
IMPURE = {
    "datetime": ("now", "utcnow", "today"),
    "date": ("today",),
    "time": ("time", "monotonic", "perf_counter", "sleep", "localtime"),
    "os": ("environ", "getenv", "urandom"),
    "random": None,
    "secrets": None,
    "uuid": None,
}
TODAY = {(owner, name) for owner in ("datetime", "date") for name in ("now", "utcnow", "today")}


# -- commands, events, moves


def test_every_event_is_told_or_listed_as_silent() -> None:
    assert set(NOTICES) == kinds_of(Event)


def test_every_command_has_a_rule() -> None:
    assert set(RULES) == kinds_of(Command)


def test_every_command_has_a_way_in() -> None:
    called = {
        node.func.id
        for path in python_files(
            "conversations/",
            "payments/",
            "bots/",
            "scheduler.py",
            "worker.py",
            "errands.py",
            "mismatches.py",
            "reconciler.py",
            "doorbook.py",
        )
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }

    assert sorted(kind.__name__ for kind in kinds_of(Command) if kind.__name__ not in called) == []
    assert TimeIsUp.__name__ in called


def test_every_clock_move_and_reminder_has_a_rule() -> None:
    wanted = {(each.noun, move.name) for each in moves.LIFECYCLES for move in each.moves if move.due}
    wanted |= {(each.noun, reminder.name) for each in moves.LIFECYCLES for reminder in each.reminders}

    assert wanted <= set(CLOCK_RULES)


def test_every_move_button_leads_to_a_flow() -> None:
    named = {*CONTRACT_FLOWS.values(), *JOB_FLOWS.values()}

    assert named - set(router.BY_NAME) == set()


@pytest.mark.parametrize("lifecycle", moves.LIFECYCLES, ids=lambda lifecycle: lifecycle.noun)
def test_every_move_is_reachable(lifecycle: Lifecycle) -> None:
    reached = {""}
    for _ in lifecycle.moves:
        reached |= {move.target for move in lifecycle.moves if reached & set(move.sources or ("",))}

    assert [move.name for move in lifecycle.moves if move.sources and not reached & set(move.sources)] == []


@pytest.mark.parametrize("lifecycle", moves.LIFECYCLES, ids=lambda lifecycle: lifecycle.noun)
def test_every_stage_leads_to_an_end(lifecycle: Lifecycle) -> None:
    # A user has no end: members stay.
    ending = set(lifecycle.ends) or set(lifecycle.stages)
    for _ in lifecycle.moves:
        ending |= {source for move in lifecycle.moves if move.target in ending for source in move.sources}

    assert set(lifecycle.stages) - ending == set()


# -- conversations


@pytest.mark.parametrize("language", render.LANGUAGES)
def test_every_flow_has_a_transcript(language: str) -> None:
    written = {path.stem for path in (HOUSE / "tests/conversations/transcripts" / language).glob("*.md")}

    assert {flow.name for flow in router.FLOWS} - written == set()


def test_transcripts_are_about_the_same_in_every_language() -> None:
    folder = HOUSE / "tests/conversations/transcripts"
    names = {language: {path.stem for path in (folder / language).glob("*.md")} for language in render.LANGUAGES}

    assert names["en"] == names["ja"]


def test_no_flow_knows_a_flow() -> None:
    knows = re.compile(r"^(from|import) conversations\.flows", re.MULTILINE)
    knowing = [name_of(path) for path in python_files("conversations/flows/") if knows.search(path.read_text())]

    assert knowing == []


# -- personal data


def test_every_column_of_words_says_what_becomes_of_it_when_its_person_leaves() -> None:
    assert sorted(personal.wordy() - personal.told()) == [], "say it in storage/personal.py"


def test_only_columns_that_are_there_are_spoken_of() -> None:
    there = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.c}

    assert sorted(personal.told() - there) == []


# -- the code itself


def test_files_are_short() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in python_files()}

    assert {name: length for name, length in lengths.items() if length > LINES_MAX} == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{name_of(path)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in python_files()
        if "/migrations/" not in name_of(path)  # a migration is one list of what it makes
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES_MAX} == {}


def test_engine_and_conversations_ask_no_clock_and_roll_no_dice() -> None:
    found = [
        f"{name_of(path)}:{getattr(node, 'lineno', 0)}"
        for path in python_files("engine/", "conversations/")
        for node in ast.walk(tree(path))
        if is_impure(node)
    ]

    assert found == []


def test_only_the_clock_asks_the_machine_what_day_it_is() -> None:
    asking = {
        name_of(path)
        for path in python_files()
        for node in ast.walk(tree(path))
        if not name_of(path).startswith("tests/")
        and isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in TODAY
    }

    assert asking == {"clock.py"}


def is_impure(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if owner in IMPURE:
            names = IMPURE[owner]
            return names is None or attribute in names
        case ast.Import(names=names_imported):
            return any(each.name in ("os", "random", "secrets", "uuid", "time") for each in names_imported)
        case ast.ImportFrom(module=module):
            return module in ("os", "random", "secrets", "uuid", "time")
    return False


def test_people_read_words_from_templates_only() -> None:
    speaking = [
        f"{name_of(path)}:{line}"
        for path in python_files()
        if not name_of(path).startswith(MAY_SPEAK_JAPANESE)
        for line, words in strings(tree(path))
        if JAPANESE.search(words)
    ]

    assert speaking == []
