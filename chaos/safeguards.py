"""Safeguards that can be taken out, one at a time, to show that the crash loop sees what is then wrong."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlalchemy import Table, bindparam, update

from bots import lease
from chaos.bank import Teller
from house import House
from payments.ports import Done, Errand, Failed, Unsure
from storage import operations, outbox, tables
from storage.prepared import Prepared


class Keyless(Teller):
    """Each attempt is a new errand to the bank."""

    def pay_out(self, errand: Errand) -> Done | Failed | Unsure:
        return super().pay_out(replace(errand, key=uuid.uuid4().hex))


def keyless(house: House) -> House:
    teller = house.providers["pretend"]
    assert isinstance(teller, Teller), "chaos has put it there"
    return replace(house, providers={"pretend": Keyless(**vars(teller))})


def fenceless(house: House) -> House:
    """Whoever comes back writes what they think has happened, whoever holds the row by now."""
    outbox.SETTLE = anyone(tables.outbox, outbox.SETTLE)
    operations.SETTLE = anyone(tables.operations, operations.SETTLE)
    return house


def anyone(table: Table, settle: Prepared) -> Prepared:
    return Prepared(update(table).where(table.c.id == bindparam("row_id")), settle.columns)


def headlong(house: House) -> House:
    """Who was stopped on the way to a messenger sends on waking, whoever has sent it by now: about once in a minute."""
    lease.insist = lambda: None
    return house


SAFEGUARDS: Mapping[str, Callable[[House], House]] = {
    "": lambda house: house,
    "key": keyless,
    "fence": fenceless,
    "lease": headlong,
}


def without(name: str, house: House) -> House:
    """In this process and those forked from it."""
    return SAFEGUARDS[name](house)
