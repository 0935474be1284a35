"""What people do: what is asked of them, something else, the same twice, or what is none of their business."""

from typing import TYPE_CHECKING

from sqlalchemy import text

from conversations.messages import Arrived, Content, File, Form, FormField, Left, OpenedHome, Other, Press, Text
from conversations.router import FLOWS
from engine import codes
from simulator import words
from simulator.people import Person, Seen

if TYPE_CHECKING:  # a play is acted by these
    from simulator.play import Play

PENDING = text(
    "SELECT c.flow, c.answers, c.missed FROM conversations c JOIN addresses a ON a.user_id = c.user_id "
    "WHERE a.platform = :platform AND a.outside_id = :outside_id"
)
MENU = ("/menu", "/mine", "/mine", "/find", "/find", "/money", "/help", "/why", "/back", "/stop", "/restart")
SENSIBLE_MENU = ("/mine", "/mine", "/find", "/find", "/menu")
WITH_CODE = tuple(flow for flow in FLOWS if flow.takes and not flow.operator)
OF_OPERATORS = tuple(flow for flow in FLOWS if flow.operator)
PRIMARY = 0.75
STICK_TO_FEW = 0.6
FEW = 3


def somebody(play: "Play") -> Person:
    """Mostly the few who are in the middle of something, so that stories come to an end."""
    present = [person for person in play.people if not person.left] or play.people
    return play.dice.choice(present[-FEW:] if play.dice.random() < STICK_TO_FEW else present)


def pending(play: "Play", person: Person) -> str:
    """The question that is waiting for words of theirs, "" if none is."""
    with play.look() as connection:
        row = connection.execute(PENDING, {"platform": person.platform, "outside_id": person.outside_id}).one_or_none()
    if row and row.missed:
        play.met("form misread" if person.misfilled else "words misread")
    keys = words.ASKED.get(row.flow, ()) if row else ()
    return next((key for key in keys if f'"{key}"' not in row.answers), "") if row else ""


def sensible(play: "Play") -> None:
    person = somebody(play)
    newest = person.newest
    if newest is None:
        play.say(person, Arrived())
    elif newest.form:
        filled(play, person, newest.form.fields)
    else:
        answer(play, person, newest)


def answer(play: "Play", person: Person, newest: Seen) -> None:
    """Words where words are wanted, else a button, else a look at what there is to do."""
    asked = pending(play, person)
    stars = [button for button in newest.message.quick if button.style == "primary"]
    if newest.picker and play.dice.random() < PRIMARY:
        day = play.now.date().replace(day=28)
        play.say(person, Press(newest.picker.handle, day.isoformat()))
    elif asked and not stars and (len(newest.message.quick) < 4 or play.dice.random() < 0.3):
        play.say(person, Text(words.some(play.dice, person.language, asked)))
    elif newest.buttons:
        press_one_of(play, person, newest)
    else:
        play.say(person, Text(play.dice.choice(SENSIBLE_MENU)))


def press_one_of(play: "Play", person: Person, seen: Seen) -> None:
    primary = [button for button in seen.buttons if button.style == "primary"]
    chosen = play.dice.choice(primary if primary and play.dice.random() < PRIMARY else seen.buttons)
    play.say(person, Press(chosen.handle))


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


def any_code(play: "Play") -> str:
    known = [code for person in play.people for code in person.codes]
    return play.dice.choice(known) if known else codes.code("job", 1)


def command(play: "Play") -> None:
    """Also with the code of somebody else's contract, or of something else."""
    flow = play.dice.choice(WITH_CODE)
    play.say(somebody(play), Text(f"/{flow.command} {any_code(play)}"))


def operators_command(play: "Play") -> None:
    flow = play.dice.choice(OF_OPERATORS)
    play.say(somebody(play), Text(f"/{flow.command} {any_code(play)} {words.some(play.dice, 'en', 'reason')}"))


def nonsense(play: "Play") -> None:
    person = somebody(play)
    play.say(person, Text(words.some(play.dice, person.language, "nonsense")))


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


def filled(play: "Play", person: Person, fields: tuple[FormField, ...]) -> None:
    newest = person.newest
    assert newest, "somebody looks at a form"
    assert newest.form, "somebody looks at a form"
    play.say(person, Form(newest.form.handle, {field.key: value(play, person, field) for field in fields}))


def value(play: "Play", person: Person, field: FormField) -> str:
    if field.options:
        return play.dice.choice(field.options)[0]
    if field.kind == "day":
        return play.now.date().replace(day=28).isoformat()
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


# -- operators


def operator(play: "Play") -> Person:
    return play.dice.choice([person for person in play.people if person.operator])


def queue(play: "Play") -> None:
    person = operator(play)
    newest = person.newest
    if newest and newest.buttons and play.dice.random() < PRIMARY:
        answer(play, person, newest)
    else:
        play.say(person, Text(play.dice.choice(("/queue", "/queue", "/figures"))))


def user_code(play: "Play") -> str:
    return codes.code("user", play.dice.randrange(1, 2 * len(play.people)))


def suspend(play: "Play") -> None:
    play.say(operator(play), Text(f"/suspend {user_code(play)} spam"))


def restore(play: "Play") -> None:
    with play.look() as connection:
        suspended = connection.scalar(text("SELECT MIN(id) FROM users WHERE stage = 'suspended'"))
    if suspended:
        play.say(operator(play), Text(f"/restore {codes.code('user', suspended)} mended"))


# -- money


def open_page(play: "Play") -> int:
    """A payment whose page somebody has been shown; 0 if there is none."""
    pages = [page for person in play.people for seen in person.seen for page in seen.pages if "/pay/" in page]
    return int(play.dice.choice(pages).rsplit("/", 1)[-1]) if pages else 0


def pay(play: "Play") -> None:
    """Once, in time or long after."""
    payment = open_page(play)
    if payment and (all(paid != payment for paid, _, _ in play.bank.captured) or play.dice.random() < 0.02):
        play.bank.pay(payment, play.bank.pages[payment])


def pay_short(play: "Play") -> None:
    payment = open_page(play)
    if payment:
        play.bank.pay(payment, max(1, play.bank.pages[payment] - play.dice.choice((1, 10, 1_000))))


def pay_twice(play: "Play") -> None:
    payment = open_page(play)
    if payment:
        play.bank.pay(payment, play.bank.pages[payment])
        play.bank.pay(payment, play.bank.pages[payment])
