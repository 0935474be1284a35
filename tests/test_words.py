"""The words keep step with the code: both languages say everything, and say it with the same facts."""

import ast
import re
from collections import Counter
from types import SimpleNamespace

import pytest
from jinja2 import meta, nodes

from conversations import render, router, show, suspicion
from conversations.notices import NOTICES
from conversations.offers import offers
from conversations.parsers.text import graphemes, normalise
from engine import codes, money, moves, screening
from engine.contracts import Contract
from engine.errors import BadAnswer, Refused
from engine.lifecycle import Role
from tests.engine.facts import MONDAY
from tests.source import kinds_of, python_files, tree

LABEL_MAX_CHARACTERS = 20  # a button on LINE
# What makes a button, with a block of words among its arguments: `fill` and `confirm` name their primary one.
NAMING = ("Option", "Start", "Link", "fill", "confirm")
# The longest that a label has to say.
HIGHEST = {
    "address": SimpleNamespace(platform="telegram"),
    "number": 9,
    "says": lambda words: render.line("en", words, {}),
    "contract": SimpleNamespace(price=money.PRICE_MAX_YEN, worker_id=2),
    "of_id": 2,
    "part": money.PRICE_MAX_YEN,
    "percent": 100,
    "star": 5,
    "tip": money.TIP_MAX_YEN,
}
NAMED_BLOCK = re.compile(r"[a-z_]+\.[a-z_0-9]+")


def templates(language: str) -> list[str]:
    return sorted(path.stem for path in (render.TEMPLATES / language).glob("*.j2"))


def blocks(language: str, name: str) -> dict[str, set[str]]:
    """The variables of each block of a template."""
    source = (render.TEMPLATES / language / f"{name}.j2").read_text()
    parsed = render.environment(language).parse(source)
    return {block.name: meta.find_undeclared_variables(alone(block, parsed)) for block in parsed.find_all(nodes.Block)}


def alone(block: nodes.Block, parsed: nodes.Template) -> nodes.Template:
    assert parsed.environment, "a parsed template knows its environment"
    made = nodes.Template(block.body, lineno=1)
    made.set_environment(parsed.environment)
    return made


def speaks(words: str) -> bool:
    return all(render.has(language, words) for language in render.LANGUAGES)


@pytest.mark.parametrize("name", templates("ja"))
def test_template_has_same_blocks_and_variables_in_every_language(name: str) -> None:
    assert blocks("en", name) == blocks("ja", name)


def test_languages_have_same_templates() -> None:
    assert templates("en") == templates("ja")


@pytest.mark.parametrize("language", render.LANGUAGES)
def test_menu_words_name_one_flow_each(language: str) -> None:
    said = {flow.name: normalise(render.line(language, f"{flow.name}.menu", {})) for flow in router.FLOWS}

    assert [words for words, count in Counter(said.values()).items() if count > 1] == []


@pytest.mark.parametrize("language", render.LANGUAGES)
def test_every_label_fits_its_button(language: str) -> None:
    said = {words: render.line(language, words, HIGHEST) for words in labels()}

    long = {words: label for words, label in said.items() if len(graphemes(label)) > LABEL_MAX_CHARACTERS}
    assert (len(said) > len(router.FLOWS), long) == (True, {})


def labels() -> set[str]:
    """The blocks that buttons are named by: menus, whatever an Option, a Start or a Link is given, and the fields of a
    form, which are choices where a card is changed."""
    menus = {f"{flow.name}.menu" for flow in router.FLOWS}
    fields = {
        f"{name}.{block}" for name in templates("ja") for block in blocks("ja", name) if block.startswith("field_")
    }
    more = {f"{flow.name}.more" for flow in router.FLOWS if speaks(f"{flow.name}.more")}
    words = {f"common.{word}" for word in ("back", "stop", "skip", "edit", "send", "pick_day")}
    named = {
        argument.value
        for path in python_files("conversations/")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMING
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and speaks_of(argument.value)
    }
    return menus | fields | more | words | named


def speaks_of(words: str) -> bool:
    return NAMED_BLOCK.fullmatch(words) is not None and speaks(words)


def test_commands_are_named_once() -> None:
    assert [word for word, count in Counter(flow.command for flow in router.FLOWS).items() if count > 1] == []


def test_every_notice_has_words() -> None:
    said = {notice.words for notices in NOTICES.values() for notice in notices}

    assert sorted(words for words in said if not speaks(words)) == []


def test_every_named_block_exists() -> None:
    known = set(templates("ja"))
    named = {
        node.value
        for path in python_files("conversations/", "worker.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAMED_BLOCK.fullmatch(node.value)
    }

    assert sorted(words for words in named if words.split(".")[0] in known and not speaks(words)) == []


@pytest.mark.parametrize("language", render.LANGUAGES)
def test_every_number_that_is_asked_for_can_be_misread(language: str) -> None:
    nouns = {noun for flow in router.FLOWS for noun in flow.takes} - {"rest"}

    said = {noun: render.line(language, "common.misread_code", {"noun": noun}) for noun in nouns}

    assert [noun for noun in nouns if f"{codes.LETTERS[noun]}-7K2M4QX" not in said[noun]] == []


def test_every_question_says_why_it_is_asked() -> None:
    asked = [(name, block) for name in templates("ja") for block in blocks("ja", name) if block.startswith("ask_")]

    silent = [f"{name}.{block}" for name, block in asked if not speaks(f"{name}.{block.replace('ask_', 'why_')}")]
    assert silent == []


def test_every_refusal_has_words() -> None:
    stems = {re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() for kind in kinds_of(Refused) - {BadAnswer}}

    assert sorted(stem for stem in stems if not speaks(f"refusals.{stem}")) == []


def test_every_stage_has_words() -> None:
    stages = [f"stages.{each.noun}_{stage}" for each in moves.LIFECYCLES for stage in ("none", *each.stages)]

    assert [words for words in stages if not speaks(words)] == []


def test_every_screening_reason_has_words() -> None:
    assert [code for code in screening.CODES if not speaks(f"reasons.{code}")] == []


def test_every_move_can_be_explained() -> None:
    explained = [f"why.{each.noun}_{move.name}" for each in (moves.JOB, moves.CONTRACT) for move in each.moves]
    roles = [f"why.by_{role}" for role in Role]

    assert [words for words in (*explained, *roles) if not speaks(words)] == []


def test_every_live_contract_has_a_next_step() -> None:
    missing = []
    for stage in set(Contract.lifecycle.stages) - set(Contract.lifecycle.ends):
        for user_id, role, agreed_by in ((1, "client", 1), (2, "worker", 1), (1, "client", 2), (2, "worker", 2)):
            main = [start.flow for start in offers(contract(stage, agreed_by), user_id) if start.style == "primary"]
            step = main[0] if main else f"wait_{stage}_{role}"
            missing += [] if speaks(f"mine.next_{step}") else [step]
    assert missing == []


def contract(stage: str, first: int) -> Contract:
    """As far as the buttons look at it; `first` has agreed, or proposed to end, before the other."""
    return Contract(
        id=1,
        stage=stage,
        since=MONDAY,
        job_id=1,
        application_id=1,
        client_id=1,
        worker_id=2,
        title="",
        price=100,
        fee=20,
        fee_tax=2,
        withholding=0,
        net=78,
        due=MONDAY.date(),
        terms="",
        terms_hash="",
        agreed_by=first,
        ending_by=first,
    )


# -- security events

REFUSING = ("Forged", "Refusal", "TurnedAway", "refused", "security", "suspect")


def reasons_of_refusals() -> set[str]:
    """The codes as they are written where something is refused."""
    calls = [
        node
        for path in python_files("bots/", "conversations/", "payments/", "doorbook.py", "worker.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")) in REFUSING
    ]
    words = {each.value for call in calls for each in call.args if isinstance(each, ast.Constant)}
    written = {each for each in words if isinstance(each, str) and re.fullmatch("[a-z_]+", each)}
    kinds = {show.stem(kind.__new__(kind)) for kind in suspicion.SUSPECT}
    return written | kinds | set(suspicion.WORDS) | set(suspicion.EVENTS.values())


@pytest.mark.parametrize("language", render.LANGUAGES)
def test_operators_are_told_in_words_what_was_refused(language: str) -> None:
    found = reasons_of_refusals()

    assert sorted(reason for reason in found if not render.has(language, f"alarms.{reason}")) == []
    assert len(found) > 40
