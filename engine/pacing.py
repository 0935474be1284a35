"""Pacing: what one person may do only so often, held against the table of limits."""

from itertools import takewhile

from engine import applications, contracts, errors, jobs, ledger, payments, reviews, sayings, screening, thanks, users
from engine.applications import Application, Apply
from engine.calendar import local_day
from engine.contracts import Contract, Hire
from engine.jobs import Job, PostJob
from engine.lifecycle import Role
from engine.limits import LIMITS, NEW_ACCOUNT
from engine.links import Link
from engine.payments import Payment, RetryPage
from engine.ports import Decision, Facts
from engine.reviews import LeaveReview, Review
from engine.sayings import Saying
from engine.thanks import SayThanks, Thanks
from engine.users import Address, AskHuman, User

UNFUNDED = ("agreeing", "half_agreed", "awaiting_escrow")


def once_more(facts: Facts, user_id: int, name: str, moves: tuple[str, ...], noun: str) -> None:
    """Refused TooManyToday. Each of these is told to somebody else, or asked of the payment provider."""
    limit = LIMITS[name]
    if facts.taken(user_id, noun, moves, facts.now - limit.within) >= limit.most:
        raise errors.TooManyToday(limit.most, noun)


def posted_lately(facts: Facts, user_id: int) -> int:
    """Jobs by when they were posted, whatever has become of them since."""
    once_more(facts, user_id, "jobs_a_day", ("post", "post_doubtful"), "job")
    return facts.taken(user_id, "job", ("post", "post_doubtful"), facts.now - LIMITS["jobs"].within)


def is_new(facts: Facts, user: User) -> bool:
    return facts.now - user.since < NEW_ACCOUNT


def may_apply(facts: Facts, worker: User) -> None:
    """Who is new is held to less."""
    once_more(
        facts, worker.id, "first_applications" if is_new(facts, worker) else "applications", ("apply",), "application"
    )


def may_hire(facts: Facts, client: User) -> None:
    """Whoever hires and does not pay keeps workers from other work: a few at a time, and a pause after several."""
    once_more(facts, client.id, "hires", ("hire",), "contract")
    at_once = LIMITS["first_unfunded" if is_new(facts, client) else "unfunded"].most
    if sum(len(facts.find(Contract, client_id=client.id, stage=stage)) for stage in UNFUNDED) >= at_once:
        raise errors.FundFirst(at_once)
    unpaid = LIMITS["unpaid"]
    gone = [
        deal for stage in ("expired", "cancelled") for deal in facts.find(Contract, client_id=client.id, stage=stage)
    ]
    lately = [deal for deal in gone if deal.since > facts.now - unpaid.within and left_unpaid(facts, deal)]
    if len(lately) >= unpaid.most:
        raise errors.TooManyUnpaid(unpaid.most, unpaid.within.days)


def left_unpaid(facts: Facts, deal: Contract) -> bool:
    """There was a page to pay on, and the client took it back, or let the time pass."""
    asked = facts.find(Payment, contract_id=deal.id, purpose="escrow")
    ended_by_client = deal.stage == "expired" or deal.moved_by is Role.CLIENT
    return ended_by_client and any(payment.url for payment in asked)


def may_thank(facts: Facts, user_id: int) -> None:
    once_more(facts, user_id, "thanks", ("say_thanks", "say_with_tip", "tip_from_wallet"), "thanks")


def retry_page(wanted: RetryPage, facts: Facts) -> Decision:
    payment = facts.get(Payment, wanted.payment_id)
    again = payments.retry_page(payment, facts.now, wanted)
    once_more(facts, wanted.by, "pages", ("retry_page",), "payment")
    return again


def ask_human(wanted: AskHuman, facts: Facts) -> Decision:
    """Every operator is told."""
    limit = LIMITS["questions"]
    asked = facts.find(Saying, user_id=wanted.by, about="question")
    if sum(each.said_at > facts.now - limit.within for each in asked) >= limit.most:
        raise errors.TooManyToday(limit.most, "question")
    return users.ask_human(facts.get(User, wanted.by), wanted) + kept(facts, wanted.by, "question", wanted.words)


def post_job(wanted: PostJob, facts: Facts) -> Decision:
    lately, words = posted_lately(facts, wanted.by), f"{wanted.title}\n{wanted.description}"
    again, client = is_repeated(facts, wanted.by, words), facts.get(User, wanted.by)
    posted = jobs.post(client, lately, facts.new_id(), facts.now, wanted, repeated=again)
    return posted + kept(facts, wanted.by, "job", words)


def accounts_of(facts: Facts, user_id: int) -> set[int]:
    """Theirs, and those that their messengers were unlinked from: one person's."""
    return {user_id} | {
        link.user_id
        for address in facts.find(Address, user_id=user_id)
        for link in facts.find(Link, other_address_id=address.id, stage="unlinked")
    }


def apply(wanted: Apply, facts: Facts) -> Decision:
    job = facts.get(Job, wanted.job_id)
    earlier = facts.find(Application, worker_id=wanted.by, stage="applied")
    worker, client = facts.get(User, wanted.by), facts.get(User, job.client_id)
    may_apply(facts, worker)
    one = not accounts_of(facts, worker.id).isdisjoint(accounts_of(facts, client.id))
    applied = applications.apply(worker, client, job, earlier, facts.new_id(), facts.now, wanted, one_person=one)
    to_a_stranger(wanted.words)
    return applied + own_words(facts, wanted.by, "application", wanted.words)


def hire(wanted: Hire, facts: Facts) -> Decision:
    chosen = facts.get(Application, wanted.application_id)
    job = facts.get(Job, chosen.job_id)
    others = tuple(a for a in facts.find(Application, job_id=job.id, stage="applied") if a.id != chosen.id)
    parties = (facts.get(User, job.client_id), facts.get(User, chosen.worker_id))
    hired = contracts.hire(job, chosen, others, parties, facts.new_id(), facts.now, wanted)
    may_hire(facts, parties[0])
    return hired


def leave_review(wanted: LeaveReview, facts: Facts) -> Decision:
    deal = facts.get(Contract, wanted.contract_id)
    users.here(facts.get(User, deal.other_than(wanted.by)))
    earlier = facts.find(Review, contract_id=wanted.contract_id)
    left = reviews.leave(deal, earlier, facts.new_id(), facts.now, wanted)
    return left + own_words(facts, wanted.by, "review", wanted.comment)


def say_thanks(wanted: SayThanks, facts: Facts) -> Decision:
    deal = facts.get(Contract, wanted.contract_id)
    receiver = deal.other_than(wanted.by)
    today = facts.find(Thanks, giver_id=wanted.by, receiver_id=receiver, day=local_day(facts.now))
    ids = (facts.new_id(), facts.new_id())
    balance = facts.balance(ledger.wallet(wanted.by))
    users.here(facts.get(User, receiver))
    may_thank(facts, wanted.by)
    return thanks.say(deal, today, balance, ids, facts.provider, facts.now, wanted)


# -- words


def is_repeated(facts: Facts, user_id: int, words: str) -> bool:
    """Whether this person, or several others, have said the same lately."""
    mine, others = LIMITS["same_words"], LIMITS["same_words_by_others"]
    said_by = facts.said_by(sayings.digest(words), facts.now - mine.within)
    # Who is copied has not copied.
    before = set(takewhile(lambda speaker: speaker != user_id, said_by))
    return said_by.count(user_id) >= mine.most or len(before) >= others.most


def kept(facts: Facts, user_id: int, about: str, words: str) -> Decision:
    """Nothing of what is too short to tell anything; but questions are counted."""
    if not sayings.digest(words) and about != "question":
        return Decision()
    said = Saying(id=facts.new_id(), user_id=user_id, about=about, digest=sayings.digest(words), said_at=facts.now)
    return Decision(things=(said,))


def own_words(facts: Facts, user_id: int, about: str, words: str) -> Decision:
    """Refused SameWords; what is said in the open to somebody is not sent to everybody."""
    if is_repeated(facts, user_id, words):
        raise errors.SameWords
    return kept(facts, user_id, about, words)


def to_a_stranger(words: str) -> None:
    """Refused TooManyLinks or ContactTooEarly: before the money is held, all of it is said here."""
    if screening.links_in(words) > screening.LINKS_MAX:
        raise errors.TooManyLinks(screening.LINKS_MAX)
    if screening.lures(words):
        raise errors.ContactTooEarly
