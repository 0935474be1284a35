"""Any history of wishes, legal or not: at each step the books hold, and nothing stands where nothing can go on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ledger, money
from engine.applications import Application, Apply, DeclineApplication, WithdrawApplication
from engine.contracts import AgreeTerms, CancelContract, Contract, DeclineTerms, Hire
from engine.deliveries import AcceptWork, Deliver, ExtendReview, RequestChanges
from engine.endings import OFFERS_PERCENT, AgreeEnding, EndOverdue, ProposeEnding, RefuseEnding
from engine.errors import Refused
from engine.handle import TimeIsUp
from engine.jobs import CloseJob, Job
from engine.ledger import Transfer
from engine.payments import ConfirmPayment, FailPage, Payment, RetryPage
from engine.payouts import ConfirmPayout, FailPayout, Payout, RetryPayout
from engine.ports import NOBODY, Command, Operation, Staged, Thing
from engine.refunds import FailRefund, Refund, RetryRefund, SettleRefund
from engine.reviews import LeaveReview
from engine.thanks import SayThanks
from tests.engine.facts import Market

T = TypeVar("T", bound=Thing)
# The stages in which the escrow holds the whole price; in every other it holds nothing.
HOLDING = ("in_progress", "ending_proposed", "overdue", "delivered", "changes_requested")
PARTS = ("release", "fee", "fee_tax", "withholding", "refund")
PRICES = (money.PRICE_MIN_YEN, 11_003, 1_500_007)
STEPS_MAX = 60


@dataclass
class History:
    """Deals in several stages, and all that has been wished since; `moved` is every transfer so far."""

    market: Market = field(default_factory=Market)
    moved: list[Transfer] = field(default_factory=list)
    arrivals: int = 0
    refunds: list[Operation] = field(default_factory=list)
    operator: int = 0

    def __post_init__(self) -> None:
        self.market.heard.append(lambda decision: self.moved.extend(decision.transfers))
        self.market.heard.append(lambda d: self.refunds.extend(o for o in d.operations if o.kind == "refund"))
        self.operator = self.market.user().id
        self.market.operators.add(self.operator)
        hired, awaiting, funded = self.market.hired, self.market.awaiting, self.market.funded
        self.deals = [hired(PRICES[0]).id, awaiting(PRICES[1], withholds=True).id, funded(PRICES[2], withholds=True).id]
        self.deals += [self.market.delivered(PRICES[1]).id, self.market.accepted(PRICES[0]).id]
        self.jobs = [job.id for job in self.market.find(Job)]

    def deal(self, which: int) -> Contract:
        """One of those it began with, or of those that followed on their jobs."""
        found = self.market.find(Contract, job_id=self.jobs[which % len(self.jobs)])
        return found[-1]

    def last(self, kind: type[T], **equal: object) -> T | None:
        return next(reversed(self.market.find(kind, **equal)), None)

    def wish(self, wanted: Command | None) -> None:
        before = dict(self.market.things), dict(self.market.balances)
        try:
            if wanted:
                self.market.do(wanted)
        except Refused:
            assert (self.market.things, self.market.balances) == before

    def ring(self, which: int) -> None:
        """The clock moves to one of the next timers; what it passes over rings late."""
        due = sorted(self.market.timers.items(), key=lambda each: each[1].due_at)
        if due:
            (noun, thing_id, name), timer = due[which % min(3, len(due))]
            del self.market.timers[noun, thing_id, name]
            self.market.now = max(self.market.now, timer.due_at)
            self.wish(TimeIsUp(by=NOBODY, noun=noun, thing_id=thing_id, name=name))


def paid(h: History, deal: Contract, by: int) -> Command | None:
    """Exactly the price, or a yen less; in time, late, or once more."""
    payment = h.last(Payment, contract_id=deal.id)
    if payment is None:
        return None
    h.arrivals += 1
    amount = max(1, payment.amount - (h.arrivals % 5 == 0))
    return ConfirmPayment(by=NOBODY, payment_id=payment.id, amount=amount, reference=f"arrival-{h.arrivals}")


def applied(h: History, deal: Contract) -> int:
    found = h.last(Application, job_id=deal.job_id)
    return found.id if found else 0


def sent(h: History, deal: Contract) -> int:
    payout = h.last(Payout, worker_id=deal.worker_id)
    return payout.id if payout else 0


def asked(h: History, deal: Contract) -> int:
    payment = h.last(Payment, contract_id=deal.id)
    return payment.id if payment else 0


def would_not_refund(h: History, which: int) -> Command | None:
    """Each refund that was asked for is refused once at most."""
    if not h.refunds:
        return None
    errand = h.refunds.pop(which % len(h.refunds))
    return FailRefund(
        by=NOBODY, payment_id=errand.thing_id, amount=errand.amount, errand=errand.key, reason="account_closed"
    )


def owed(h: History) -> int:
    refund = h.last(Refund, stage="owed")
    return refund.id if refund else 0


def stars(deal: Contract, by: int, again: int) -> Command:
    five = {"skill": 5, "quality": 4, "schedule": 3, "communication": 2, "partnership": 1}
    return LeaveReview(by=by, contract_id=deal.id, comment="", again=again, **five)


Wish = Callable[[History, Contract, int, int], Command | None]
WISHES: tuple[Wish, ...] = (
    lambda h, d, by, n: Apply(by=by, job_id=d.job_id, price=d.price, words="やります"),
    lambda h, d, by, n: Hire(by=by, application_id=applied(h, d)),
    lambda h, d, by, n: WithdrawApplication(by=by, application_id=applied(h, d)),
    lambda h, d, by, n: DeclineApplication(by=by, application_id=applied(h, d)),
    lambda h, d, by, n: CloseJob(by=by, job_id=d.job_id),
    lambda h, d, by, n: AgreeTerms(by=by, contract_id=d.id, terms_hash=d.terms_hash),
    lambda h, d, by, n: DeclineTerms(by=by, contract_id=d.id),
    lambda h, d, by, n: CancelContract(by=by, contract_id=d.id),
    lambda h, d, by, n: paid(h, d, by),
    lambda h, d, by, n: Deliver(by=by, contract_id=d.id, kind="text", body="できました", file_id=0, sha256=""),
    lambda h, d, by, n: AcceptWork(by=by, contract_id=d.id, price=d.price),
    lambda h, d, by, n: RequestChanges(by=by, contract_id=d.id, reason="色を変えてください"),
    lambda h, d, by, n: ExtendReview(by=by, contract_id=d.id, reason="確認中です"),
    lambda h, d, by, n: ProposeEnding(by=by, contract_id=d.id, percent=OFFERS_PERCENT[n % len(OFFERS_PERCENT)]),
    lambda h, d, by, n: AgreeEnding(by=by, contract_id=d.id),
    lambda h, d, by, n: RefuseEnding(by=by, contract_id=d.id),
    lambda h, d, by, n: EndOverdue(by=by, contract_id=d.id),
    lambda h, d, by, n: SayThanks(by=by, contract_id=d.id, words="感謝", tip=(0, 10, 500, 501)[n % 4]),
    lambda h, d, by, n: stars(d, by, n % 12),
    lambda h, d, by, n: ConfirmPayout(by=NOBODY, payout_id=sent(h, d)),
    lambda h, d, by, n: FailPayout(by=NOBODY, payout_id=sent(h, d)),
    lambda h, d, by, n: RetryPayout(by=by, contract_id=d.id),
    lambda h, d, by, n: FailPage(by=NOBODY, payment_id=asked(h, d), reason="refused"),
    lambda h, d, by, n: RetryPage(by=by, payment_id=asked(h, d)),
    lambda h, d, by, n: would_not_refund(h, n),
    lambda h, d, by, n: (RetryRefund, SettleRefund)[n % 2](by=h.operator, refund_id=owed(h)),
)
# As often as everything else together, the clock goes on.
CLOCK = len(WISHES)
Step = tuple[int, int, int, int]
STEPS = st.lists(
    st.tuples(st.integers(0, CLOCK + 5), st.integers(0, 4), st.integers(0, 2), st.integers(0, 59)), max_size=STEPS_MAX
)


def take(history: History, step: Step) -> None:
    wish, which, who, number = step
    if wish >= CLOCK:
        history.ring(number)
        return
    deal = history.deal(which)
    stranger = history.deal(which + 1).client_id
    by = (deal.client_id, deal.worker_id, stranger)[who]
    history.wish(WISHES[wish](history, deal, by, number))


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_the_books_hold_at_every_step_of_any_history(steps: list[Step]) -> None:
    history = History()

    for step in steps:
        take(history, step)

        assert sum(history.market.balances.values()) == 0
        for contract in history.market.find(Contract):
            holds(history, contract)


def holds(history: History, contract: Contract) -> None:
    """M7: what was funded is held, or was given out in parts, to the yen; never before it came, never twice."""
    own = [t for t in history.moved if t.contract_id == contract.id and t.reason in ("fund", *PARTS)]
    funded = sum(t.amount for t in own if t.reason == "fund")
    given = sum(t.amount for t in own if t.reason in PARTS)
    held = history.market.balance(ledger.escrow(contract.id))
    assert funded in (0, contract.price)
    assert held == funded - given == (contract.price if contract.stage in HOLDING else 0)
    assert [t.reason for t in own].count("fund") <= 1
    assert len({t.reason for t in own}) == len(own), "each part is given once"


@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_every_history_comes_to_an_end_when_the_clock_goes_on(steps: list[Step]) -> None:
    """Nobody does anything more: what is unfinished is ended by the clock, or waits for somebody who is asked."""
    history = History()
    for step in steps:
        take(history, step)

    for _ in range(500):
        history.ring(0)

    assert history.market.timers == {}
    stuck = [t for t in history.market.things.values() if isinstance(t, Staged) and not may_stand(t)]
    assert stuck == []


def may_stand(thing: Staged) -> bool:
    """At an end, or where a person or a provider is asked and money waits for them alone."""
    waits_for_a_person = {
        "contract": ("overdue", "changes_requested", "payout_problem", "accepted"),
        "payout": ("sent",),
        "refund": ("owed", "sent"),
        "user": ("active",),
    }
    return thing.stage in (*thing.lifecycle.ends, *waits_for_a_person.get(thing.noun, ()))
