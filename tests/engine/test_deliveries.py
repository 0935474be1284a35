"""納品, 修正依頼, 検収."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from engine import errors
from engine.contracts import Contract
from engine.deliveries import AcceptWork, Deliver, Deliverable, ExtendReview, RequestChanges, WorkAccepted
from tests.engine.facts import MONDAY, PRICE, Market


def changes(contract: Contract, by: int) -> RequestChanges:
    return RequestChanges(by=by, contract_id=contract.id, reason="色を明るく")


def test_work_is_kept_as_it_was_handed_over() -> None:
    market = Market()
    contract = market.funded()

    market.do(
        Deliver(by=contract.worker_id, contract_id=contract.id, kind="file", body="logo.png", file_id=9, sha256="ab")
    )

    [kept] = market.find(Deliverable)
    assert (kept.number, kept.kind, kept.body, kept.file_id, kept.sha256) == (1, "file", "logo.png", 9, "ab")
    assert market.again(contract).review_until_at == MONDAY + timedelta(days=7)


def test_the_hash_of_words_is_kept_too() -> None:
    market = Market()

    market.deliver(market.funded(), " https://example.com/logo ")

    [kept] = market.find(Deliverable)
    assert kept.sha256 == sha256(b"https://example.com/logo").hexdigest()


def test_only_the_worker_delivers_and_only_funded_work() -> None:
    market = Market()
    unpaid, contract = market.awaiting(), market.funded()

    with pytest.raises(errors.NotNow):
        market.deliver(unpaid)
    with pytest.raises(errors.NotYourTurn):
        market.do(Deliver(by=contract.client_id, contract_id=contract.id, kind="text", body="x", file_id=0, sha256=""))


def test_late_work_may_still_be_delivered() -> None:
    market = Market()
    contract = market.funded()
    market.ring(contract, "fall_overdue")

    assert market.deliver(contract).stage == "delivered"


@pytest.mark.parametrize(("kind", "length"), [("text", 2_000), ("link", 1_000)])
def test_a_delivery_has_a_limit(kind: str, length: int) -> None:
    market = Market()
    contract = market.funded()

    wanted = Deliver(by=contract.worker_id, contract_id=contract.id, kind=kind, body="x" * length, file_id=0, sha256="")

    with pytest.raises(errors.TooLong):
        market.do(replace(wanted, body="x" * (length + 1)))
    market.do(wanted)

    assert market.again(contract).stage == "delivered"


def test_changes_are_asked_for_twice_at_most() -> None:
    market = Market()
    contract = market.delivered()
    for _ in range(2):
        market.do(changes(contract, contract.client_id))
        market.deliver(contract)

    with pytest.raises(errors.NoRoundsLeft) as refused:
        market.do(changes(contract, contract.client_id))

    assert refused.value.limit == 2
    assert market.again(contract).stage == "delivered"


def test_a_new_delivery_starts_the_review_anew() -> None:
    market = Market()
    contract = market.delivered()
    market.pass_time(days=3)
    market.do(changes(contract, contract.client_id))
    market.pass_time(days=1)

    again = market.deliver(contract)

    assert again.review_until_at == MONDAY + timedelta(days=11)
    assert [d.number for d in market.find(Deliverable)] == [1, 2]


def test_the_review_is_extended_once_by_seven_days() -> None:
    market = Market()
    contract = market.delivered()
    wanted = ExtendReview(by=contract.client_id, contract_id=contract.id, reason="出張中")
    market.do(wanted)

    with pytest.raises(errors.AlreadyExtended):
        market.do(wanted)

    assert market.again(contract).review_until_at == MONDAY + timedelta(days=14)


def test_an_extended_review_keeps_the_time_we_were_down() -> None:
    market = Market()
    contract = market.delivered()
    market.keep(replace(contract, lost_seconds=3_600))

    market.do(ExtendReview(by=contract.client_id, contract_id=contract.id, reason="出張中"))

    assert market.again(contract).review_until_at == MONDAY + timedelta(days=14, hours=1)


def test_acceptance_shares_the_escrow_out() -> None:
    market = Market()
    contract = market.delivered()

    market.do(AcceptWork(by=contract.client_id, contract_id=contract.id, price=PRICE))

    assert market.again(contract).stage == "accepted"
    assert market.balances == {
        "outside:pretend": -30_000,
        f"escrow:{contract.id}": 0,
        f"earnings:{contract.worker_id}": 23_400,
        "platform:fees": 6_000,
        "platform:tax": 600,
    }


def test_acceptance_is_once() -> None:
    market = Market()
    contract = market.accepted()

    with pytest.raises(errors.NotNow):
        market.do(AcceptWork(by=contract.client_id, contract_id=contract.id, price=PRICE))


def test_acceptance_of_another_amount_than_shown_is_refused() -> None:
    market = Market()
    contract = market.delivered()

    with pytest.raises(errors.TermsChanged):
        market.do(AcceptWork(by=contract.client_id, contract_id=contract.id, price=PRICE - 1))


def test_the_worker_cannot_accept() -> None:
    market = Market()
    contract = market.delivered()

    with pytest.raises(errors.NotYourTurn):
        market.do(AcceptWork(by=contract.worker_id, contract_id=contract.id, price=PRICE))


def test_silence_accepts_after_seven_days() -> None:
    market = Market()
    contract = market.delivered()

    decision = market.ring(contract, "accept")

    assert decision.events == (WorkAccepted(contract=decision.things[0], in_silence=True),)  # type: ignore[arg-type]  # it is one
    assert market.now == MONDAY + timedelta(days=7)
    assert market.balance(f"earnings:{contract.worker_id}") == 23_400


def test_silence_does_not_accept_while_changes_are_made() -> None:
    market = Market()
    contract = market.delivered()
    market.do(changes(contract, contract.client_id))

    assert [k for k in market.timers if k[:2] == ("contract", contract.id)] == []
