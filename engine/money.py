"""Money is whole yen; every share of it is rounded down once, here."""

from dataclasses import dataclass

PRICE_MIN_YEN = 100
PRICE_MAX_YEN = 10_000_000
TIP_MIN_YEN = 10
TIP_MAX_YEN = 500
PAYOUT_MIN_YEN = 100

TAX_PERCENT = 10
# The fee is marginal, like an income tax: (upper end of the slice in yen, percent). market.md section 2.
FEE_SLICES: tuple[tuple[int | None, int], ...] = (
    (100_000, 20),
    (200_000, 10),
    (None, 5),
)
# 源泉徴収 in hundredths of a percent, per payment: 10.21 % up to a million yen, 20.42 % on what is above.
WITHHOLDING_SLICES: tuple[tuple[int | None, int], ...] = (
    (1_000_000, 1021),
    (None, 2042),
)
PER_MYRIAD = 10_000


@dataclass(frozen=True)
class Breakdown:
    """What becomes of a price: all in yen, price == fee + fee_tax + withholding + net."""

    price: int
    fee: int
    fee_tax: int
    withholding: int
    net: int


def percent(amount: int, rate: int) -> int:
    """`rate` percent of `amount`, rounded down."""
    return amount * rate // 100


def sliced(amount: int, slices: tuple[tuple[int | None, int], ...], per: int) -> int:
    """The sum of each slice's share; rounded down once, at the end."""
    total, lower = 0, 0
    for upper, rate in slices:
        top = amount if upper is None else min(amount, upper)
        total += max(0, top - lower) * rate
        lower = top
    return total // per


def fee(price: int) -> int:
    return sliced(price, FEE_SLICES, 100)


def withholding(price: int) -> int:
    """源泉徴収 on the price without consumption tax, in yen."""
    without_tax = price * 100 // (100 + TAX_PERCENT)
    return sliced(without_tax, WITHHOLDING_SLICES, PER_MYRIAD)


def breakdown(price: int, *, withholds: bool) -> Breakdown:
    """11,000 yen without withholding: fee 2,200, tax 220, net 8,580 (the golden figure of market.md)."""
    share = fee(price)
    tax = percent(share, TAX_PERCENT)
    held = withholding(price) if withholds else 0
    return Breakdown(
        price=price,
        fee=share,
        fee_tax=tax,
        withholding=held,
        net=price - share - tax - held,
    )
