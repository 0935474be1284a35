"""ありがとう: one press per giver, receiver and day, with or without words and a tip."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from engine import calendar, errors, ledger, money, moves, texts
from engine.contracts import Contract
from engine.lifecycle import Role
from engine.payments import Payment, request
from engine.payouts import due_at_next_run
from engine.ports import Command, Decision, Event, Staged

TIP_STAGES = ("accepted", "paid_out", "payout_problem")
THANKED_STAGES = (*TIP_STAGES, "ended_early")
TIP_HOURS = 72


@dataclass(frozen=True, kw_only=True)
class Thanks(Staged):
    noun: ClassVar = "thanks"
    lifecycle: ClassVar = moves.THANKS

    contract_id: int
    giver_id: int
    receiver_id: int
    words: str
    tip: int
    day: date  # in the market's zone

    @property
    def tip_until(self) -> datetime:
        return self.since + timedelta(hours=TIP_HOURS) + self.lost


@dataclass(frozen=True, kw_only=True)
class SayThanks(Command):
    contract_id: int
    words: str
    tip: int  # yen, 0 for none


@dataclass(frozen=True, kw_only=True)
class ThanksSaid(Event):
    thanks: Thanks
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class TipAsked(Event):
    """The giver's balance does not cover the tip; a pay page has been asked for."""

    thanks: Thanks
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class Tipped(Event):
    thanks: Thanks
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class TipForgone(Event):
    thanks: Thanks
    contract: Contract


def say(
    contract: Contract,
    today: tuple[Thanks, ...],
    balance: int,
    ids: tuple[int, int],
    provider: str,
    now: datetime,
    wanted: SayThanks,
) -> Decision:
    """`today` are the giver's thanks to this receiver today, `balance` the giver's wallet in yen,
    `ids` those of the thanks and of the payment it may need."""
    role = contract.role_of(wanted.by)
    if contract.stage not in THANKED_STAGES:
        raise errors.NotNow("contract", "thank", contract.stage)
    if today:
        raise errors.AlreadyThanked
    if len(wanted.words.strip()) > texts.THANKS_MAX_CHARACTERS:
        raise errors.TooLong(texts.THANKS_MAX_CHARACTERS)
    thanks = Thanks(
        id=ids[0],
        since=now,
        contract_id=contract.id,
        giver_id=wanted.by,
        receiver_id=contract.other_than(wanted.by),
        words=wanted.words.strip(),
        tip=wanted.tip,
        day=calendar.local_day(now),
    )
    if not wanted.tip:
        said = thanks.take("say_thanks", by=role, at=now)
        return Decision(events=(ThanksSaid(thanks=said, contract=contract),), things=(said,))
    may_tip(contract, role, wanted.tip)
    if balance >= wanted.tip:
        tipped = thanks.take("tip_from_wallet", by=role, at=now)
        source = ledger.wallet(wanted.by)
        return Decision(things=(tipped,)) + credited(tipped, contract, source, now)
    return asked_for(thanks, ids[1], provider, contract, now)


def may_tip(contract: Contract, role: Role, amount: int) -> None:
    if role is not Role.CLIENT or contract.stage not in TIP_STAGES:
        raise errors.TipTooEarly
    if not money.TIP_MIN_YEN <= amount <= money.TIP_MAX_YEN:
        raise errors.TipOutOfRange(money.TIP_MIN_YEN, money.TIP_MAX_YEN)


def asked_for(thanks: Thanks, payment_id: int, provider: str, contract: Contract, now: datetime) -> Decision:
    awaited = thanks.take("say_with_tip", by=Role.CLIENT, at=now)
    payment = Payment(
        id=payment_id,
        since=now,
        purpose="tip",
        contract_id=contract.id,
        thanks_id=thanks.id,
        payer_id=thanks.giver_id,
        title=contract.title,
        amount=thanks.tip,
        provider=provider,
    )
    told = Decision(events=(TipAsked(thanks=awaited, contract=contract),), things=(awaited,))
    _, asked = request(payment, by=Role.CLIENT, at=now)
    return told + asked


def credited(thanks: Thanks, contract: Contract, source: str, now: datetime) -> Decision:
    return Decision(
        events=(Tipped(thanks=thanks, contract=contract),),
        transfers=ledger.tip(source, thanks.receiver_id, thanks.tip, contract.id),
        timers=(due_at_next_run(thanks.receiver_id, now),),
    )


def tip_paid(thanks: Thanks, contract: Contract, payment: Payment, now: datetime) -> Decision:
    tipped = thanks.take("tip", by=Role.PROVIDER, at=now)
    return Decision(things=(tipped,)) + credited(tipped, contract, ledger.outside(payment.provider), now)


def forgo(thanks: Thanks, contract: Contract, waiting: tuple[Payment, ...], now: datetime) -> Decision:
    """The tip was never paid; the thanks stand without it."""
    said = thanks.take("forgo_tip", by=Role.CLOCK, at=now)
    lapsed = tuple(p.take("expire", by=Role.CLOCK, at=now) for p in waiting if p.is_asked)
    return Decision(events=(TipForgone(thanks=said, contract=contract),), things=(said, *lapsed))
