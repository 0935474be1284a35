"""After the faults have stopped everything must finish: what waits is done, and every contract can reach an end."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import TextClause, bindparam, func, select, text

from conversations.messages import Arrived, Press, Text
from engine import codes, limits
from simulator import deciding, judge, restoring, system
from simulator.people import Person
from storage.tables import operations, outbox, timers

if TYPE_CHECKING:  # a play is brought to its end here
    from simulator.play import Play

ROUNDS_MAX = 1_000
DRAINS_MAX = 5_000
NEXT = tuple(
    select(func.min(column)).where(column >= bindparam("now"), *more)
    for column, *more in (
        (timers.c.due_at,),
        (outbox.c.not_before, outbox.c.state == "pending"),
        (outbox.c.claimed_until, outbox.c.state == "claimed"),
        (operations.c.not_before, operations.c.state.in_(("planned", "ambiguous"))),
        (operations.c.claimed_until, operations.c.state == "claimed"),
    )
)
SUSPENDED = text("SELECT id FROM users WHERE stage = 'suspended' ORDER BY id")
DISOWNED = text("SELECT DISTINCT user_id FROM links WHERE stage = 'disowned' ORDER BY user_id")
OWED = text("SELECT id FROM refunds WHERE stage = 'owed' ORDER BY id")
# What no clock ends: who has to do something, with which words first.
STUCK = text(
    "SELECT id, stage, client_id, worker_id FROM contracts c "
    "WHERE stage IN ('overdue', 'changes_requested', 'payout_problem') "
    f"AND NOT ({judge.KEPT_FOR_THE_GONE}) ORDER BY id LIMIT 1"
)
AT = text("SELECT platform, outside_id FROM addresses WHERE user_id = :user ORDER BY id")


def finish(play: "Play") -> None:
    play.faults.off = True
    play.paused.clear()
    # Who has just flooded us is heard again.
    play.now += limits.MESSAGES.within
    for person in play.people:
        if person.left:
            person.left = False
            play.say(person, Arrived())
    restoring.look_and_resume(play)
    drain(play)
    decide(play, SUSPENDED, "user", "/restore {} mended")
    decide(play, DISOWNED, "user", "/resume_payouts {}")
    for _ in range(ROUNDS_MAX):
        drain(play)
        system.reconcile(play)
        drain(play)
        due = next_due(play)
        if due:
            play.now = due + timedelta(seconds=1)
        elif not help_one(play):
            system.reconcile(play)
            return


def drain(play: "Play") -> None:
    for _ in range(DRAINS_MAX):
        while play.parcels:
            play.bring(play.parcels.pop(0))
        if not (
            system.work(play) + system.send(play) + system.run_errands(play) + system.ring(play) + len(play.parcels)
        ):
            return


def next_due(play: "Play") -> datetime | None:
    """The next moment at which anything may go on."""
    with play.look() as connection:
        found = [connection.scalar(statement, {"now": play.now}) for statement in NEXT]
    return min((moment for moment in found if moment), default=None)


def decide(play: "Play", about: TextClause, noun: str, *words: str) -> bool:
    """The operators do one of these to each of them. False if there is none."""
    with play.look() as connection:
        waiting = list(connection.scalars(about))
    for thing_id in waiting:
        said = play.dice.choice(words).format(codes.code(noun, thing_id))
        for person in play.people:
            if person.operator:
                talk(play, person, said)
    return bool(waiting)


def help_one(play: "Play") -> bool:
    """Somebody does what only they can do, without haste: who has much to do would else be a flood. False if there is
    nothing to help with."""
    play.now += limits.MESSAGES.within
    if deciding.decide_chargeback(play) or deciding.book_loss(play):
        return True
    if decide(play, OWED, "refund", "/retry_refund {}", "/settle_refund {}"):
        return True
    with play.look() as connection:
        row = connection.execute(STUCK).one_or_none()
    if row is None:
        return False
    code = codes.code("contract", row.id)
    if row.stage == "overdue":
        talk(play, person_of(play, row.client_id), f"/end_overdue {code}")
    elif row.stage == "changes_requested":
        talk(play, person_of(play, row.worker_id), f"/deliver {code}", "https://files.example/last")
    else:
        talk(play, person_of(play, row.worker_id), f"/retry_payout {code}")
    return True


def talk(play: "Play", person: Person, *said: str) -> None:
    """They say all this and then press the main button."""
    for words in said:
        play.say(person, Text(words))
        drain(play)
    newest = person.newest
    main = [button for button in newest.buttons if button.style == "primary"] if newest else []
    if main:
        play.say(person, Press(main[0].handle))
        drain(play)


def person_of(play: "Play", user_id: int) -> Person:
    with play.look() as connection:
        platform, outside_id = connection.execute(AT, {"user": user_id}).all()[0]
    return play.person_at(platform, outside_id)
