"""Transfers are positive, whole, and empty the escrow exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ledger, money
from engine.ledger import Transfer


@pytest.mark.parametrize("amount", [0, -1, 1.0, True])
def test_a_transfer_refuses_what_is_no_positive_whole_amount(amount: int) -> None:
    with pytest.raises(AssertionError):
        Transfer("escrow:1", "earnings:2", amount, "release", 1)


def test_a_transfer_goes_from_one_account_to_another() -> None:
    with pytest.raises(AssertionError):
        Transfer("escrow:1", "escrow:1", 10, "release", 1)


def test_release_names_every_part() -> None:
    share = money.breakdown(11_000, withholds=True)

    moved = ledger.release(42, 8, share)

    assert moved == (
        Transfer("escrow:42", "earnings:8", 7_559, "release", 42),
        Transfer("escrow:42", "platform:fees", 2_200, "fee", 42),
        Transfer("escrow:42", "platform:tax", 220, "fee_tax", 42),
        Transfer("escrow:42", "platform:withheld", 1_021, "withholding", 42),
    )


@given(st.integers(money.PRICE_MIN_YEN, money.PRICE_MAX_YEN), st.booleans())
def test_release_empties_the_escrow(price: int, withholds: bool) -> None:
    moved = ledger.release(1, 2, money.breakdown(price, withholds=withholds))

    assert sum(t.amount for t in moved) == price


def test_a_refund_of_nothing_is_no_transfer() -> None:
    assert ledger.refund(1, 0, "pretend") == ()


def test_a_returned_payout_is_the_payout_backwards() -> None:
    [out] = ledger.pay_out(8, 500, "pretend")
    [back] = ledger.payout_returned(8, 500, "pretend")

    assert (out.source, out.target, out.amount) == (back.target, back.source, back.amount)


def test_every_movement_names_both_accounts_its_reason_and_its_contract() -> None:
    assert ledger.fund(42, 500, "pretend") == (Transfer("outside:pretend", "escrow:42", 500, "fund", 42),)
    assert ledger.refund(42, 500, "stripe") == (Transfer("escrow:42", "outside:stripe", 500, "refund", 42),)
    assert ledger.pay_out(8, 500, "pretend") == (Transfer("earnings:8", "outside:pretend", 500, "pay_out", 0),)
    assert ledger.payout_returned(8, 500, "pretend") == (
        Transfer("outside:pretend", "earnings:8", 500, "payout_returned", 0),
    )
    assert ledger.tip("wallet:7", 8, 500, 42) == (Transfer("wallet:7", "earnings:8", 500, "tip", 42),)
    assert ledger.wallet(7) == "wallet:7"


def test_one_yen_is_a_transfer() -> None:
    assert Transfer("escrow:1", "earnings:2", 1, "release", 1).amount == 1


@pytest.mark.parametrize(
    ("source", "target", "amount", "why"),
    [
        ("a", "b", 1.0, "money is whole"),
        ("a", "b", 0, "money moves forward; a wrong transfer is reversed by a new one"),
        ("a", "a", 1, "a transfer goes from one account to another"),
    ],
)
def test_a_wrong_transfer_says_which_law_it_breaks(source: str, target: str, amount: int, why: str) -> None:
    with pytest.raises(AssertionError) as caught:
        Transfer(source, target, amount, "release", 1)

    assert str(caught.value).splitlines()[0] == why
