"""What has happened before a history begins: people have joined, and some deals stand somewhere on their way."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from conversations import talk
from conversations.messages import Arrived
from engine import calendar
from engine.applications import Apply
from engine.contracts import AgreeTerms, CancelContract, Contract, DeclineTerms, Hire
from engine.deliveries import AcceptWork, Deliver, ExtendReview, RequestChanges
from engine.endings import AgreeEnding, ProposeEnding, RefuseEnding
from engine.jobs import AppealJob, CloseJob, HoldJob, Job, PostJob, PublishJob, RejectJob
from engine.payouts import RetryPayout
from engine.ports import Command
from engine.reviews import LeaveReview
from engine.thanks import SayThanks
from house import world
from simulator import system, words
from simulator.people import Person
from storage import things

if TYPE_CHECKING:  # a play begins with this
    from simulator.play import Play

DEALS_MAX = 4
GOES_ON = 0.93
PRICES = (1_000, 5_000, 30_000, 500_000)
LINK = "https://files.example/first.png"
NEWEST = "SELECT MAX(id) FROM {}s"
USER = "SELECT user_id FROM addresses WHERE platform = '{}' AND outside_id = '{}'"


def prologue(play: "Play") -> None:
    """Without faults: they come in what follows."""
    with play.faults.unseen():
        for person in play.people:
            play.say(person, Arrived())
        settle(play)
        others = [person for person in play.people if not person.operator]
        for _ in range(play.dice.randint(0, DEALS_MAX)):
            client, worker = play.dice.sample(others, 2)
            deal(play, client, worker)
            play.now += timedelta(hours=play.dice.randrange(1, 24))
        quarrel(play, play.dice.choice(others), next(person for person in play.people if person.operator))
        settle(play)


def settle(play: "Play") -> None:
    """Everything that is on its way arrives."""
    while system.work(play) + system.run_errands(play) + system.send(play) + len(play.parcels):
        if play.parcels:
            play.bring(play.parcels.pop(0))


def user_id(play: "Play", person: Person) -> int:
    [[found]] = play.place.ask(USER.format(person.platform, person.outside_id))
    return int(found)


def newest(play: "Play", noun: str) -> int:
    [[found]] = play.place.ask(NEWEST.format(noun))
    return int(found or 0)


def deal(play: "Play", client: Person, worker: Person) -> None:
    """As far as it gets."""
    ids = user_id(play, client), user_id(play, worker)
    for number, step in enumerate(STEPS):
        if play.dice.random() > GOES_ON:
            return
        wanted = step(play, *ids)
        if wanted and refused(play, wanted, f"prologue:{client.outside_id}:{play.now}:{number}"):
            return
        settle(play)


def refused(play: "Play", wanted: Command, cause: str) -> bool:
    with world(play.house, cause) as store:
        return talk.execute(wanted, store) is not None


def post(play: "Play", client: int, worker: int) -> Command:
    due = (play.now + timedelta(days=play.dice.randrange(1, 20))).date()
    title = words.some(play.dice, "en", "title")
    return PostJob(by=client, title=title, description="", price=play.dice.choice(PRICES), due=due)


def apply(play: "Play", client: int, worker: int) -> Command:
    return Apply(by=worker, job_id=newest(play, "job"), price=play.dice.choice(PRICES), words="I would like to.")


def hire(play: "Play", client: int, worker: int) -> Command:
    return Hire(by=client, application_id=newest(play, "application"))


def contract(play: "Play") -> Contract:
    number = newest(play, "contract")
    with play.look() as connection:
        return things.known(connection, Contract, number)


def agree(play: "Play", by: int) -> Command:
    found = contract(play)
    return AgreeTerms(by=by, contract_id=found.id, terms_hash=found.terms_hash)


def pay(play: "Play", client: int, worker: int) -> None:
    payment = newest(play, "payment")
    play.bank.pay(payment, play.bank.pages[payment])


def deliver(play: "Play", client: int, worker: int) -> Command:
    return Deliver(by=worker, contract_id=contract(play).id, kind="link", body=LINK, file_id=0, sha256="")


def answer(play: "Play", client: int, worker: int) -> Command:
    found = contract(play)
    if play.dice.random() < 0.3:
        return RequestChanges(by=client, contract_id=found.id, reason="Bluer, please.")
    return AcceptWork(by=client, contract_id=found.id, price=found.price)


def maybe_end(play: "Play", client: int, worker: int) -> Command | None:
    if play.dice.random() > 0.2:
        return None
    percent = play.dice.choice(ProposeEnding.offers)
    return ProposeEnding(by=play.dice.choice((client, worker)), contract_id=contract(play).id, percent=percent)


def thank(play: "Play", client: int, worker: int) -> Command:
    by = play.dice.choice((client, client, worker))
    return SayThanks(by=by, contract_id=newest(play, "contract"), words="", tip=100 if by == client else 0)


def review(play: "Play", client: int, worker: int) -> Command:
    """By the one, and then by the other, or once more by the same."""
    stars = dict.fromkeys(("skill", "quality", "schedule", "communication", "partnership"), 5)
    by = play.dice.choice((client, worker))
    return LeaveReview(by=by, contract_id=newest(play, "contract"), comment="", again=10, **stars)


def agree_first(play: "Play", client: int, worker: int) -> Command:
    return agree(play, play.dice.choice((client, worker)))


def agree_second(play: "Play", client: int, worker: int) -> Command:
    found = contract(play)
    return agree(play, found.other_than(found.agreed_by))


def maybe_decline(play: "Play", client: int, worker: int) -> Command | None:
    by = play.dice.choice((client, worker))
    return DeclineTerms(by=by, contract_id=newest(play, "contract")) if play.dice.random() < 0.06 else None


def maybe_answer_ending(play: "Play", client: int, worker: int) -> Command | None:
    found = contract(play)
    if found.stage != "ending_proposed" or play.dice.random() < 0.3:
        return None
    wanted = play.dice.choice((AgreeEnding, RefuseEnding))
    return wanted(by=found.other_than(found.ending_by), contract_id=found.id)


# -- what seldom comes about by itself


def maybe_expire(play: "Play", client: int, worker: int) -> None:
    """The job has left the board when its client comes back to it."""
    if play.dice.random() < 0.1:
        job = newest(play, "job")
        with play.look() as connection:
            play.now = things.known(connection, Job, job).open_until + timedelta(seconds=1)
        system.ring(play)


def maybe_cancel(play: "Play", client: int, worker: int) -> Command | None:
    by = play.dice.choice((client, worker))
    return CancelContract(by=by, contract_id=newest(play, "contract")) if play.dice.random() < 0.1 else None


def maybe_extend(play: "Play", client: int, worker: int) -> Command | None:
    if play.dice.random() > 0.2:
        return None
    return ExtendReview(by=client, contract_id=newest(play, "contract"), reason="I am travelling.")


def maybe_pay_out(play: "Play", client: int, worker: int) -> None:
    if play.dice.random() < 0.2:
        play.now = calendar.next_payout_run(play.now) + timedelta(seconds=1)
        system.ring(play)


def maybe_send_back(play: "Play", client: int, worker: int) -> None:
    """The bank took the payout, and then it did not."""
    payout = newest(play, "payout")
    if payout in play.bank.paid_out and payout not in play.bank.returned and play.dice.random() < 0.5:
        play.bank.returned.add(payout)
        play.bank.notify({"id": f"payout.failed-{payout}", "type": "payout.failed", "payout": payout})


def maybe_retry(play: "Play", client: int, worker: int) -> Command | None:
    found = contract(play)
    return RetryPayout(by=worker, contract_id=found.id) if found.stage == "payout_problem" else None


def quarrel(play: "Play", author: Person, operator: Person) -> None:
    """About a post: every move of it that is open to its author and to operators."""
    by, mine = user_id(play, operator), user_id(play, author)
    for number in range(QUARREL_MAX):
        wanted = play.dice.choice(QUARREL)(play, mine, by) if number else post(play, mine, 0)
        refused(play, wanted, f"prologue:quarrel:{play.now}:{number}")
        settle(play)


QUARREL_MAX = 5
QUARREL: tuple[Callable[["Play", int, int], Command], ...] = (
    lambda play, author, _: AppealJob(by=author, job_id=newest(play, "job"), reason="It is honest work."),
    lambda play, author, _: AppealJob(by=author, job_id=newest(play, "job"), reason="It is honest work."),
    lambda play, author, _: CloseJob(by=author, job_id=newest(play, "job")),
    lambda play, _, by: HoldJob(by=by, job_id=newest(play, "job"), reason="This needs a look."),
    lambda play, _, by: PublishJob(by=by, job_id=newest(play, "job")),
    lambda play, _, by: RejectJob(by=by, job_id=newest(play, "job"), reason="Not here."),
)


STEPS: tuple[Callable[["Play", int, int], Command | None], ...] = (
    post,
    apply,
    maybe_expire,
    hire,
    maybe_decline,
    agree_first,
    maybe_decline,
    agree_second,
    maybe_cancel,
    pay,
    maybe_end,
    maybe_answer_ending,
    deliver,
    maybe_extend,
    answer,
    maybe_pay_out,
    maybe_send_back,
    maybe_retry,
    thank,
    review,
    review,
)
