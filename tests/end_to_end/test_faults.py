"""Platforms that stumble: nothing is lost, nothing is said twice where the platform allows to tell, order is kept."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import demo
import headless
from playground.emulator import Emulator, Person
from playground.exchange import Call
from playground.phone import Phone
from playground.screen import Bubble
from playground.story import answered, lines, says, taps, until, wants, word
from storage.check import check

pytestmark = pytest.mark.xdist_group("faults")

PLATFORMS = ("line", "slack", "telegram")
OPERATOR = Person("telegram", "700999", "高橋葵", "ja")
MESSAGES = 6
SENDS = ("/message/reply", "/message/push", "chat.postMessage", "sendMessage")


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[demo.Playground]:
    """One server for all: each test has a person of its own."""
    folder: Path = tmp_path_factory.mktemp("faults")
    with demo.running(demo.free_port(), f"sqlite:///{folder / 'arigato.db'}", (OPERATOR,)) as running:
        yield running
        headless.settle(running)
        with running.house.database.connect() as connection:
            assert check(connection) == []


@pytest.fixture(params=PLATFORMS)
def emulator(request: pytest.FixtureRequest, playground: demo.Playground) -> Iterator[Emulator]:
    chosen = playground.emulators[request.param]
    yield chosen
    chosen.faults.clear()


NUMBERS = iter(range(1, 1000))


def newcomer(emulator: Emulator) -> Phone:
    """Somebody new, welcomed."""
    person = Person(emulator.platform, headless.invented(emulator.platform, next(NUMBERS)), "佐藤花子", "ja")
    phone = emulator.phone(person)
    phone.follows()
    answered(phone)
    return phone


def told(phone: Phone) -> list[Bubble]:
    return [bubble for bubble in phone.screen().bubbles if not bubble.mine]


def sends(emulator: Emulator) -> list[Call]:
    return [call for call in list(emulator.calls) if call.method.endswith(SENDS)]


def ask_for_jobs(phone: Phone) -> list[str]:
    """Numbers of jobs that are not there: each is answered with its own number."""
    numbers = [f"J-{'0' * 6}{number}" for number in range(1, MESSAGES + 1)]
    for number in numbers:
        phone.says(f"/view {number}")
    return numbers


def test_event_that_comes_twice_is_answered_once(playground: demo.Playground, emulator: Emulator) -> None:
    phone = newcomer(emulator)
    emulator.faults["duplicate"] = True

    says(phone, lines(phone)["sentence"])
    headless.settle(playground)

    assert len([bubble for bubble in told(phone) if "30,000" in bubble.text]) == 1


@pytest.mark.parametrize("fault", [{"status": 429, "retry_after": 1}, {"status": 500}], ids=["429", "500"])
def test_messages_arrive_in_order_when_the_platform_refuses_some(
    playground: demo.Playground, emulator: Emulator, fault: dict[str, int]
) -> None:
    phone = newcomer(emulator)
    before = len(told(phone))
    emulator.faults.update(fault, times=2)

    questions = step_by_step(phone)
    headless.settle(playground)

    assert [bubble.text for bubble in told(phone)[before:]] == questions
    assert emulator.faults["times"] == 0


def step_by_step(phone: Phone) -> list[str]:
    """Says one thing after the other, each when the last is answered, and gives back what was answered."""
    heard = []
    for words in ("ヘルプ", lines(phone)["sentence"], "やめる"):
        seen = len(told(phone))
        phone.says(words)
        until(lambda seen=seen: len(told(phone)) > seen, lambda: AssertionError(f"no answer on {phone.person.platform}"))
        heard.append(told(phone)[-1].text)
    return heard
