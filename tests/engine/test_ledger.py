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
