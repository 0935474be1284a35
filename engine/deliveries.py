"""納品 and 検収: work is delivered, changed on request, and accepted by word or by silence."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar

from engine import errors, ledger, terms, texts
from engine.contracts import Contract
from engine.lifecycle import Role
from engine.payouts import due_at_next_run
from engine.ports import Command, Decision, Event, Thing

LINK_MAX_CHARACTERS = 1_000


@dataclass(frozen=True, kw_only=True)
class Deliverable(Thing):
    """What was handed over, as it was: text, link or file; the hash is of exactly these bytes."""

    noun: ClassVar = "deliverable"
    contract_id: int
    number: int  # 1 for the first delivery
    kind: str  # "text", "link" or "file"
    body: str  # the text, the link, or the file's name
    file_id: int  # 0 unless it is a file
    sha256: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Deliver(Command):
    """`sha256` is that of a file's bytes, "" for words and links: theirs is the rule's to make."""

    contract_id: int
    kind: str
    body: str
    file_id: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class RequestChanges(Command):
    contract_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class ExtendReview(Command):
    contract_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class AcceptWork(Command):
    """`price` is the amount the client saw when tapping: another amount is refused."""

    contract_id: int
    price: int


@dataclass(frozen=True, kw_only=True)
class Delivered(Event):
    contract: Contract
    deliverable: Deliverable


@dataclass(frozen=True, kw_only=True)
class ChangesRequested(Event):
    contract: Contract
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReviewExtended(Event):
    contract: Contract
    reason: str


@dataclass(frozen=True, kw_only=True)
class WorkAccepted(Event):
    """`in_silence`: the clock accepted, the client had said nothing."""

    contract: Contract
    in_silence: bool


def deliver(
    contract: Contract,
    earlier: int,
    deliverable_id: int,
    now: datetime,
    wanted: Deliver,
) -> Decision:
    """`earlier` is how many deliveries there have been."""
    role = contract.role_of(wanted.by)
    limit = LINK_MAX_CHARACTERS if wanted.kind == "link" else texts.WORDS_MAX_CHARACTERS
    body = texts.bounded(wanted.body, limit)
    deliverable = Deliverable(
        id=deliverable_id,
        contract_id=contract.id,
        number=earlier + 1,
        kind=wanted.kind,
        body=body,
        file_id=wanted.file_id,
        sha256=wanted.sha256 if wanted.file_id else sha256(body.encode()).hexdigest(),
        at=now,
    )
    until = now + timedelta(days=terms.REVIEW_DAYS)
    delivered = contract.take("deliver", by=role, at=now, delivered_at=now, review_until_at=until)
    return Decision(
        events=(Delivered(contract=delivered, deliverable=deliverable),),
        things=(delivered, deliverable),
    )


def request_changes(contract: Contract, now: datetime, wanted: RequestChanges) -> Decision:
    role = contract.role_of(wanted.by)
    reason = texts.bounded(wanted.reason, texts.REASON_MAX_CHARACTERS)
    asked = contract.take("request_changes", by=role, at=now, rounds_used=contract.rounds_used + 1)
    if contract.rounds_used >= terms.ROUNDS_MAX:
        raise errors.NoRoundsLeft(terms.ROUNDS_MAX)
    return Decision(events=(ChangesRequested(contract=asked, reason=reason),), things=(asked,))


def extend_review(contract: Contract, now: datetime, wanted: ExtendReview) -> Decision:
    role = contract.role_of(wanted.by)
    reason = texts.bounded(wanted.reason, texts.REASON_MAX_CHARACTERS)
    if contract.extended:
        raise errors.AlreadyExtended
    until = (contract.review_until_at or now) + contract.lost + timedelta(days=terms.EXTENSION_DAYS)
    longer = contract.take("extend_review", by=role, at=now, extended=True, review_until_at=until)
    return Decision(events=(ReviewExtended(contract=longer, reason=reason),), things=(longer,))


def accept(contract: Contract, now: datetime, wanted: AcceptWork) -> Decision:
    """検収: the escrow goes to the worker, less our fee. Irrevocable."""
    role = contract.role_of(wanted.by)
    if wanted.price != contract.price:
        raise errors.TermsChanged
    return released(contract, role, now)


def accept_in_silence(contract: Contract, now: datetime) -> Decision:
    return released(contract, Role.CLOCK, now)


def released(contract: Contract, role: Role, now: datetime) -> Decision:
    done = contract.take("accept", by=role, at=now, accepted_at=now, ended_at=now)
    return Decision(
        events=(WorkAccepted(contract=done, in_silence=role is Role.CLOCK),),
        things=(done,),
        transfers=ledger.release(contract.id, contract.worker_id, contract.share),
        timers=(due_at_next_run(contract.worker_id, now),),
    )
