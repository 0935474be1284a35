"""The terms card: every item the law asks for, in one canonical text, and paid in time."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import calendar, terms
from engine.contracts import Contract
from engine.texts import GONE
from tests.engine.facts import Market

DAYS = st.dates(date(2026, 1, 1), date(2040, 12, 31))


def test_the_card_holds_every_item_and_is_one_canonical_text() -> None:
    market = Market()
    contract = market.hired(11_000, withholds=True)

    assert contract.terms == (
        '{"bank_fee_borne_by":"client","change_rounds":2,"client_id":101,"client_name":"山田","content":"恵比寿の店のロゴ",'
        '"due":"2030-12-13","fee":2200,"fee_tax":220,"method":"bank_transfer","net":7559,"ordered_on":"2030-12-02",'
        '"pays_on":"2030-12-30","place":"remote","price":11000,"review_days":7,"rights":"to_client_on_acceptance",'
        '"title":"恵比寿の店のロゴ","withholding":1021,"worker_id":104,"worker_name":"佐藤"}'
    )
    assert terms.read(contract.terms).canonical() == contract.terms
    assert terms.digest("仮") == "8ae1c06517b2077151aa1e10c1f5eb16091841a3aedcfd76304e44bdba7a0078"


def test_the_contract_keeps_what_its_card_says() -> None:
    market = Market()
    contract = market.hired(11_000, withholds=True)
    card = terms.read(contract.terms)

    assert contract.terms_hash == terms.digest(contract.terms)
    assert (card.price, card.fee, card.fee_tax, card.withholding, card.net) == (
        contract.price,
        contract.fee,
        contract.fee_tax,
        contract.withholding,
        contract.net,
    )
    assert isinstance(contract, Contract)


@pytest.mark.parametrize(
    ("client", "worker", "blank"),
    [
        (True, False, {"client_name", "title", "content"}),
        (False, True, {"worker_name"}),
        (True, True, {"client_name", "title", "content", "worker_name"}),
    ],
)
def test_the_card_without_who_has_left_keeps_every_sum_and_day(client: bool, worker: bool, blank: set[str]) -> None:
    card = Market().hired(11_000, withholds=True).terms

    left = terms.without(card, client, worker)

    assert json.loads(left) == {**json.loads(card), **dict.fromkeys(blank, GONE)}
    assert terms.read(left).canonical() == left


@given(DAYS)
def test_the_worker_is_paid_on_a_business_day_within_the_laws_sixty_days(due: date) -> None:
    day = terms.pays_on(due)

    assert due + timedelta(days=15) <= day <= due + timedelta(days=60)
    assert day.weekday() < 5
    assert calendar.business_day_from(day) == day


@pytest.mark.parametrize(
    ("due", "paid"),
    [
        (date(2030, 12, 13), date(2030, 12, 30)),  # the 28th is a Saturday
        (date(2030, 12, 2), date(2030, 12, 17)),  # a Tuesday
        (date(2028, 2, 14), date(2028, 2, 29)),  # the leap day
    ],
)
def test_the_day_of_payment_counts_review_one_extension_and_the_day_after(due: date, paid: date) -> None:
    assert terms.pays_on(due) == paid
