"""Comparing: what the provider's books say and what ours say, line by line. Pure; storage gathers ours."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from payments.ports import CURRENCY, Books, Entry, Notification

# How long a difference has to stay before anybody is told. What is paid there and not here may be on its way; and what
# is not found there may only not be in their list yet: one look that finds nothing proves nothing.
PATIENCE: Mapping[str, timedelta] = {"unbooked": timedelta(minutes=15), "missing": timedelta(hours=1)}
AT_ONCE = timedelta(0)
# Providers list by when a thing began there: a page is made days before somebody pays on it, and of an errand that was
# done while we were out we hear when we are back. So what we have since less than this after their list begins may
# stand before it. A line that is missing is found on its first days.
BEGUN_EARLIER = timedelta(days=15)


@dataclass(frozen=True)
class Ours:
    """One line of our books, of the same kinds as an Entry. `stage`, since `at`: "open", "done", "failed", or "differs"
    if the provider said of our errand that it was for another sum."""

    kind: str
    key: str  # the errand's; "" for money we wait for
    thing_id: int
    amount: int
    stage: str
    at: datetime


@dataclass(frozen=True)
class Difference:
    """`kind`: unknown, doubled, currency, amount, answer, missing, unbooked or contradicting; disputed or lost, of a
    chargeback. `subject` names the line; `noun` and `thing_id` the payment or payout of ours, "" and 0 if there is
    none. `again`: what has to be heard."""

    kind: str
    subject: str
    noun: str
    thing_id: int
    ours: int
    theirs: int
    again: Notification | None = None

    @property
    def patience(self) -> timedelta:
        return PATIENCE.get(self.kind, AT_ONCE)


def differences(ours: Iterable[Ours], books: Books) -> list[Difference]:
    """One for each line that is not the same on both sides. `books` were read before `ours`, so nothing of theirs can
    be too new for us to know."""
    known = {(mine.kind, mine.key or mine.thing_id): mine for mine in ours}
    found = list(doubled(books.entries))
    rest = once(books.entries)
    found += [wrong(entry, "currency", None) for entry in rest if entry.currency != CURRENCY]
    rest = [entry for entry in rest if entry.currency == CURRENCY]
    arrived: dict[int, list[Entry]] = defaultdict(list)
    errands: dict[str, Entry] = {}
    for entry in rest:
        if entry.kind == "paid":
            arrived[entry.thing_id].append(entry)
        elif (entry.kind, entry.key) in known:
            errands[entry.key] = entry
        elif ("paid", entry.thing_id) in known or entry.begun is None or entry.begun >= books.since:
            found.append(wrong(entry, strange(entry, known), None))
    for (kind, _), mine in known.items():
        if kind == "paid":
            sent_back = {key for other, key in known if other == "refund"}
            kept = [e for e in arrived.pop(mine.thing_id, []) if f"refund-{e.thing_id}-{e.reference}" not in sent_back]
            found += arrivals(mine, kept, books.since)
        else:
            found += errand(mine, errands.get(mine.key), books.since)
    return found + [wrong(entry, "unknown", None) for entries in arrived.values() for entry in entries]


def doubled(entries: Sequence[Entry]) -> Iterator[Difference]:
    """Two lines under one name or one key: our errand was done twice."""
    seen: set[str] = set()
    for entry in entries:
        if entry.reference in seen or (entry.key and entry.key in seen):
            yield wrong(entry, "doubled", None)
        seen |= {entry.reference, entry.key} - {""}


def once(entries: Sequence[Entry]) -> list[Entry]:
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(entry.key or entry.reference, entry)
    return list(found.values())


def arrivals(mine: Ours, kept: Sequence[Entry], since: datetime) -> Iterator[Difference]:
    """Of what came for a payment and was not sent back, we have booked one, of exactly its amount, or nothing."""
    if mine.stage != "done":
        yield from (wrong(entry, "unbooked", mine, entry.notification) for entry in kept)
        return
    booked = next((entry for entry in kept if entry.amount == mine.amount), None)
    if booked is None and is_listed(mine, since):
        booked = kept[0] if kept else None
        yield wrong(booked, "amount", mine) if booked else absent(mine)
    yield from (wrong(entry, "unbooked", mine, entry.notification) for entry in kept if entry is not booked)


def errand(mine: Ours, entry: Entry | None, since: datetime) -> Iterator[Difference]:
    if mine.stage == "differs":
        yield otherwise(mine.kind, mine.key, mine.thing_id, mine.amount, entry.amount if entry else 0)
    elif entry is None:
        if mine.stage == "done" and is_listed(mine, since):
            yield absent(mine)
    elif entry.amount != mine.amount:
        yield wrong(entry, "amount", mine)
    elif (mine.stage, entry.outcome) == ("failed", "done"):
        yield wrong(entry, "contradicting", mine)
    elif (mine.stage, entry.outcome) == ("done", "failed") or (mine.stage == "open" and entry.notification):
        yield wrong(entry, "unbooked", mine, entry.notification)


def seen(books: Books) -> frozenset[str]:
    """The subjects of all that their list still tells of, as `wrong` and `absent` name them."""
    return frozenset(f"{e.kind} {name}" for e in books.entries for name in (e.reference, e.key, e.thing_id))


def is_listed(mine: Ours, since: datetime) -> bool:
    """Whether their list would have to have it."""
    return mine.at - BEGUN_EARLIER >= since


def strange(entry: Entry, known: Container[tuple[str, object]]) -> str:
    """What their line is of which we have none. A chargeback is booked here when an operator says so, and only if its
    payment is ours: another copy of this database, or another database, may have asked for it on the same account."""
    if entry.kind != "chargeback" or ("paid", entry.thing_id) not in known:
        return "unknown"
    return "lost" if entry.outcome == "done" else "disputed"


def wrong(entry: Entry, kind: str, mine: Ours | None, again: Notification | None = None) -> Difference:
    noun = NOUN[entry.kind] if entry.thing_id else ""
    return Difference(
        kind, f"{entry.kind} {entry.reference}", noun, entry.thing_id, mine.amount if mine else 0, entry.amount, again
    )


def otherwise(kind: str, key: str, thing_id: int, ours: int, theirs: int) -> Difference:
    """An errand of ours was answered with another sum than it was for."""
    return Difference("answer", f"{kind} {key}", NOUN[kind], thing_id, ours, theirs)


def absent(mine: Ours) -> Difference:
    subject = f"{mine.kind} {mine.key or mine.thing_id}"
    return Difference("missing", subject, NOUN[mine.kind], mine.thing_id, mine.amount, 0)


NOUN = {"paid": "payment", "chargeback": "payment", "collect": "payment", "refund": "payment", "pay_out": "payout"}
