"""Safeguards that can be taken out, one at a time, to show that the crash loop sees what is then wrong."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, update

from chaos.bank import Teller
from house import House
from payments.ports import Done, Errand, Failed, Unsure
from storage import operations, outbox
from storage.tables import operations as operations_table
from storage.tables import outbox as outbox_table


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
    any_fence = bindparam("my_fence") > 0
    of_messages = update(outbox_table).where(outbox_table.c.id == bindparam("row_id"), any_fence)
    of_errands = update(operations_table).where(operations_table.c.id == bindparam("row_id"), any_fence)
    replaced: Any = outbox
    replaced.settling = lambda: of_messages
    replaced = operations
    replaced.SETTLE = of_errands
    return house


SAFEGUARDS: Mapping[str, Callable[[House], House]] = {"": lambda house: house, "key": keyless, "fence": fenceless}


def without(name: str, house: House) -> House:
    """In this process and those forked from it."""
    return SAFEGUARDS[name](house)
