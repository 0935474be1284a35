"""The short form of fuzzing: every kept input again, and so many new ones from one seed, the same on each run."""

import importlib.util

import pytest

from tests.fuzz import session
from tests.fuzz.targets import TARGETS, Target, inputs


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_kept_inputs_break_no_promise(target: Target) -> None:
    for each in inputs(target):
        target.run(each)


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has wheels for x86-64 Linux only")
def test_new_inputs_break_no_promise() -> None:
    ran = list(session.fuzz(TARGETS, lambda target: f"-runs={target.runs}"))

    assert {each.target.name: each.said[-2_000:] for each in ran if each.found} == {}
    assert [each.target.name for each in ran if each.runs < each.target.runs] == []
