"""Money moves: a transfer takes a positive amount from one account to another. Only outside may be negative."""

from dataclasses import dataclass

from engine import money


@dataclass(frozen=True)
class Transfer:
    """`amount` in yen, positive. `contract_id` is 0 for money that belongs to no contract."""

    source: str
    target: str
    amount: int
    reason: str
    contract_id: int

    def __post_init__(self) -> None:
        assert type(self.amount) is int, "money is whole"
        assert self.amount > 0, "money moves forward; a wrong transfer is reversed by a new one"
        assert self.source != self.target, "a transfer goes from one account to another"


FEES = "platform:fees"
TAX = "platform:tax"
BY_HAND = "by_hand"
CHARGEBACKS = "chargebacks"
WITHHELD = "platform:withheld"


def escrow(contract_id: int) -> str:
    return f"escrow:{contract_id}"


def earnings(worker_id: int) -> str:
    return f"earnings:{worker_id}"


def wallet(user_id: int) -> str:
    return f"wallet:{user_id}"


def owed(refund_id: int) -> str:
    return f"owed:{refund_id}"


def outside(provider: str) -> str:
    return f"outside:{provider}"


def fund(contract_id: int, price: int, provider: str) -> tuple[Transfer, ...]:
    """仮払い: what the provider collected goes into the contract's escrow."""
    return (Transfer(outside(provider), escrow(contract_id), price, "fund", contract_id),)


def release(contract_id: int, worker_id: int, share: money.Breakdown) -> tuple[Transfer, ...]:
    """検収: the escrow goes to the worker, less fee, tax on the fee and withholding."""
    source = escrow(contract_id)
    parts = (
        (earnings(worker_id), share.net, "release"),
        (FEES, share.fee, "fee"),
        (TAX, share.fee_tax, "fee_tax"),
        (WITHHELD, share.withholding, "withholding"),
    )
    return tuple(Transfer(source, to, amount, reason, contract_id) for to, amount, reason in parts if amount)


def refund(contract_id: int, amount: int, provider: str) -> tuple[Transfer, ...]:
    """返金: what is not paid to the worker goes back where it came from."""
    if not amount:
        return ()
    return (Transfer(escrow(contract_id), outside(provider), amount, "refund", contract_id),)


def refund_failed(refund_id: int, amount: int, provider: str, contract_id: int) -> tuple[Transfer, ...]:
    """The provider kept it: from now on it is owed."""
    return (Transfer(outside(provider), owed(refund_id), amount, "refund_failed", contract_id),)


def refund_retried(refund_id: int, amount: int, provider: str, contract_id: int) -> tuple[Transfer, ...]:
    return (Transfer(owed(refund_id), outside(provider), amount, "refund_retried", contract_id),)


def refund_settled(refund_id: int, amount: int, contract_id: int) -> tuple[Transfer, ...]:
    """Paid by people, from an account of the house that no provider knows."""
    return (Transfer(owed(refund_id), outside(BY_HAND), amount, "refund_settled", contract_id),)


def loss(contract_id: int, amount: int, provider: str) -> tuple[Transfer, ...]:
    """A payer's bank took back what the provider held for us: it is the house that bears it, whoever has the money."""
    return (Transfer(outside(CHARGEBACKS), outside(provider), amount, "loss", contract_id),)


def pay_out(worker_id: int, amount: int, provider: str) -> tuple[Transfer, ...]:
    """出金: earnings leave for the worker's bank."""
    return (Transfer(earnings(worker_id), outside(provider), amount, "pay_out", 0),)


def payout_returned(worker_id: int, amount: int, provider: str) -> tuple[Transfer, ...]:
    """A payout the bank sent back is earnings again; earnings never expire."""
    return (Transfer(outside(provider), earnings(worker_id), amount, "payout_returned", 0),)


def tip(source: str, worker_id: int, amount: int, contract_id: int) -> tuple[Transfer, ...]:
    """投げ銭: whole, without a fee."""
    return (Transfer(source, earnings(worker_id), amount, "tip", contract_id),)
