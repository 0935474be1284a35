"""The golden figures of the rule book, and what must hold of every price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import money

PRICES = st.integers(money.PRICE_MIN_YEN, money.PRICE_MAX_YEN)


@pytest.mark.parametrize(
    ("price", "fee", "tax", "net"),
    [
        (11_000, 2_200, 220, 8_580),
        (500_000, 45_000, 4_500, 450_500),
        (100_000, 20_000, 2_000, 78_000),
        (200_000, 30_000, 3_000, 167_000),
        (100_001, 20_000, 2_000, 78_001),
        (100, 20, 2, 78),
        (104, 20, 2, 82),
    ],
)
def test_breakdown_gives_the_golden_figures(price: int, fee: int, tax: int, net: int) -> None:
    share = money.breakdown(price, withholds=False)

    assert share == money.Breakdown(price, fee, tax, 0, net)


@pytest.mark.parametrize(
    ("price", "withheld"),
    [
        (11_000, 1_021),  # 10.21 % of 10,000
        (110_000, 10_210),
        (1_100_000, 102_100),  # 10.21 % of a million
        (2_200_000, 306_300),  # and 20.42 % of the second
        (100, 9),
        (9_481, 879),  # 879.9999: nothing is added to it, and nothing comes from the second slice
    ],
)
def test_withholding_is_on_the_price_without_consumption_tax(price: int, withheld: int) -> None:
    assert money.breakdown(price, withholds=True).withholding == withheld


@given(PRICES, st.booleans())
def test_breakdown_loses_and_makes_no_yen(price: int, withholds: bool) -> None:
    share = money.breakdown(price, withholds=withholds)

    assert share.fee + share.fee_tax + share.withholding + share.net == price
    assert min(share.fee, share.fee_tax, share.withholding, share.net) >= 0


@given(PRICES, st.sampled_from((25, 50, 75, 100)), st.booleans())
def test_breakdown_of_a_part_leaves_the_worker_something(price: int, percent: int, withholds: bool) -> None:
    share = money.breakdown(money.percent(price, percent), withholds=withholds)

    assert share.net > 0


@given(PRICES, PRICES)
def test_fee_never_falls_when_the_price_rises(one: int, two: int) -> None:
    lower, higher = sorted((one, two))

    assert money.fee(lower) <= money.fee(higher)


@given(PRICES)
def test_a_higher_price_never_leaves_the_worker_less(price: int) -> None:
    assert money.breakdown(price + 10, withholds=True).net > money.breakdown(price, withholds=True).net


@given(st.lists(PRICES, min_size=1, max_size=40))
def test_a_price_cut_into_many_gains_less_than_a_yen_for_each(parts: list[int]) -> None:
    """E5: the slices are marginal, so small contracts pay more; rounding down gives back less than a yen of it."""
    assert sum(map(money.fee, parts)) > money.fee(sum(parts)) - len(parts)


@given(PRICES, st.booleans())
def test_every_part_is_within_a_yen_of_the_exact_share(price: int, withholds: bool) -> None:
    """M10: rounded down, once; yen have no smaller part."""
    share = money.breakdown(price, withholds=withholds)

    exact = sum(
        max(0, min(price, upper or price) - lower) * rate
        for (upper, rate), lower in zip(money.FEE_SLICES, (0, 100_000, 200_000), strict=True)
    )
    assert 0 <= exact - share.fee * 100 < 100
    assert 0 <= share.fee * money.TAX_PERCENT - share.fee_tax * 100 < 100
    assert {type(part) for part in vars(share).values()} == {int}


@given(PRICES, st.sampled_from((0, 25, 50, 75, 100)))
def test_a_split_price_is_whole_again(price: int, percent: int) -> None:
    share = money.percent(price, percent)

    assert 0 <= price * percent - share * 100 < 100
    assert share + (price - share) == price
    assert (share == 0, share == price) == (percent == 0, percent == 100)


@pytest.mark.parametrize("amount", [0, 1, 4, 5])
def test_no_fee_is_taken_of_what_is_too_little(amount: int) -> None:
    assert money.fee(amount) == amount // 5
