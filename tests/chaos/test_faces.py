"""What a chat was shown is held against the outbox: nothing missing, nothing twice, nothing out of order."""

from pathlib import Path

import pytest

from chaos import faces, plan
from chaos.faces import Group
from chaos.journal import Journal

LINE, SLACK = ("line", "Uhanako"), ("slack", "U8MAI")


def group(face: str, first: int, attempts: int = 1) -> Group:
    return Group(face, first, sent=1, attempts=attempts, passing=False)


def found(folder: Path, chat: tuple[str, str], groups: list[Group], *seen: tuple[str, str]) -> list[str]:
    drawn = plan.drawn_up(1, 1, 1, 1, folder, "")
    journal = Journal(drawn.journal("platforms"))
    for kind, face in seen:
        journal.note(kind, platform=chat[0], chat=chat[1], face=face, by=0.5)
    return [rule for rule, _ in faces.judged(drawn, {chat: groups})]


def test_everything_once_and_in_order_is_right(tmp_path: Path) -> None:
    assert found(tmp_path, LINE, [group("a", 1), group("b", 2)], ("shown", "a"), ("shown", "b")) == []


def test_a_copy_after_an_unclear_attempt_is_right_on_slack(tmp_path: Path) -> None:
    assert found(tmp_path, SLACK, [group("a", 1, attempts=2)], ("shown", "a"), ("shown", "a")) == []


@pytest.mark.parametrize(
    ("chat", "attempts", "seen", "rules"),
    [
        (LINE, 2, [("shown", "a"), ("shown", "a"), ("shown", "b")], ["D6"]),  # LINE knows the key
        (SLACK, 1, [("shown", "a"), ("shown", "a"), ("shown", "b")], ["D6"]),  # two requests for one attempt
        (SLACK, 1, [("shown", "b"), ("shown", "a")], ["D6", "D6"]),  # overtaken, and so never shown in its place
        (SLACK, 1, [("shown", "a")], ["D6"]),  # said to be sent, never shown
        (SLACK, 1, [("shown", "a"), ("shown", "b"), ("shown", "c")], ["D6"]),  # nobody has written that
        (SLACK, 2, [("refused", "a"), ("early", "a"), ("shown", "a"), ("shown", "b")], ["D7"]),  # not awaited
    ],
)
def test_what_is_wrong_is_found(
    tmp_path: Path, chat: tuple[str, str], attempts: int, seen: list[tuple[str, str]], rules: list[str]
) -> None:
    assert found(tmp_path, chat, [group("a", 1, attempts), group("b", 2)], *seen) == rules
