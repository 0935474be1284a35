"""The inspector's timeline and the tour, without a page around them."""

import threading
from typing import Any

import pytest

from playground.inspector import Step, Timeline
from playground.tour import Scene, Standing, Tour

WEBHOOK: dict[str, Any] = {"platform": "line", "at": 10.0, "status": 200, "body": {"events": [{"type": "message"}]}}
CALL: dict[str, Any] = {"platform": "line", "at": 10.4, "status": 200, "method": "reply", "problems": []}


def step(number: int, kind: str, second: float) -> Step:
    return Step(number, f"1970-01-01T00:00:{second:09.6f}+00:00", kind, f"{kind} {number}", {})


def kinds(timeline: Timeline) -> list[list[str]]:
    return [[entry.kind for entry in turn.entries] for turn in timeline.turns()]


def test_turn_goes_from_webhook_to_call_by_time() -> None:
    timeline = Timeline(lambda since: [step(1, "command", 10.2), step(2, "transfer", 10.3)][since:])
    timeline.report("call", CALL)
    timeline.report("webhook", WEBHOOK)

    assert kinds(timeline) == [["webhook", "command", "transfer", "call"]]


def test_newest_turn_comes_first_and_nothing_is_read_twice() -> None:
    steps = [step(1, "command", 10.2)]
    timeline = Timeline(lambda since: [one for one in steps if one.id > since])
    timeline.report("webhook", WEBHOOK)
    timeline.turns()
    steps += [step(2, "command", 5), step(3, "stage", 6)]

    assert kinds(timeline) == [["command", "stage"], ["webhook", "command"]]
    assert kinds(timeline) == [["command", "stage"], ["webhook", "command"]]


def test_echo_of_the_bot_begins_no_turn_of_its_own() -> None:
    timeline = Timeline(lambda _: [])
    timeline.report("webhook", WEBHOOK)
    echo = {"type": "event_callback", "event": {"type": "message", "bot_id": "B1"}}
    timeline.report("webhook", {**WEBHOOK, "at": 11.0, "platform": "slack", "body": echo})

    assert kinds(timeline) == [["webhook", "webhook"]]


def test_transfer_says_what_the_escrow_holds_after_it() -> None:
    def moved(number: int, source: str, target: str, amount: int) -> Step:
        raw = {"source": source, "target": target, "amount": amount}
        return Step(number, f"1970-01-01T00:00:0{number}+00:00", "transfer", f"{source} → {target} {amount}", raw)

    steps = [moved(1, "outside:pretend", "escrow:7", 28_000), moved(2, "escrow:7", "earnings:8", 21_840)]
    timeline = Timeline(lambda since: steps[since:])

    assert [entry.summary for entry in timeline.turns()[0].entries] == [
        "outside:pretend → escrow:7 28000 · escrow:7 = 28,000",
        "escrow:7 → earnings:8 21840 · escrow:7 = 6,160",
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"events": [{"type": "follow"}, {"type": "message"}, {"type": "follow"}]}, "follow, message"),
        ({"type": "event_callback", "event": {"type": "app_home_opened"}}, "app_home_opened"),
        ({"type": "block_actions"}, "block_actions"),
        ({"command": "/arigato", "text": "x"}, "/arigato"),
        ({"update_id": 1, "callback_query": {}}, "callback_query"),
        ("?", "webhook"),
    ],
)
def test_webhook_is_named_by_what_came_in(body: Any, words: str) -> None:
    timeline = Timeline(lambda _: [])

    timeline.report("webhook", {**WEBHOOK, "body": body})

    assert timeline.turns()[0].entries[0].summary == words


@pytest.mark.parametrize(
    ("details", "troubles"),
    [
        ({**CALL, "problems": ["text: too long"]}, ("text: too long",)),
        ({**CALL, "status": 429}, ("HTTP 429",)),
        ({**CALL, "status": 0}, ("HTTP 0",)),
        (CALL, ()),
    ],
)
def test_what_went_wrong_stands_beside_the_call(details: dict[str, Any], troubles: tuple[str, ...]) -> None:
    timeline = Timeline(lambda _: [])

    timeline.report("call", details)

    assert timeline.turns()[0].entries[0].troubles == troubles


def test_long_poll_without_news_is_left_out() -> None:
    timeline = Timeline(lambda _: [])

    timeline.report("call", {**CALL, "method": "getUpdates", "answer": {"ok": True, "result": []}})
    timeline.report("call", {**CALL, "method": "getUpdates", "answer": {"ok": True, "result": [{"update_id": 1}]}})

    assert kinds(timeline) == [["call"]]


def test_second_press_while_a_scene_is_played_plays_nothing() -> None:
    begun, go_on, played = threading.Event(), threading.Event(), []

    def act() -> None:
        begun.set()
        played.append("scene")
        assert go_on.wait(5)

    tour = Tour((Scene("one", {}, act), Scene("two", {}, act)), lambda: None)
    first = threading.Thread(target=tour.play)
    first.start()
    assert begun.wait(5)

    second = tour.play()
    go_on.set()
    first.join(5)

    assert (second, played, tour.standing()) == (False, ["scene"], Standing(1, playing=False, trouble=""))


def test_scene_that_fails_can_be_tried_again() -> None:
    rung: list[bool] = []
    troubles = [ValueError("no such button\nand the whole screen below")]

    def act() -> None:
        if troubles:
            raise troubles.pop()

    tour = Tour((Scene("one", {}, act),), lambda: rung.append(tour.standing().playing))
    with pytest.raises(ValueError, match="no such button"):
        tour.play()
    failed = tour.standing()

    assert failed == Standing(0, playing=False, trouble="no such button")
    assert (tour.play(), tour.play()) == (True, False)
    assert rung == [True, False, True, False]
