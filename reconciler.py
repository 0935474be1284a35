"""The reconciler: every so often the provider's own books are compared with ours: what differs is mended or told."""

from collections.abc import Container
from datetime import datetime, timedelta

import structlog

import logs
import mismatches
from conversations import talk
from engine import limits
from engine.freezing import BookLoss, Thaw
from engine.ports import NOBODY
from errands import follow_up, note_refusal
from house import House, world
from payments.comparing import NOUN, Difference, Ours, differences, seen
from payments.ports import CURRENCY, THE_BOOKS, Books, Done, Failed, Provider
from storage import audit, database, exceptions, inbox, modes, operations, releases, security
from storage.conflict import Conflict
from storage.security import Noted

log = structlog.get_logger()

RECONCILE_MINUTES = 10
LOOK_SECONDS = 30
TOLD_WITHIN = timedelta(seconds=2 * LOOK_SECONDS)
LOOK_BACK = timedelta(days=30)
# What differs about money of a contract. A list of 30 days forgets it; we do not.
KEPT = ("missing", "amount", "unbooked", "contradicting")
UNREAD = (
    "The books of {provider} could not be read ({why}): what differs there is not known. See that it can be reached, "
    "and that its key may read what docs/operating.md names; then try again."
)
# It knows nothing of frozen contracts, and would pay them out.
OLDER_SERVES = (
    f"Nothing was compared: processes of {releases.BEFORE} may still be running, and would pay out what is found to "
    "differ. End them; the clock sees it within half a minute. Then try again."
)


def reconcile(house: House) -> list[exceptions.Row]:
    """Compare with each provider. What is still open afterwards, oldest first."""
    look(house)
    with house.database.connect() as connection:
        return exceptions.still_open(connection)


def look(house: House) -> list[str]:
    """Compare with each provider. Of whose books nothing is known after all, and why: a sentence each."""
    with house.database.connect() as connection:
        beside = releases.older_serves(connection)
    return [OLDER_SERVES] if beside else [why for each in house.providers.values() if (why := look_at(house, each))]


def look_at(house: House, provider: Provider) -> str:
    """Why their books could not be compared, "" if they were."""
    now = house.now()
    try:
        books = provider.look_up(now - LOOK_BACK)
    except Exception as error:
        # Nothing was learned, so nothing follows, but that somebody hears of it.
        log.exception("the provider's books could not be read", provider=provider.name)
        with database.begin(house.database) as connection:
            security.count(connection, {Noted(limits.BOOKS_UNREAD, provider.name): 1}, now)
        return UNREAD.format(provider=provider.name, why=logs.kind(error))
    compare(house, provider, books, now)
    return ""


def is_told(house: House) -> bool:
    """A webhook may say no more than that the books have changed. What is missed here, the next look finds."""
    after = house.now() - TOLD_WITHIN
    with house.database.connect() as connection:
        return any(inbox.is_heard(connection, name, THE_BOOKS, after) for name in house.providers)


def compare(house: House, provider: Provider, books: Books, now: datetime) -> None:
    """`now` is when the books were asked for: whoever stands still meanwhile has not waited for an answer."""
    end_ambiguous(house, provider, books)
    with house.database.connect() as connection:
        disputed = [entry.thing_id for entry in books.entries if entry.kind == "chargeback"]
        lines = exceptions.our_lines(connection, provider.name, books.since, disputed)
    found = differences(map(ours, lines), books)
    hear_again(house, provider, found, books)
    with world(house, f"reconcile:{provider.name}") as store:
        exceptions.note(store.connection, provider.name, list(map(vars, found)), now)
        rows = exceptions.still_open(store.connection, provider.name)
        unread = inbox.unread(store.connection, provider.name)
    patience = {
        # What stands in our own inbox is known, and has its effect as soon as a worker is at it.
        (each.kind, each.subject): timedelta.max if each.again and each.again.event_id in unread else each.patience
        for each in found
    }
    # Lines that both sides have, and have alike.
    agreed = seen(books) - {each.subject for each in found}
    # What is told of freezes before what is settled thaws: the same contract may be in both. (In recovery mode nothing
    # freezes before its end, and what has thawed freezes anew.)
    for row in sorted(rows, key=lambda row: (row.kind, row.subject) not in patience):
        allowed = patience.get((row.kind, row.subject))
        if allowed is None and row.since <= now and not is_kept(row, agreed):
            # What was noted after the books were asked for is not in what they said.
            settle(house, row)
        elif allowed is None:
            continue
        elif row.confirmed_at is None and now - row.since >= allowed:
            tell(house, row)


def is_kept(row: exceptions.Row, agreed: Container[str]) -> bool:
    """It differed, and has left their list since, or differs otherwise now: no longer to differ so is not to agree."""
    return row.kind in KEPT and bool(row.thing_id) and row.subject not in agreed


def ours(line: exceptions.Line) -> Ours:
    if line.state == "differs":
        stage = line.state
    elif line.kind == "pay_out" and line.stage == "failed":
        stage = "failed"
    elif line.kind == "pay_out":
        # Sent, and not yet confirmed: what they say of it is still to be heard.
        stage = "done" if line.stage == "confirmed" else "open"
    elif line.kind == "paid":
        stage = "done" if line.stage == "paid" else "open"
    else:
        stage = line.state
    return Ours(line.kind, line.key, line.thing_id, line.amount, stage, line.at)


def hear_again(house: House, provider: Provider, found: list[Difference], books: Books) -> None:
    """A webhook that was lost comes in by the same door as all others, under its own name: it counts once. Which of two
    payments by one page is the booked one, the books do not say: all are heard, and who was heard counts no more."""
    about = {(each.noun, each.thing_id) for each in found if each.again}
    lost = [e.notification for e in books.entries if e.notification and (NOUN[e.kind], e.thing_id) in about]
    with database.begin(house.database) as connection:
        new = inbox.store(
            connection,
            [
                inbox.NewRow(
                    inbox.PAYMENTS,
                    provider.name,
                    each.event_id,
                    inbox.told_about(provider.name, each.about),
                    each.body,
                    house.now(),
                )
                for each in lost
            ],
        )
    if new:
        log.warning("webhooks were lost, and are heard now", provider=provider.name, number=new)
        house.bell.ring()


def end_ambiguous(house: House, provider: Provider, books: Books) -> None:
    """What stands in their books under our key has an answer. What does not stand there proves nothing: it is asked
    for again, under its key."""
    with house.database.connect() as connection:
        unsure = operations.unsure(connection, provider.name)
    answers = {entry.key: entry for entry in books.entries if entry.key}
    for row in unsure:
        entry = answers.get(row.key)
        if entry is None or (entry.amount, entry.currency) != (row.amount, CURRENCY):
            continue
        done = Done(entry.amount, entry.currency, entry.reference)
        result = done if entry.outcome == "done" else Failed("as their books say")
        with world(house, f"operation:{row.key}") as store:
            if not operations.end(store.connection, row, result, house.now()):
                continue
            wanted = follow_up(row, result)
            if wanted:
                note_refusal(talk.execute(wanted, store), wanted)


def tell(house: House, row: exceptions.Row) -> None:
    try:
        with world(house, f"exception:{row.id}") as store:
            # Nothing leaves in recovery mode, and what was paid in the time that is lost was not frozen then.
            if not modes.recovery(store.connection):
                mismatches.tell(store, row)
    except Conflict:
        log.info("a contract was just being changed: it is frozen next time")


def settle(house: House, row: exceptions.Row) -> None:
    """It is the same on both sides now. A contract goes on if nothing else is open about it."""
    try:
        with world(house, f"settled:{row.id}") as store:
            if not exceptions.clear(store.connection, row, house.now()):
                return
            for contract_id in exceptions.to_thaw(store.connection):
                talk.execute(Thaw(by=NOBODY, contract_id=contract_id), store)
    except Conflict:
        log.info("a contract was just being changed: it goes on next time")


def book_loss(house: House, number: int) -> bool:
    """What a bank has taken back for good leaves our books, too; the next look clears the exception. False if no such
    loss is open, or of no contract here. Who has said so is the exception's keeper: the log is for ever, names are not.
    """
    with house.database.connect() as connection:
        row = exceptions.loss(connection, number)
        ids = exceptions.concerned(connection, row.noun, row.thing_id) if row else []
    if not row or not ids:
        return False
    with world(house, f"{exceptions.LOSS}{row.subject}") as store:
        talk.execute(BookLoss(by=NOBODY, contract_id=ids[0], amount=row.theirs, provider=row.provider), store)
        store.note(audit.Line(NOBODY, "BookLoss", "database", row.subject))
    return True


def settle_by_hand(house: House, number: int) -> bool:
    """Somebody has looked into it: what it froze goes on. Where the books still differ, the next look notes it anew.
    False if it is not open, or nobody was told of it."""
    with house.database.connect() as connection:
        found = [row for row in exceptions.still_open(connection) if row.id == number and row.confirmed_at]
    for row in found:
        settle(house, row)
        with world(house, f"settled by hand:{number}") as store:
            store.note(audit.Line(NOBODY, "SettleException", "database", row.subject))
    return bool(found)


def hand_over(house: House, number: int, keeper: str) -> bool:
    """From now on `keeper` looks after it. False if there is no such exception open."""
    with database.begin(house.database) as connection:
        return exceptions.look_after(connection, number, keeper)
