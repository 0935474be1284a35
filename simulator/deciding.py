"""What operators decide, and what people pay."""

from typing import TYPE_CHECKING

import reconciler
from conversations.messages import Text
from conversations.router import FLOWS
from engine import codes
from simulator import words
from simulator.acting import PRIMARY, about, press_one_of, reply, somebody, standing
from simulator.faults import Broken
from simulator.people import Person

if TYPE_CHECKING:  # a play is acted by these
    from simulator.play import Play

OF_OPERATORS = tuple(flow for flow in FLOWS if flow.operator)


def operator(play: "Play") -> Person:
    return play.dice.choice([person for person in play.people if person.operator])


def operators_command(play: "Play") -> None:
    """By an operator, or by somebody who would like to be one."""
    person = operator(play) if play.dice.random() < PRIMARY else somebody(play)
    code = play.dice.choice([code for each in play.people for code in each.codes if code[0] == "J"] or ["J-1"])
    reason = words.some(play.dice, person.language, "reason") if play.dice.random() < PRIMARY else ""
    play.say(person, Text(f"{about(play, OF_OPERATORS, code)} {reason}"))


def queue(play: "Play") -> None:
    person = operator(play)
    at = standing(play, person)
    lately = [seen for seen in person.seen[-2:] if seen.buttons]
    if at.flow:
        reply(play, person, at)
    elif lately and play.dice.random() < PRIMARY:
        press_one_of(play, person, lately[-1])
    else:
        play.say(person, Text(play.dice.choice(("/queue", "/queue", "/figures"))))


def user_code(play: "Play") -> str:
    return codes.code("user", play.dice.randrange(1, 2 * len(play.people)))


def resume_payouts(play: "Play") -> None:
    play.say(operator(play), Text(f"/resume_payouts {user_code(play)}"))


def suspend(play: "Play") -> None:
    play.say(operator(play), Text(f"/suspend {user_code(play)} spam"))


def restore(play: "Play") -> None:
    [[suspended]] = play.place.ask("SELECT MIN(id) FROM users WHERE stage = 'suspended'")
    if suspended:
        play.say(operator(play), Text(f"/restore {codes.code('user', suspended)} mended"))


def see_to_refund(play: "Play") -> None:
    """Have it tried again, or say that it was given back by hand."""
    owed = play.place.ask("SELECT id FROM refunds WHERE stage = 'owed' ORDER BY id LIMIT 1")
    for (refund,) in owed:
        command = play.dice.choice(("/retry_refund", "/settle_refund", "/settle_refund", "/refunds"))
        play.say(operator(play), Text(f"{command} {codes.code('refund', refund)}"))


def erase(play: "Play") -> None:
    play.say(operator(play), Text(f"/erase {user_code(play)}"))


# -- money


def open_page(play: "Play") -> int:
    """A payment whose page somebody has been shown; 0 if there is none."""
    pages = [page for person in play.people for seen in person.seen for page in seen.pages if "/pay/" in page]
    found = int(play.dice.choice(pages).rsplit("/", 1)[-1]) if pages else 0
    return found if found in play.bank.pages else 0


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


# -- payers' banks


def take_back(play: "Play") -> None:
    known = {payment for (payment,) in play.place.ask("SELECT id FROM payments")}
    taken = {name.removeprefix("of-") for name in play.bank.chargebacks}
    left = [event for payment, _, event in play.bank.captured if payment in known and event not in taken]
    if left:
        play.bank.take_back(play.dice.choice(left))


def decide_chargeback(play: "Play") -> bool:
    """False if there is none that waits."""
    waiting = [name for name, each in play.bank.chargebacks.items() if each.outcome == "open"]
    if waiting:
        outcome = play.dice.choice(("won", "lost"))
        play.bank.decide(waiting[0], outcome)
        play.met(f"chargeback {outcome}")
    return bool(waiting)


def book_loss(play: "Play") -> bool:
    """Whoever has the machine says that it is ours, of the first that is lost, or of what is no loss. False if there
    is none."""
    lost = play.place.ask(
        "SELECT id, kind FROM exceptions WHERE cleared_at IS NULL ORDER BY kind = 'lost' DESC, id LIMIT 1"
    )
    for number, kind in lost:
        play.operations += 1
        reconciler.hand_over(play.house, number, "whoever has the machine")
        if reconciler.book_loss(play.house, number):
            play.met("chargeback booked as a loss")
            if kind != "lost":
                raise Broken("M15", f"exception {number} is {kind}, and was booked as a loss")
    return any(kind == "lost" for _, kind in lost)
