"""What people do: what is asked of them, something else, the same twice, or what is none of their business."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from conversations import render
from conversations.flow import Flow
from conversations.messages import (
    Arrived,
    Content,
    File,
    Form,
    FormField,
    FormSheet,
    Left,
    OpenedHome,
    Other,
    Press,
    Text,
)
from conversations.router import FLOWS
from engine import codes, limits
from simulator import words
from simulator.people import Person, Seen

if TYPE_CHECKING:  # a play is acted by these
    from simulator.play import Play

STANDS = (
    "SELECT c.flow, c.answers, c.missed FROM conversations c JOIN addresses a ON a.user_id = c.user_id "
    "WHERE a.platform = '{}' AND a.outside_id = '{}'"
)
MENU = ("/menu", "/mine", "/mine", "/find", "/find", "/money", "/help", "/why", "/back", "/stop", "/restart")
WAYS_OUT = ("refuse_terms", "refuse_end", "cancel_contract", "extend", "end")
WITH_CODE = tuple(flow for flow in FLOWS if flow.takes and not flow.operator)
# What stands below everything, and leads away from what is under way.
DULL = {
    render.line(language, f"{flow}.menu", {})
    for language in render.LANGUAGES
    for flow in ("post_job", "find_work", "home", "mine", "money", "help", "why")
}
PRIMARY = 0.75
MAIN = 0.9
IMPATIENT = 0.1
FLOOD = limits.MESSAGES.most + 10
OTHERS = 0.92


def somebody(play: "Play") -> Person:
    """Mostly not an operator: they have moves of their own."""
    present = [person for person in play.people if not person.left] or play.people
    others = [person for person in present if not person.operator] or present
    return play.dice.choice(others if play.dice.random() < OTHERS else present)


@dataclass(frozen=True)
class Standing:
    """Where a person's conversation stands: the flow under way, and its question that waits for words."""

    flow: str = ""
    asked: str = ""


def standing(play: "Play", person: Person) -> Standing:
    """They would see it on their screen; here it is looked up."""
    found = play.place.ask(STANDS.format(person.platform, person.outside_id))
    if not found:
        return Standing()
    flow, answers, missed = found[0]
    if missed:
        play.met("form misread" if person.misfilled else "words misread")
    keys = words.ASKED.get(flow, ())
    return Standing(flow, next((key for key in keys if f'"{key}"' not in answers), ""))


def sensible(play: "Play") -> None:
    person = somebody(play)
    if person.waits and play.dice.random() > IMPATIENT:
        return
    person.waits = True
    newest = person.newest
    if newest is None:
        play.say(person, Arrived())
    elif newest.form:
        filled(play, person, newest.form)
    else:
        at = standing(play, person)
        if at.flow:
            reply(play, person, at)
        else:
            begin_something(play, person)


def reply(play: "Play", person: Person, at: Standing) -> None:
    """The main button, a day, the words that are wanted, or one of the choices."""
    put = next((seen for seen in reversed(person.seen) if seen.message.quick), None)
    main = [button for button in put.message.quick if button.style == "primary"] if put else []
    if main and play.dice.random() < MAIN:
        play.say(person, Press(main[0].handle))
    elif put and put.picker and play.dice.random() < PRIMARY:
        play.say(person, Press(put.picker.handle, some_day(play)))
    elif at.asked and (not put or len(put.message.quick) < 4):
        play.say(person, Text(words.some(play.dice, person.language, at.asked)))
    elif put:
        # The last one or two are back and stop.
        choices = put.message.quick[:-2] if play.dice.random() < MAIN else put.message.quick
        play.say(person, Press(play.dice.choice(choices or put.message.quick).handle))
    else:
        play.say(person, Text("/stop"))


def some_day(play: "Play") -> str:
    return (play.now + timedelta(days=play.dice.randrange(1, 30))).date().isoformat()


def begin_something(play: "Play", person: Person) -> None:
    """What waits for them in what they were shown lately; else a look at what there is to do."""
    lately = [button for seen in person.seen[-6:] for button in seen.cards if button.handle]
    waiting = [button for button in lately if button.style == "primary" and button.label not in DULL]
    others = [button for button in lately if button.label not in DULL]
    luck = play.dice.random()
    if waiting and luck < PRIMARY:
        play.say(person, Press(play.dice.choice(waiting).handle))
    elif others and luck < MAIN:
        play.say(person, Press(play.dice.choice(others).handle))
    elif luck > 0.9 and not person.worker:
        play.say(person, Text(words.some(play.dice, person.language, "posts")))
    else:
        play.say(person, Text("/find" if person.worker and luck > 0.3 else "/mine"))


def press_one_of(play: "Play", person: Person, seen: Seen) -> None:
    """`primary` buttons are the likely ones; pages are opened elsewhere."""
    primary = [button for button in seen.buttons if button.style == "primary"]
    chosen = primary if primary and play.dice.random() < PRIMARY else seen.buttons
    if chosen:
        play.say(person, Press(play.dice.choice(chosen).handle))


def press_something(play: "Play") -> None:
    person = somebody(play)
    lately = [seen for seen in person.seen[-6:] if seen.buttons]
    if lately:
        press_one_of(play, person, play.dice.choice(lately))


def post_job(play: "Play") -> None:
    person = somebody(play)
    kind = "doubtful" if play.dice.random() < 0.2 else "posts"
    play.say(person, Text(words.some(play.dice, person.language, kind)))


def menu_word(play: "Play") -> None:
    play.say(somebody(play), Text(play.dice.choice(MENU)))


def tap_twice(play: "Play") -> None:
    person = somebody(play)
    found = next(person.buttons(), None)
    if found:
        play.say(person, Press(found.handle))
        play.say(person, Press(found.handle))


def press_old(play: "Play") -> None:
    person = somebody(play)
    old = [button for seen in person.seen[:-3] for button in seen.buttons]
    if old:
        play.say(person, Press(play.dice.choice(old).handle))


def press_others(play: "Play") -> None:
    person, other = somebody(play), somebody(play)
    handles = [button.handle for button in other.buttons()] or ["A" * 22]
    if person is not other:
        play.say(person, Press(play.dice.choice(handles)))


def any_code(play: "Play", person: Person | None = None) -> str:
    """Mostly one this person was shown; also somebody else's."""
    own = person.codes if person and play.dice.random() < PRIMARY else []
    known = own or [code for each in play.people for code in each.codes]
    return play.dice.choice(known) if known else codes.code("job", 1)


def about(play: "Play", flows: tuple[Flow, ...], code: str) -> str:
    """A command that takes this code, or, seldom, one that does not."""
    fitting = [flow for flow in flows if flow.takes and codes.LETTERS.get(flow.takes[0]) == code[0]]
    flow = play.dice.choice(fitting if fitting and play.dice.random() < MAIN else flows)
    return f"/{flow.command} {code}"


def command(play: "Play") -> None:
    """Also with the code of somebody else's contract, or of something else."""
    person = somebody(play)
    play.say(person, Text(about(play, WITH_CODE, any_code(play, person))))


def change_mind(play: "Play") -> None:
    """The ways out of a deal, which nobody's main button leads to."""
    person = somebody(play)
    own = [code for code in person.codes if code[0] == "C"]
    if own:
        play.say(person, Text(f"/{play.dice.choice(WAYS_OUT)} {own[-1]}"))


def nonsense(play: "Play") -> None:
    person = somebody(play)
    play.say(person, Text(words.some(play.dice, person.language, "nonsense")))


def flood(play: "Play") -> None:
    """More than a minute's worth, pasted at once; also a guesser's way."""
    person = somebody(play)
    for number in range(FLOOD):
        play.say(person, Press(f"guessed-{play.step}-{number}") if number % 2 else Text("?"))


def send_file(play: "Play") -> None:
    play.say(somebody(play), File("logo.png", f"file-{play.step}", size=7))


def fill_form(play: "Play") -> None:
    submitted(play, wrong=False)


def misfill_form(play: "Play") -> None:
    submitted(play, wrong=True)


def submitted(play: "Play", *, wrong: bool) -> None:
    """Whoever has a form open sends it in."""
    for person in play.people:
        form = next((seen.form for seen in reversed(person.seen[-4:]) if seen.form), None)
        if form:
            person.misfilled = wrong
            values = {field.key: "" if wrong else value(play, person, field) for field in form.fields}
            play.say(person, Form(form.handle, values))
            return


def filled(play: "Play", person: Person, form: FormSheet) -> None:
    play.say(person, Form(form.handle, {field.key: value(play, person, field) for field in form.fields}))


def value(play: "Play", person: Person, field: FormField) -> str:
    if field.options:
        return play.dice.choice(field.options)[0]
    if field.kind == "day":
        return some_day(play)
    return field.value or words.some(play.dice, person.language, field.key)


def open_home(play: "Play") -> None:
    play.say(somebody(play), OpenedHome())


def follow_link(play: "Play") -> None:
    play.say(somebody(play), Arrived(any_code(play)))


def sticker(play: "Play") -> None:
    play.say(somebody(play), Other("sticker"))


def something(play: "Play", person: Person) -> Content:
    found = next(person.buttons(), None)
    return Press(found.handle) if found and play.dice.random() < 0.5 else Text(play.dice.choice(MENU))


def in_group(play: "Play") -> None:
    person = somebody(play)
    play.say(person, something(play, person), direct=False)


def quoting(play: "Play") -> None:
    person = somebody(play)
    play.say(person, Text(play.dice.choice((*MENU, "/queue"))), quoting=True)


def leave(play: "Play") -> None:
    person = somebody(play)
    person.left = True
    play.say(person, Left())


def come_back(play: "Play") -> None:
    for person in play.people:
        if person.left:
            person.left = False
            play.say(person, Arrived())
            return


def leave_for_good(play: "Play") -> None:
    """Who says anything after that is somebody new."""
    person = somebody(play)
    if not person.operator:
        play.say(person, Text("/delete_me"))
