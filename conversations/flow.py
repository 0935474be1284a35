"""What a flow is made of. A flow is a generator: it asks, looks, and returns a command or something to show.

It is run anew from its first line over the stored answers each time a message comes (ADR 0002), so it must ask the
same questions for the same answers and do nothing else."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from conversations.ports import Query
from engine.ports import Command

R = TypeVar("R")
Facts = Mapping[str, object]


@dataclass(frozen=True)
class Option:
    """A choice: the value that is stored, and the block of words that labels it."""

    value: Any
    words: str
    facts: Facts = field(default_factory=dict)
    style: str = ""


@dataclass(frozen=True)
class Start:
    """A button that begins a flow. Its label is the flow's own `menu` words, or another of its blocks."""

    flow: str
    args: Mapping[str, Any] = field(default_factory=dict)
    style: str = ""
    words: str = "menu"


@dataclass(frozen=True)
class Link:
    """A button that leads to a page."""

    url: str
    words: str
    style: str = "primary"


@dataclass(frozen=True)
class Question:
    """`kind` is a row of readers.py. Its words are the flow's block ask_<key>, the reason why_<key>."""

    key: str
    kind: str
    facts: Facts = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    optional: bool = False
    words: str = ""

    @property
    def stem(self) -> str:
        """The key without the round it is asked again in: price:2 is worded as price."""
        return self.key.split(":")[0]


@dataclass(frozen=True)
class Sheet:
    """Several questions that belong together: a form where the platform has forms, else one after the other."""

    questions: tuple[Question, ...]
    known: Mapping[str, Any]


@dataclass(frozen=True)
class Ask:
    question: Question
    sheet: Sheet | None = None


@dataclass(frozen=True)
class Look:
    query: Query[Any]


@dataclass(frozen=True)
class Entry:
    """One card of a list."""

    words: str
    facts: Facts = field(default_factory=dict)
    starts: tuple[Start, ...] = ()


@dataclass(frozen=True)
class Show:
    """The end of a flow that changes nothing: words, a list, buttons to go on with."""

    words: str
    facts: Facts = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    starts: tuple[Start, ...] = ()
    links: tuple[Link, ...] = ()
    about: str = ""  # whose data an operator is shown, for the audit log


Step = Ask | Look
Steps = Generator[Step, Any, R]
Flowing = Steps[Command | Show]


@dataclass(frozen=True)
class Begin:
    """What a flow is started with. `now` (UTC) is when it began, and stays so however often it is replayed."""

    user_id: int
    now: datetime
    args: Mapping[str, Any]


@dataclass(frozen=True)
class Flow:
    """`command` is the ASCII word that starts it (/post). `takes` names what may follow the word: "job", "user",
    "contract" read a code into job_id …, "rest" takes the remaining words. `operator` flows exist for operators only.
    `form` flows open as a form where the platform has forms."""

    name: str
    make: Callable[[Begin], Flowing]
    command: str
    takes: tuple[str, ...] = ()
    operator: bool = False
    form: bool = False


def look(query: Query[R]) -> Steps[R]:
    found: R = yield Look(query)
    return found


def ask(key: str, kind: str, **facts: object) -> Steps[Any]:
    reply = yield Ask(Question(key, kind, facts))
    return reply


def choose(key: str, *options: Option, **facts: object) -> Steps[Any]:
    reply = yield Ask(Question(key, "choice", facts, options))
    return reply


def confirm(key: str, words: str, value: Any, **facts: object) -> Steps[Any]:
    """One primary button and やめる: nothing irreversible goes without it. `value` is the version of what was shown
    (a hash, an amount); it comes back as it was then, and the rule compares it with what is so now."""
    seen = yield from choose(key, Option(value, words, facts, "primary"), **facts)
    return seen


def day(reply: str) -> date:
    """A day is stored as ISO text."""
    return date.fromisoformat(reply)


def fill(
    questions: tuple[Question, ...], known: Mapping[str, Any], card: Callable[[Mapping[str, Any]], Facts], go: str
) -> Steps[Mapping[str, Any]]:
    """Ask what is missing, show the card, change any field until it is right. `go` words the primary button and
    names the flow, whose blocks field_<key> label the fields."""
    answers: dict[str, Any] = dict(known)
    sheet = Sheet(questions, known)
    for question in questions:
        if question.key not in answers:
            answers[question.key] = yield Ask(question, sheet)
    flow, _, _ = go.partition(".")
    turn = 0
    while True:
        go_on = Option("go", go, style="primary")
        edit = Option("edit", "common.edit")
        choice = yield Ask(Question(f"card:{turn}", "choice", card(answers), (go_on, edit)))
        if choice == "go":
            return answers
        fields = tuple(Option(q.key, f"{flow}.field_{q.key}", q.facts) for q in questions)
        key = yield Ask(Question(f"field:{turn}", "choice", {}, fields))
        question = next(q for q in questions if q.key == key)
        answers[key] = yield Ask(replace(question, key=f"{key}:{turn + 1}"))
        turn += 1
