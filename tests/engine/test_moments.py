"""When things happened is kept with them: deadlines, reviews and payouts are counted from it."""

from datetime import timedelta

from engine.applications import Application, Apply
from engine.contracts import AgreeTerms, CancelContract, DeclineTerms
from engine.deliveries import ChangesRequested, Deliverable, ExtendReview, RequestChanges, ReviewExtended
from engine.endings import AgreeEnding, EndOverdue, ProposeEnding
from engine.errors import NotFound
from engine.jobs import HoldJob, Job, JobHeld
from engine.payments import OpenPayment
from engine.ports import NOBODY
from engine.reviews import LeaveReview, Review
from engine.thanks import SayThanks, Thanks
from tests.engine.facts import PRICE, Market


def test_a_contract_knows_when_it_ended_however_it_did() -> None:
    market = Market()
    declined, cancelled, expired = market.hired(), market.awaiting(), market.awaiting()
    agreed, silent, overdue = market.funded(), market.funded(), market.funded()
    market.pass_time(hours=1)

    market.do(DeclineTerms(by=declined.worker_id, contract_id=declined.id))
    market.do(CancelContract(by=cancelled.client_id, contract_id=cancelled.id))
    for proposed in (agreed, silent):
        market.do(ProposeEnding(by=proposed.client_id, contract_id=proposed.id, percent=25))
    market.do(AgreeEnding(by=agreed.worker_id, contract_id=agreed.id))
    early = market.now
    market.ring(expired, "expire")
    expiry = market.now
    market.ring(silent, "end_in_silence")
    silence = market.now
    market.ring(overdue, "fall_overdue")
    market.do(EndOverdue(by=overdue.client_id, contract_id=overdue.id))

    ended = [market.again(c).ended_at for c in (declined, cancelled, agreed, expired, silent, overdue)]
    assert ended == [early, early, early, expiry, silence, market.now]


def test_accepted_work_knows_when_it_was_delivered_and_accepted() -> None:
    market = Market()
    contract = market.funded()
    market.pass_time(hours=3)
    delivered = market.deliver(contract)
    at = market.now

    market.ring(delivered, "accept")

    done = market.again(delivered)
    assert (done.delivered_at, done.accepted_at, done.ended_at) == (at, market.now, market.now)
    assert done.funded_through == "pretend"
    [deliverable] = market.find(Deliverable)
    assert (deliverable.at, deliverable.number) == (at, 1)


def test_reasons_are_told_without_the_space_around_them() -> None:
    market = Market()
    contract, operator = market.delivered(), market.operator()
    job = market.job(market.user())

    [longer] = market.do(ExtendReview(by=contract.client_id, contract_id=contract.id, reason=" 確認中 ")).events
    [asked] = market.do(RequestChanges(by=contract.client_id, contract_id=contract.id, reason=" 色 ")).events
    [held] = market.do(HoldJob(by=operator.id, job_id=job.id, reason=" 確認 ")).events

    assert isinstance(longer, ReviewExtended)
    assert isinstance(asked, ChangesRequested)
    assert isinstance(held, JobHeld)
    assert (longer.reason, asked.reason, held.reason) == ("確認中", "色", "確認")
    assert market.again(job).reasons == "operator"


def test_two_reasons_of_screening_are_kept_apart() -> None:
    market = Market()

    job = market.job(market.user(), title="LINEのID登録で副業、2000文字", price=100)

    assert job.stage == "held"
    assert len(job.reasons.split(" ")) > 1
    assert market.get(Job, job.id) == job


def test_what_was_said_is_kept_word_for_word() -> None:
    market = Market()
    contract = market.accepted()
    stars = {"skill": 5, "quality": 4, "schedule": 3, "communication": 2, "partnership": 1}

    market.do(LeaveReview(by=contract.client_id, contract_id=contract.id, comment=" よかった ", again=7, **stars))
    market.do(SayThanks(by=contract.client_id, contract_id=contract.id, words=" 感謝 ", tip=100))

    [review], [thanks] = market.find(Review), market.find(Thanks)
    assert (review.comment, review.again, review.stars) == ("よかった", 7, (5, 4, 3, 2, 1))
    assert (thanks.words, thanks.tip) == ("感謝", 100)
    payment = market.payment_of(contract, "tip")
    assert (payment.payer_id, payment.title, payment.thanks_id) == (contract.client_id, contract.title, thanks.id)


def test_the_escrow_payment_is_asked_of_the_client_under_the_jobs_title() -> None:
    market = Market()
    contract = market.hired()
    agree = AgreeTerms(by=contract.client_id, contract_id=contract.id, terms_hash=contract.terms_hash)
    first = market.do(agree)
    asked_first = market.find(type(market.payment_of(market.awaiting())), contract_id=contract.id)

    market.do(AgreeTerms(by=contract.worker_id, contract_id=contract.id, terms_hash=contract.terms_hash))

    payment = market.payment_of(contract)
    assert (first.operations, asked_first) == ((), ())
    assert (payment.payer_id, payment.title, payment.amount) == (contract.client_id, contract.title, PRICE)
    assert (payment.thanks_id, payment.purpose, payment.since) == (0, "escrow", market.now)


def test_a_page_is_kept_with_its_address_and_the_providers_name() -> None:
    market = Market()
    payment = market.payment_of(market.awaiting())

    market.do(OpenPayment(by=NOBODY, payment_id=payment.id, reference="r-1", url="https://pay.example/1"))

    opened = market.again(payment)
    assert (opened.reference, opened.url) == ("r-1", "https://pay.example/1")


def test_an_application_is_kept_with_its_jobs_title_and_its_own_price() -> None:
    market = Market()
    job, worker = market.job(market.user()), market.user("佐藤")
    market.pass_time(minutes=5)

    market.do(Apply(by=worker.id, job_id=job.id, price=20_000, words=" やります "))

    [application] = market.find(Application)
    assert (application.title, application.price, application.words) == (job.title, 20_000, "やります")
    assert application.since == job.since + timedelta(minutes=5)


def test_nobody_learns_of_a_contract_that_is_not_theirs() -> None:
    market = Market()
    contract, stranger = market.funded(), market.user("他人")
    wish = ProposeEnding(by=stranger.id, contract_id=contract.id, percent=0)

    try:
        market.do(wish)
    except NotFound:
        return
    raise AssertionError("a stranger ended a contract")
