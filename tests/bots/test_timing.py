"""W17: how long a wrong signature takes to be refused tells nothing of how much of it was right."""

import ast
import hmac
import inspect
import random
import time
from collections.abc import Callable

import pytest
import stripe

from bots.ports import Refusal
from payments.ports import Forged
from tests.fuzz.doors import DOORS
from tests.source import HOUSE

ROUNDS, CALLS = 200, 60
# Of 200 fair tosses 100 come up heads; 4.5 standard deviations more or less come once in 150,000 runs.
FAIR = range(100 - 32, 100 + 33)
BODY = b'{"destination":"","events":[]}'
SIGNED = ("line", "slack", "telegram", "pretend")


def longer(one: Callable[[], object], other: Callable[[], object]) -> int:
    """In how many rounds `one` took longer. The two stand side by side in each, so a busy machine slows both."""
    dice = random.Random(7)
    count = 0
    for _ in range(ROUNDS):
        took: dict[bool, int] = {}
        for first in dice.sample((True, False), 2):
            called = one if first else other
            begun = time.perf_counter_ns()
            for _ in range(CALLS):
                called()
            took[first] = time.perf_counter_ns() - begun
        count += took[True] > took[False]
    return count


def refused(name: str, given: str) -> Callable[[], object]:
    door = DOORS[name]
    headers = {**door.sign(BODY), door.header: given}

    def ask() -> None:
        try:
            door.receive(headers, BODY)
        except (Refusal, Forged):
            return
        pytest.fail("a wrong signature was taken")

    return ask


def changed(text: str, place: int) -> str:
    """With another letter there, of the same alphabet and so of the same form."""
    return text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]


@pytest.mark.alone
@pytest.mark.parametrize("name", SIGNED)
def test_a_signature_wrong_at_its_end_takes_no_longer_than_one_wrong_at_its_beginning(name: str) -> None:
    right = DOORS[name].sign(BODY)[DOORS[name].header]
    begins = right.index("=") + 1 if name == "slack" else right.index("v1=") + 3 if name == "pretend" else 0
    ends = len(right) - 2

    assert longer(refused(name, changed(right, ends)), refused(name, changed(right, begins))) in FAIR


@pytest.mark.alone
def test_a_comparison_that_stops_early_is_seen() -> None:
    def stops_early(given: bytes, expected: bytes) -> bool:
        return all(one == other for one, other in zip(given, expected, strict=True))

    right = b"a" * 64

    found = longer(lambda: stops_early(b"a" * 63 + b"b", right), lambda: stops_early(b"b" + b"a" * 63, right))

    assert found not in FAIR


@pytest.mark.parametrize("package", ["bots", "payments"])
def test_signatures_are_compared_by_compare_digest_on_bytes_alone(package: str) -> None:
    """The source gate: no == on what was computed from a secret, and compare_digest only of bytes."""
    wrong = []
    for file in sorted((HOUSE / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
            secret = names & {"expected", "signature", "sha256_mac", "hmac"}
            if isinstance(node, ast.Compare) and secret and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                wrong.append(f"{file.relative_to(HOUSE)}:{node.lineno}")

    assert wrong == []
    with pytest.raises(TypeError):
        hmac.compare_digest("é", "é")  # why bytes: of text it takes ASCII only


def test_the_sdk_compares_stripes_signatures_so_too() -> None:
    verify = inspect.getsource(stripe.WebhookSignature.verify_header)

    assert "secure_compare" in verify
    assert "compare_digest" in inspect.getsource(stripe._util.secure_compare)
