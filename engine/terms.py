"""The terms card (発注通知): what both sides agree to before money moves, immutable and hashed."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from engine import calendar, money
from engine.jobs import Job
from engine.texts import GONE
from engine.users import User

REVIEW_DAYS = 7
EXTENSION_DAYS = 7
PAYMENT_DAYS_MAX = 60  # after receipt: フリーランス法 4条
ROUNDS_MAX = 2


@dataclass(frozen=True)
class Terms:
    """Every item the law asks for. Dates are ISO strings in the market's zone, amounts yen."""

    client_id: int
    client_name: str
    worker_id: int
    worker_name: str
    ordered_on: str
    title: str
    content: str
    rights: str  # a key of the templates: which rights pass to the client, and when
    due: str
    place: str  # "remote" or a place
    review_days: int
    change_rounds: int
    price: int
    fee: int
    fee_tax: int
    withholding: int
    net: int
    pays_on: str  # a calendar date, at most 60 days after receipt
    method: str
    bank_fee_borne_by: str

    def canonical(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def pays_on(due: date) -> date:
    """The latest day the worker is paid when delivery is in time: review, one extension, the next business day."""
    day = calendar.business_day_from(due + timedelta(days=REVIEW_DAYS + EXTENSION_DAYS + 1))
    assert day <= due + timedelta(days=PAYMENT_DAYS_MAX), "the law's limit"
    return day


def draw_up(job: Job, client: User, worker: User, share: money.Breakdown, ordered_on: date) -> Terms:
    return Terms(
        client_id=client.id,
        client_name=client.name,
        worker_id=worker.id,
        worker_name=worker.name,
        ordered_on=ordered_on.isoformat(),
        title=job.title,
        content=job.description or job.title,
        rights="to_client_on_acceptance",
        due=job.due.isoformat(),
        place="remote",
        review_days=REVIEW_DAYS,
        change_rounds=ROUNDS_MAX,
        price=share.price,
        fee=share.fee,
        fee_tax=share.fee_tax,
        withholding=share.withholding,
        net=share.net,
        pays_on=pays_on(job.due).isoformat(),
        method="bank_transfer",
        bank_fee_borne_by="client",
    )


def without(card: str, client: bool, worker: bool) -> str:  # noqa: FBT001 - which of the two has left, or both
    """The card after one side has left: no name of theirs, no words of the client's. Sums, days and hash stay."""
    known = read(card)
    if client:
        known = replace(known, client_name=GONE, title=GONE, content=GONE)
    if worker:
        known = replace(known, worker_name=GONE)
    return known.canonical()


def digest(terms: str) -> str:
    """The version of a terms card: SHA-256 of its canonical text, in hexadecimal."""
    return hashlib.sha256(terms.encode()).hexdigest()


def read(terms: str) -> Terms:
    return Terms(**json.loads(terms))
