"""What can be looked at is answered from the database: everything, and nothing that is another's."""

import pytest
from sqlalchemy import Engine

from conversations import queries as asked
from conversations.ports import Query
from engine import calendar
from engine.applications import WithdrawApplication
from engine.contracts import Contract
from engine.deliveries import Deliver
from engine.jobs import AppealJob, HoldJob, Job, PostJob
from engine.payments import ConfirmPayment
from engine.thanks import SayThanks, Thanks
from engine.users import User
from storage import files
from storage.queries import ANSWERS
from tests import builders
from tests.builders import Market


@pytest.fixture
def market(database: Engine) -> Market:
    return Market(database)


def test_every_query_has_its_answer() -> None:
    assert set(ANSWERS) == set(Query.__subclasses__())


def test_by_id_finds_it_or_nothing(market: Market) -> None:
    user = builders.join(market, "a")

    with market.work() as store:
        assert store.look(asked.ById(User, user.id)) == user
        assert store.look(asked.ById(User, 404)) is None
        assert store.look(asked.ById(Job, user.id)) is None


def test_board_shows_what_one_could_apply_to(market: Market) -> None:
    client, worker = builders.join(market, "a"), builders.join(market, "b")
    first, second, third = (builders.post(market, client, f"job {n}") for n in range(3))
    builders.apply(market, worker, second)

    with market.work() as store:
        mine = store.look(asked.OpenJobs(worker.id, 10))
        page = store.look(asked.OpenJobs(worker.id, 1, 1))
        own = store.look(asked.OpenJobs(client.id, 10))

    assert mine == (third, first)
    assert page == (first,)
    assert own == ()


def test_withdrawn_application_brings_the_job_back(market: Market) -> None:
    client, worker = builders.join(market, "a"), builders.join(market, "b")
    job = builders.post(market, client)
    application = builders.apply(market, worker, job)
    market.do(WithdrawApplication(by=worker.id, application_id=application.id))

    with market.work() as store:
        assert store.look(asked.OpenJobs(worker.id, 10)) == (job,)
        assert store.look(asked.ApplicationsOf(worker.id)) == ()


def test_candidates_come_with_their_record(market: Market) -> None:
    contract = builders.pay_out(market, builders.accepted(market))
    for user_id in (contract.client_id, contract.worker_id):
        market.do(builders.review(user_id, contract.id))
    market.do(SayThanks(by=contract.client_id, contract_id=contract.id, words="", tip=0))
    client, newcomer = builders.join(market, "c"), builders.join(market, "d")
    market.do(
        PostJob(by=client.id, title="next", description="", price=builders.PRICE, due=calendar.local_day(market.now))
    )
    job = market.kept(Job)
    with market.work() as store:
        worker = store.get(User, contract.worker_id)
    applications = [builders.apply(market, who, job) for who in (worker, newcomer)]

    with market.work() as store:
        found = store.look(asked.Candidates(job.id))
        alone = store.look(asked.RecordOf(worker.id))

    assert [c.application for c in found] == applications
    assert [c.record for c in found] == [
        asked.Record(worker, finished=1, stars=4.8, reviews=1, thanks=1, givers=1),
        asked.Record(newcomer, finished=0, stars=None, reviews=0, thanks=0, givers=0),
    ]
    assert alone == found[0].record


def test_money_is_held_then_earned_then_paid_out(market: Market) -> None:
    contract = builders.fund(market, builders.hire(market))
    run = calendar.next_payout_run(market.now)
    standings = [standing(market, contract)]
    builders.accept(market, builders.deliver(market, contract))
    standings.append(standing(market, contract))
    builders.pay_out(market, contract)
    standings.append(standing(market, contract))

    assert standings == [
        (asked.Standing(11_000, 0, 0, 0, None), asked.Standing(0, 11_000, 0, 0, None)),
        (asked.Standing(0, 0, 0, 0, None), asked.Standing(0, 0, 8_580, 0, run)),
        (asked.Standing(0, 0, 0, 0, None), asked.Standing(0, 0, 0, 8_580, None)),
    ]


def standing(market: Market, contract: Contract) -> tuple[asked.Standing, asked.Standing]:
    with market.work() as store:
        return store.look(asked.MoneyOf(contract.client_id)), store.look(asked.MoneyOf(contract.worker_id))


def test_contracts_are_listed_for_both_sides(market: Market) -> None:
    contract = builders.pay_out(market, builders.accepted(market))

    with market.work() as store:
        for user_id in (contract.client_id, contract.worker_id):
            assert store.look(asked.ContractsOf(user_id, live=False)) == (contract,)
            assert store.look(asked.ContractsOf(user_id, live=True)) == ()
        assert store.look(asked.JobsOf(contract.client_id)) == ()


def test_last_step_is_of_ones_own(market: Market) -> None:
    contract = builders.fund(market, builders.hire(market))
    stranger = builders.join(market, "stranger")

    with market.work() as store:
        mine = store.look(asked.LastStepFor(contract.worker_id))
        none = store.look(asked.LastStepFor(stranger.id))

    assert mine
    assert (mine.noun, mine.move, mine.role, mine.actor_id) == ("contract", "fund", "provider", 0)
    assert none is None


def test_appealed_jobs_come_first_in_the_queue(market: Market) -> None:
    client, operator = builders.join(market, "a"), builders.join(market, "o", "telegram")
    market.operators = frozenset({("telegram", "", "o")})
    held, appealed, _open = (builders.post(market, client, f"job {n}") for n in range(3))
    for job in (held, appealed):
        market.do(HoldJob(by=operator.id, job_id=job.id, reason="why"))
    market.do(AppealJob(by=client.id, job_id=appealed.id, reason="because"))

    with market.work() as store:
        queue = store.look(asked.Queue(10))
        operators = store.look(asked.Operators())
        addresses = store.look(asked.AddressesOf(operator.id))

    assert [job.id for job in queue] == [appealed.id, held.id]
    assert operators == (operator.id,)
    assert [(a.platform, a.outside_id) for a in addresses] == [("telegram", "o")]


def test_payment_is_there_while_money_is_awaited(market: Market) -> None:
    contract = builders.hire(market)
    with market.work() as store:
        before = store.look(asked.PaymentAsked(contract.id))
    payment = builders.agree(market, contract)
    with market.work() as store:
        asked_for = store.look(asked.PaymentAsked(contract.id))
    market.do(ConfirmPayment(by=0, payment_id=payment.id, amount=payment.amount, reference="r"))

    with market.work() as store:
        after = store.look(asked.PaymentAsked(contract.id))

    assert asked_for
    assert (before, asked_for.url, after) == (None, "https://pay.example/1", None)


def test_file_link_is_for_the_parties(market: Market) -> None:
    contract = builders.fund(market, builders.hire(market))
    stranger = builders.join(market, "stranger")
    with market.work() as store:
        kept = files.keep(store.connection, store.new_id(), "logo.svg", b"<svg/>", market.now)
    market.do(
        Deliver(
            by=contract.worker_id,
            contract_id=contract.id,
            kind="file",
            body=kept.name,
            file_id=kept.id,
            sha256=kept.sha256,
        )
    )

    with market.work() as store:
        link = store.look(asked.FileLink(kept.id, contract.client_id))
        refused = store.look(asked.FileLink(kept.id, stranger.id))
        fetched = files.fetch(store.connection, link.rpartition("/")[2], market.now)

    assert link.startswith("https://market.example/files/")
    assert refused == ""
    assert fetched == kept


def test_figures_count_the_whole_market(market: Market) -> None:
    contract = builders.accepted(market)
    market.do(SayThanks(by=contract.client_id, contract_id=contract.id, words="", tip=0))

    with market.work() as store:
        figures = store.look(asked.Figures())

    assert market.kept(Thanks).receiver_id == contract.worker_id
    assert figures == {
        "users": 2,
        "jobs_open": 0,
        "jobs_waiting": 0,
        "contracts_live": 1,
        "escrow_yen": 0,
        "earnings_yen": 8_580,
        "owed_yen": 0,
        "fees_yen": 2_200,
        "paid_out_yen": 0,
        "thanks_today": 1,
        "people_thanked_today": 1,
        "accepted_today": 1,
    }
