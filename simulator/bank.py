"""The payment provider and the banks behind it: does each errand once, and keeps a log of its own to be judged by."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from payments.ports import CURRENCY, THE_BOOKS, Answer, Books, Done, Entry, Errand, Failed, Notification, Unsure
from payments.pretend import Pretend
from simulator.faults import Broken, Injected

if TYPE_CHECKING:  # the two know each other
    from simulator.play import Play

# Real pages run out. Here they do not, and whoever pays on an older one has begun that long ago.
PAGE_STANDS = timedelta(days=3)
# What stands in their books of chargebacks; of one that we have won, nothing.
OUTCOMES = {"open": "open", "lost": "done"}


@dataclass
class Chargeback:
    """`outcome`: "open", "won" by us, or "lost"."""

    payment: int
    amount: int
    begun: datetime
    outcome: str = "open"


@dataclass
class Bank(Pretend):
    """Reads its webhooks as pretend does. `captured`: payment, amount and event of all money that came in."""

    play: "Play | None" = None
    pages: dict[int, int] = field(default_factory=dict)
    captured: list[tuple[int, int, str]] = field(default_factory=list)
    refunded: dict[str, int] = field(default_factory=dict)
    paid_out: dict[int, int] = field(default_factory=dict)
    returned: set[int] = field(default_factory=set)
    chargebacks: dict[str, Chargeback] = field(default_factory=dict)
    answers: dict[str, tuple[Errand, Answer]] = field(default_factory=dict)
    begun: dict[str, datetime] = field(default_factory=dict)

    @property
    def stage(self) -> "Play":
        assert self.play, "a bank stands in a play"
        return self.play

    @property
    def held(self) -> int:
        """What we should have with them, before losses: those are the house's, nobody else's money pays for them."""
        came = sum(amount for _, amount, _ in self.captured)
        gone = sum(amount for payout, amount in self.paid_out.items() if payout not in self.returned)
        return came - sum(self.refunded.values()) - gone

    @property
    def lost(self) -> int:
        return sum(each.amount for each in self.chargebacks.values() if each.outcome == "lost")

    def collect(self, errand: Errand) -> Answer:
        return self.once(errand, self.make_page)

    def refund(self, errand: Errand) -> Answer:
        return self.once(errand, self.send_back)

    def pay_out(self, errand: Errand) -> Answer:
        return self.once(errand, self.transfer)

    def once(self, errand: Errand, act: Callable[[Errand], Answer]) -> Answer:
        """The same key is the same errand, whatever becomes of the answer."""
        faults = self.stage.faults
        self.stage.operations += 1
        if self.stage.transactions_open():
            raise Broken("D8", "the provider is asked while a transaction is open")
        if self.stage.in_recovery:
            raise Broken("F33", f"{errand.key} is asked for in recovery mode")
        faults.point("before errand")
        if faults.strikes("errand without answer"):
            return Unsure("timeout")
        if errand.key not in self.answers:
            self.begun[errand.key] = self.stage.now
            self.answers[errand.key] = (errand, act(errand))
        before, answer = self.answers[errand.key]
        if (before.amount, before.thing_id) != (errand.amount, errand.thing_id):
            raise Broken("D10", f"{errand.key} was {before.amount}, and is now {errand.amount}")
        faults.point("after errand")
        if faults.strikes("errand answer lost"):
            return Unsure("timeout")
        if faults.strikes("errand breaks off"):
            raise Injected("reset")
        if isinstance(answer, Done) and faults.strikes("bank answers another sum"):
            return replace(answer, amount=answer.amount + 1)
        return answer

    def look_up(self, since: datetime) -> Books:
        """As real ones list them: by when they began there. A page is made days before somebody pays on it."""
        paid = [
            Entry("paid", event, "", payment, amount, CURRENCY, "done", told(event, "payment.paid", payment, amount))
            for payment, amount, event in self.captured
            if self.begun[event] >= since
        ]
        refunds = [
            Entry("refund", key, key, self.answers[key][0].thing_id, amount, CURRENCY, "done")
            for key, amount in self.refunded.items()
            if self.begun[key] >= since
        ]
        payouts = [self.paid(payout) for payout in self.paid_out if self.begun[f"pay_out-{payout}"] >= since]
        disputed = [
            Entry(
                "chargeback", name, name, each.payment, each.amount, CURRENCY, OUTCOMES[each.outcome], begun=each.begun
            )
            for name, each in self.chargebacks.items()
            if each.outcome in OUTCOMES
        ]
        return Books(since, (*paid, *refunds, *disputed, *payouts))

    def paid(self, payout: int) -> Entry:
        back = payout in self.returned
        kind = "payout.failed" if back else "payout.paid"
        key, amount = f"pay_out-{payout}", self.paid_out[payout]
        again = told(f"{kind}-{payout}", kind, payout, 0)
        return Entry("pay_out", key, key, payout, amount, CURRENCY, "failed" if back else "done", again)

    # -- what happens there

    def make_page(self, errand: Errand) -> Answer:
        if self.stage.faults.strikes("bank makes no page"):
            return Failed("no page today")
        self.pages[errand.thing_id] = errand.amount
        self.begun[f"page of {errand.thing_id}"] = self.stage.now
        return Done(errand.amount, CURRENCY, errand.key, f"{self.url}/pay/{errand.thing_id}")

    def send_back(self, errand: Errand) -> Answer:
        came = sum(amount for payment, amount, _ in self.captured if payment == errand.thing_id)
        gone = sum(gone for key, gone in self.refunded.items() if self.answers[key][0].thing_id == errand.thing_id)
        if gone + errand.amount > came:
            raise Broken("M13", f"{errand.key} sends back {errand.amount} of {came}, {gone} of it gone already")
        if self.stage.faults.strikes("bank refunds not"):
            return Failed("account closed")
        if gone + errand.amount > came - self.taken_back(errand.thing_id):
            return Failed("disputed")
        self.refunded[errand.key] = errand.amount
        return Done(errand.amount, CURRENCY, errand.key)

    def transfer(self, errand: Errand) -> Answer:
        faults, payout = self.stage.faults, errand.thing_id
        if errand.amount > self.held:
            raise Broken("M13", f"payout {payout} of {errand.amount} is more than the {self.held} that we hold")
        self.paid_out[payout] = errand.amount
        if faults.strikes("bank refuses at once"):
            self.returned.add(payout)
            return Failed("no such account")
        contradicts = faults.strikes("bank contradicts itself")
        if contradicts or faults.strikes("bank refuses"):
            self.returned.add(payout)
            self.notify({"id": f"payout.failed-{payout}", "type": "payout.failed", "payout": payout})
        if contradicts or payout not in self.returned:
            self.notify({"id": f"payout.paid-{payout}", "type": "payout.paid", "payout": payout})
        return Done(errand.amount, CURRENCY, errand.key)

    def pay(self, payment: int, amount: int) -> None:
        """Somebody pays on the page. Each arrival of money is an event of its own."""
        event = f"payment.paid-{payment}-{len(self.captured)}"
        self.captured.append((payment, amount, event))
        self.begun[event] = max(self.begun[f"page of {payment}"], self.stage.now - PAGE_STANDS)
        self.notify({"id": event, "type": "payment.paid", "payment": payment, "amount": amount})

    def taken_back(self, payment: int) -> int:
        return sum(c.amount for c in self.chargebacks.values() if c.payment == payment and c.outcome in OUTCOMES)

    def take_back(self, event: str) -> None:
        """The payer's own bank fetches what came with this event, whatever has become of it since."""
        [(payment, amount)] = [(payment, amount) for payment, amount, name in self.captured if name == event]
        self.chargebacks[f"of-{event}"] = Chargeback(payment, amount, self.stage.now)
        self.notify({"id": f"begun-of-{event}", "books": True})

    def decide(self, name: str, outcome: str) -> None:
        self.chargebacks[name].outcome = outcome
        self.notify({"id": f"{outcome}-{name}", "books": True})

    def notify(self, event: "dict[str, object]") -> bool:  # type: ignore[override] # it needs no other mapping
        """Webhooks come when they come: at once, later, twice, in any order."""
        if self.stage.faults.strikes("webhook lost"):
            return True
        about = THE_BOOKS if event.get("books") else str(event.get("payment") or event.get("payout"))
        self.stage.post_notification(Notification(str(event["id"]), about, json.dumps(event).encode()))
        return True


def told(event_id: str, kind: str, thing: int, amount: int) -> Notification:
    """What the webhook says, or said."""
    event = {"id": event_id, "type": kind, "payout": thing}
    if amount:
        event = {"id": event_id, "type": kind, "payment": thing, "amount": amount}
    return Notification(event_id, str(thing), json.dumps(event).encode())
