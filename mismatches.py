"""Mismatches: what differs between the provider and us is told to operators once, and what it concerns is frozen."""

import structlog

from conversations import talk
from engine.freezing import FreezeFor
from engine.ports import NOBODY
from payments.comparing import AT_ONCE, PATIENCE, otherwise
from payments.ports import Differs
from storage import exceptions, operations
from storage.store import Store

log = structlog.get_logger()


def tell(store: Store, row: exceptions.Row) -> None:
    log.error("the provider's books differ", kind=row.kind, subject=row.subject, ours=row.ours, theirs=row.theirs)
    if not exceptions.confirm(store.connection, row, store.now):
        return
    wanted = FreezeFor(
        by=NOBODY,
        kind=row.kind,
        subject=row.subject,
        ours=row.ours,
        theirs=row.theirs,
        contract_ids=tuple(exceptions.concerned(store.connection, row.noun, row.thing_id)),
    )
    talk.execute(wanted, store)


def another_sum(store: Store, row: operations.Row, found: Differs) -> None:
    """At once: the next look at the books may come after the next payout."""
    noted = otherwise(row.kind, row.key, row.thing_id, row.amount, found.amount)
    exceptions.note(store.connection, row.provider, [vars(noted)], store.now)
    if store.older_serves:
        # It would pay a frozen contract out all the same: the comparison of the books tells of it when that is gone.
        return
    for each in exceptions.still_open(store.connection, row.provider):
        if (each.kind, each.subject) == (noted.kind, noted.subject):
            tell(store, each)


def tell_resumed(store: Store) -> None:
    """Recovery mode ends: what was noted in it freezes now, before a payout that comes sooner than the next look at the
    books. What concerns no contract, or may still be on its way, waits for that look."""
    for row in exceptions.still_open(store.connection):
        ripe = store.now - row.since >= PATIENCE.get(row.kind, AT_ONCE)
        if ripe and not row.confirmed_at and exceptions.concerned(store.connection, row.noun, row.thing_id):
            tell(store, row)
