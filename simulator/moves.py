"""The moves: everything that may happen next, one row each. A new one is a function and a row here."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from simulator import acting, deciding, linking, restoring, system, taking_back

if TYPE_CHECKING:  # a play is moved by these
    from simulator.play import Play


@dataclass(frozen=True)
class Move:
    """`weight`: how often, beside the others. `steady` ones happen in every history; of the rest each seed leaves
    out some, and overdoes some."""

    name: str
    weight: float
    act: Callable[["Play"], object]
    steady: bool = False


MOVES: tuple[Move, ...] = (
    # people
    Move("does what is asked", 70, acting.sensible, steady=True),
    Move("presses something shown lately", 8, acting.press_something, steady=True),
    Move("posts in one sentence", 4, acting.post_job, steady=True),
    Move("says a menu word", 3, acting.menu_word, steady=True),
    Move("taps twice", 3, acting.tap_twice),
    Move("presses an old button", 3, acting.press_old),
    Move("presses another's button", 2, acting.press_others),
    Move("types a command with a code", 6, acting.command, steady=True),
    Move("thinks better of a deal", 5, acting.change_mind, steady=True),
    Move("types an operator's command", 3, deciding.operators_command, steady=True),
    Move("says nonsense", 2, acting.nonsense),
    Move("floods us", 0.2, acting.flood),
    Move("sends a file", 2, acting.send_file),
    Move("fills in the form", 4, acting.fill_form),
    Move("fills in the form wrongly", 2, acting.misfill_form),
    Move("opens home", 1, acting.open_home),
    Move("follows a link", 1, acting.follow_link),
    Move("sends a sticker", 1, acting.sticker),
    Move("speaks in a group", 1, acting.in_group),
    Move("quotes", 1, acting.quoting),
    Move("takes a message back", 1, taking_back.take_back),
    Move("leaves", 0.3, acting.leave),
    Move("comes back", 1, acting.come_back),
    Move("leaves for good", 0.5, acting.leave_for_good),
    Move("links a messenger", 3, linking.link_up),
    Move("takes a messenger off", 1, linking.take_off),
    # operators
    Move("an operator looks at the queue", 3, deciding.queue, steady=True),
    Move("an operator suspends", 0.4, deciding.suspend),
    Move("an operator restores", 0.8, deciding.restore),
    Move("an operator erases", 0.3, deciding.erase),
    Move("an operator resumes payouts", 0.8, deciding.resume_payouts),
    Move("an operator sees to a refund", 2, deciding.see_to_refund, steady=True),
    # money
    Move("pays", 6, deciding.pay, steady=True),
    Move("pays too little", 0.7, deciding.pay_short),
    Move("pays twice", 0.7, deciding.pay_twice),
    Move("a payer's bank takes it back", 0.6, deciding.take_back),
    Move("a chargeback is decided", 0.6, deciding.decide_chargeback, steady=True),
    Move("a loss is booked", 0.6, deciding.book_loss, steady=True),
    # the product and the world around it
    Move("the product keeps up", 50, system.keep_up, steady=True),
    Move("the worker works", 8, system.work, steady=True),
    Move("messages are sent", 8, system.send, steady=True),
    Move("errands are run", 4, system.run_errands, steady=True),
    Move("the clock rings", 6, system.ring, steady=True),
    Move("the books are compared", 1, system.reconcile, steady=True),
    Move("alarms are raised", 1, system.alarm, steady=True),
    Move("something late arrives", 6, system.late_arrival, steady=True),
    Move("hours pass", 4, system.hours_pass, steady=True),
    Move("time passes to the next deadline", 6, system.to_deadline, steady=True),
    Move("an outage of days", 1, system.outage),
    Move("the clock is set back", 1, system.set_back),
    Move("a backup is made", 1, restoring.back_up, steady=True),
    Move("a backup is restored", 0.5, restoring.restore),
    Move("somebody breaks the books", 0.2, restoring.break_books),
    Move("somebody looks and resumes", 2, restoring.look_and_resume, steady=True),
    Move("a worker is paused", 3, system.pause, steady=True),
    Move("a paused worker goes on", 2, system.go_on, steady=True),
)
TIMES = (0, 0.3, 1, 1, 3)


def drawn(dice: Random) -> list[float]:
    """The weights of one seed."""
    return [move.weight * (1 if move.steady else dice.choice(TIMES)) for move in MOVES]
