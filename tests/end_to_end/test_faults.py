"""Platforms that stumble: nothing is lost, nothing is said twice where the platform allows to tell, order is kept."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

import demo
import headless
from playground.emulator import Emulator, Person
from playground.hands import answered, says, until, word
from playground.phone import Phone
from playground.screen import Bubble
from playground.story import lines
from storage.check import check

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]

PLATFORMS = ("line", "slack", "telegram")
OPERATOR = Person("telegram", "700999", "高橋葵", "ja")
NUMBERS = count(1)


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
def emulator(request: pytest.FixtureRequest, playground: demo.Playground) -> Emulator:
    return playground.emulators[request.param]


@pytest.fixture(autouse=True)
def healed(playground: demo.Playground) -> Iterator[None]:
    yield
    for emulator in playground.emulators.values():
        emulator.faults.clear()
    headless.settle(playground)


def newcomer(playground: demo.Playground, emulator: Emulator) -> Phone:
    """Somebody new, welcomed; the platform's answer to it has come, too."""
    person = Person(emulator.platform, headless.invented(emulator.platform, next(NUMBERS)), "佐藤花子", "ja")
    phone = emulator.phone(person)
    phone.follows()
    answered(phone)
    headless.settle(playground)
    return phone


def told(phone: Phone) -> list[Bubble]:
    return [bubble for bubble in phone.screen().bubbles if not bubble.mine]


def conversation(playground: demo.Playground, phone: Phone) -> list[str]:
    """A job told bit by bit, without waiting for the questions; and what was answered to it."""
    before = len(told(phone))
    for words in (word(phone, "post_job.menu"), "店のロゴ", "3万円", "やめる"):
        phone.says(words)
    headless.settle(playground)
    return [bubble.text for bubble in told(phone)[before:]]


def test_event_that_comes_twice_is_answered_once(playground: demo.Playground, emulator: Emulator) -> None:
    phone = newcomer(playground, emulator)
    emulator.faults["duplicate"] = True

    says(phone, lines(phone)["sentence"])
    headless.settle(playground)

    assert len([bubble for bubble in told(phone) if "30,000" in bubble.text]) == 1


@pytest.mark.parametrize("fault", [{"status": 429, "retry_after": 1}, {"status": 500}], ids=["429", "500"])
def test_answers_keep_their_order_when_some_are_refused(
    playground: demo.Playground, emulator: Emulator, fault: dict[str, int]
) -> None:
    calm, troubled = newcomer(playground, emulator), newcomer(playground, emulator)
    expected = conversation(playground, calm)
    emulator.faults.update(fault, times=2)

    found = conversation(playground, troubled)

    assert emulator.faults["times"] == 0
    assert len(expected) == 4
    assert found == expected


def test_lost_answer_costs_no_message(playground: demo.Playground, emulator: Emulator) -> None:
    phone = newcomer(playground, emulator)
    before = len(told(phone))
    emulator.faults.update(lost=True, times=1)

    phone.says("ヘルプ")
    headless.settle(playground)

    # LINE's retry keys and reply tokens tell a second attempt from a second message; the others have nothing like it.
    copies = [bubble.text for bubble in told(phone)[before:]]
    assert len(copies) == 1 if emulator.platform == "line" else 1 <= len(copies) <= 2
    assert len(set(copies)) == 1


def test_two_messages_on_line_come_once_each_whatever_is_lost(playground: demo.Playground) -> None:
    emulator = playground.emulators["line"]
    phone = newcomer(playground, emulator)
    says(phone, lines(phone)["sentence"])
    headless.settle(playground)
    before = len(told(phone))
    emulator.faults.update(lost=True, times=1)

    # The reason goes out by reply token, whose answer is lost, and the card behind it by push.
    phone.says("なぜ？")
    headless.settle(playground)

    assert len(told(phone)) == before + 2


def test_person_who_blocked_the_bot_is_left_alone_and_heard_again(playground: demo.Playground) -> None:
    emulator = playground.emulators["telegram"]
    phone, other = newcomer(playground, emulator), newcomer(playground, emulator)
    emulator.faults["blocked"] = [phone.person.id]
    before = len(told(phone))

    phone.says("ヘルプ")
    headless.settle(playground)
    blocked = told(phone)[before:]
    says(other, "ヘルプ")
    emulator.faults.clear()
    says(phone, "ヘルプ")
    headless.settle(playground)

    assert blocked == []
    assert len(told(phone)) == before + 1


def test_form_that_comes_too_late_is_asked_in_the_chat(playground: demo.Playground) -> None:
    emulator = playground.emulators["slack"]
    phone, calm = newcomer(playground, emulator), newcomer(playground, playground.emulators["line"])
    says(calm, word(calm, "post_job.menu"))
    asked = told(calm)[-1].text
    # Slack's triggers are good for three seconds.
    emulator.faults["slow"] = 3.5

    phone.commands("/arigato post")
    until(lambda: any(c.method == "views.open" for c in emulator.calls), lambda: AssertionError("no form was tried"))
    emulator.faults.clear()
    phone.sees(asked.splitlines()[0])

    assert phone.screen().modal is None
