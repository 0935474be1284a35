"""A transcript: a conversation written down in Markdown, that can be held again with the real talk on a real store.

Lines of people begin with "> "; everything else is the bot's and is written anew by `pytest --update`.

    # language: ja                       header: language, operators (names), people (alias=platform:shown name)
    ## a heading                         a scene of its own, with a fresh database
    > words                              the first person says this
    > **name**: words                    somebody else does
    > [label]                            presses the button that was last shown with this label
    > [label] (older)                    presses the one shown before that
    > (form) key=value; key=value        sends in the form that was last opened
    > (pick) 2026-07-24                  sets the date picker that was last shown
    > (file) logo.png                    sends a file
    > (open) J-0000000                   follows a deep link; without a number: presses Start
    > (home)                             opens the App Home
    > (leave)                            blocks the bot
    > (sticker)                          sends something that has no words
    > (clock) +3 days                    time passes; what comes due on the way happens
    > (outage) +2 days                   we are down so long; then the deadlines are moved on
    > (money) arrives 30000              the provider says so; also: opens, makes_no_page, confirms, refuses,
                                       refunds, refunds_not (the refund asked for last)
    > (alarm) not_found                  the same was refused more often than the limit
    > (code)                           types the link code that was told last
    > (given) accepted                   the story so far, unseen, up to this stage: see given.py
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conversations.messages import (
    Arrived,
    Button,
    Content,
    Field,
    Form,
    Left,
    Message,
    OpenedHome,
    Other,
    Outgoing,
    Press,
    Text,
)
from tests.conversations.stage import Person, Stage

# Wednesday, 15 July 2026, 10:00 in Tokyo.
START = datetime(2026, 7, 15, 1, 0, tzinfo=UTC)
FIRST = {"ja": "花子", "en": "Hanako"}
SPOKEN = re.compile(r"(?:\*\*(?P<who>[^*]+)\*\*: ?)?(?P<said>.*)", re.DOTALL)
PRESSED = re.compile(r"\[(?P<label>.+)\](?P<older> \(older\))?")
ACTED = re.compile(r"\((?P<act>[a-z]+)\) ?(?P<rest>.*)", re.DOTALL)
# A code is told once and made by chance; it is written down as this one.
CODE = re.compile(r"\b[0-9A-Y]{4}-[0-9A-Y]{4}-[0-9A-Y]{4}\b")
SHOWN = "7K2M-4QXR-9TVW"
PASSED = re.compile(r"\+(?P<count>\d+) (?P<unit>minute|hour|day)s?")


@dataclass
class Phone:
    """What one person has seen: the buttons, newest last, and the form and picker that are open."""

    person: Person
    buttons: list[Button] = field(default_factory=list)
    form: str = ""
    picker: str = ""

    def sees(self, outgoing: Outgoing) -> None:
        message = outgoing.message
        shown = [*message.buttons, *(button for item in message.items for button in item.buttons), *message.quick]
        self.buttons += [button for button in shown if button.handle]
        if outgoing.form:
            self.form = outgoing.form.handle
        if message.picker:
            self.picker = message.picker.handle

    def find(self, label: str, *, older: bool) -> Press:
        found = [button.handle for button in self.buttons if button.label == label]
        assert len(found) > older, f"{self.person.name} has no button [{label}]"
        return Press(found[-1 - older])


@dataclass
class Scene:
    """One heading's worth of talk."""

    language: str
    stage: Stage
    phones: dict[str, Phone]
    code: str = ""

    def phone(self, alias: str) -> Phone:
        if alias not in self.phones:
            self.phones[alias] = Phone(Person(alias, "line", f"id-{len(self.phones) + 1}", self.language))
        return self.phones[alias]

    def hold(self, line: str) -> str:
        """What follows from one line, as Markdown."""
        spoken = SPOKEN.fullmatch(line)
        assert spoken, "every line can be said"
        who = spoken["who"] or next(iter(self.phones))
        act = ACTED.fullmatch(spoken["said"])
        if act and act["act"] == "clock":
            self.stage.pass_time(duration(act["rest"]))
        elif act and act["act"] == "outage":
            self.stage.be_down(duration(act["rest"]))
        elif act and act["act"] == "money":
            self.stage.money(act["rest"])
        elif act and act["act"] == "alarm":
            self.stage.alarm(act["rest"])
        elif act and act["act"] == "given":
            self.stage.given(act["rest"], [phone.person for phone in self.phones.values()])
            self.stage.outgoing()
            return ""
        else:
            phone = self.phone(who)
            sent = act and act["act"] == "file"
            said = spoken["said"].replace("(code)", self.code)
            told = self.stage.keep_file(act["rest"]) if act and sent else content(phone, said)
            self.stage.hear(phone.person, told)
        return "\n\n".join(self.shown(outgoing) for outgoing in self.stage.outgoing())

    def shown(self, outgoing: Outgoing) -> str:
        alias, phone = next(
            (alias, phone)
            for alias, phone in self.phones.items()
            if (phone.person.platform, phone.person.outside_id) == (outgoing.to.platform, outgoing.to.outside_id)
        )
        phone.sees(outgoing)
        surface = "" if outgoing.surface == "chat" else f" ({outgoing.surface})"
        text = drawn(outgoing)
        found = [code for code in CODE.findall(text) if code != SHOWN]
        self.code = found[-1] if found else self.code
        return f"**→ {alias}**{surface}\n{CODE.sub(SHOWN, text)}".rstrip()


def duration(words: str) -> timedelta:
    found = PASSED.fullmatch(words)
    assert found, f"how long is {words!r}?"
    return timedelta(**{f"{found['unit']}s": int(found["count"])})


def content(phone: Phone, said: str) -> Content:
    pressed = PRESSED.fullmatch(said)
    if pressed:
        return phone.find(pressed["label"], older=bool(pressed["older"]))
    act = ACTED.fullmatch(said)
    if act is None:
        return Text(said.replace("\\n", "\n"))
    rest = act["rest"]
    match act["act"]:
        case "form":
            pairs = (pair.partition("=") for pair in rest.split("; "))
            return Form(phone.form, {key: value for key, _, value in pairs})
        case "pick":
            return Press(phone.picker, rest)
        case "open":
            return Arrived(rest)
        case "home":
            return OpenedHome()
        case "leave":
            return Left()
        case "sticker":
            return Other("sticker")
    raise AssertionError(f"nobody can ({act['act']})")


def drawn(outgoing: Outgoing) -> str:
    """Everything a person can read and press, in the order it stands on the screen."""
    rows = [*card(outgoing.message.title, outgoing.message.fields, outgoing.message.text)]
    for item in outgoing.message.items:
        rows += ["", *card(item.title, item.fields, item.text), *pressable(item.buttons)]
    rows += [*pressable(outgoing.message.buttons), *picker(outgoing.message), *pressable(outgoing.message.quick)]
    if outgoing.form:
        form = outgoing.form
        rows += [f"### {form.title}", *([form.text] if form.text else [])]
        rows += [f"- {each.label}: {each.value}".rstrip() for each in form.fields]
        rows += [f"**[{form.submit}]** [{form.cancel}]"]
    return "\n".join(rows).strip("\n")


def card(title: str, fields: tuple[Field, ...], text: str) -> list[str]:
    lines = ("  \n  ".join(each.value.split("\n")) for each in fields)
    values = [f"- {each.label}: {line}" for each, line in zip(fields, lines, strict=True)]
    return [*([f"### {title}"] if title else []), *values, *(text.split("\n") if text else [])]


def pressable(buttons: tuple[Button, ...]) -> list[str]:
    marks = {"primary": "**[{}]**", "danger": "*[{}]*", "": "[{}]"}
    drawn_ones = [marks[button.style].format(button.label) + ("(page)" if button.url else "") for button in buttons]
    return [" ".join(drawn_ones)] if drawn_ones else []


def picker(message: Message) -> list[str]:
    return [f"[{message.picker.label}](picker)"] if message.picker else []


def held(path: Path) -> str:
    """The whole transcript as it is when it is held now."""
    lines = path.read_text().split("\n")
    header = dict(re.findall(r"^# (\w+): (.+)$", "\n".join(lines), re.MULTILINE))
    language = header.get("language", path.parent.name)
    result = [line for line in lines if re.match(r"# \w+: ", line)]
    scene = opened(header, language)
    try:
        for line in lines:
            if line.startswith("## "):
                scene.stage.close()
                scene = opened(header, language)
                result += ["", line]
            elif line.startswith("> "):
                answer = scene.hold(line.removeprefix("> "))
                result += ["", line, *(["", answer] if answer else [])]
    finally:
        scene.stage.close()
    return "\n".join(result).strip("\n") + "\n"


def opened(header: dict[str, str], language: str) -> Scene:
    phones: dict[str, Phone] = {}
    for number, each in enumerate(header.get("people", FIRST[language]).split(", "), start=1):
        alias, _, place = each.partition("=")
        platform, _, name = place.partition(":")
        phones[alias] = Phone(Person(name or alias, platform or "line", f"id-{number}", language))
    operators = {phones[alias].person for alias in header.get("operators", "").split(", ") if alias}
    return Scene(language, Stage(START, operators), phones)
