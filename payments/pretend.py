"""Pretend: a provider with a pay page and signed webhooks, and no real money. What a page is for is in its signed
token, so it survives restarts and the same errand has the same answer; what happened is in its memory."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2

from engine.payments import ConfirmPayment
from engine.payouts import ConfirmPayout, FailPayout
from engine.ports import NOBODY, Command
from payments import events
from payments.memory import Memory
from payments.ports import CURRENCY, Books, Done, Entry, Errand, Failed, Forged, Notification, Unsure, each_of

NAME = "pretend"
HEADER = "pretend-signature"
TOLERANCE_SECONDS = 300
STAMP = re.compile(r"t=[0-9]{1,11}", re.ASCII)
WEBHOOK_TIMEOUT_SECONDS = 10


def sign(secret: str, words: bytes) -> str:
    return hmac.new(secret.encode(), words, hashlib.sha256).hexdigest()


def is_signed(secrets: tuple[str, ...], words: bytes, signature: str) -> bool:
    """By any of them. All are compared: the time it takes does not tell which one it was."""
    given = signature.encode("utf-8", "surrogateescape")
    return sum(hmac.compare_digest(sign(secret, words).encode(), given) for secret in secrets) > 0


@dataclass(frozen=True)
class Ticket:
    """What a pay page is for."""

    payment_id: int
    amount: int
    title: str


def seal(secret: str, ticket: Ticket) -> str:
    body = base64.urlsafe_b64encode(json.dumps(vars(ticket), ensure_ascii=False).encode()).decode().rstrip("=")
    return f"{body}.{sign(secret, body.encode())}"


def unseal(secrets: tuple[str, ...], token: str) -> Ticket | None:
    body, _, signature = token.partition(".")
    if not is_signed(secrets, body.encode(), signature):
        return None
    return Ticket(**json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


@dataclass
class Pretend:
    """`url` is our own public address: the pay page and the webhook live there. `bank_refuses` sends payouts back."""

    url: str
    secret: str
    name: str = NAME
    bank_refuses: bool = False
    memory: Memory = field(default_factory=Memory)

    @property
    def secrets(self) -> tuple[str, ...]:
        return each_of(self.secret)

    def collect(self, errand: Errand) -> Done | Failed | Unsure:
        ticket = Ticket(errand.thing_id, errand.amount, errand.title)
        return Done(ticket.amount, CURRENCY, errand.key, f"{self.url}/pretend/pay/{seal(self.secrets[0], ticket)}")

    def refund(self, errand: Errand) -> Done | Failed | Unsure:
        line = self.memory.note({"kind": "refund", **remembered(errand)})
        return Done(line["amount"], CURRENCY, errand.key)

    def pay_out(self, errand: Errand) -> Done | Failed | Unsure:
        """The bank answers later, by webhook."""
        kind = "payout.failed" if self.bank_refuses else "payout.paid"
        line = self.memory.note({"kind": "pay_out", **remembered(errand), "told": kind})
        sent = self.notify({"id": f"{kind}-{errand.thing_id}", "type": kind, "payout": errand.thing_id})
        done = Done(line["amount"], CURRENCY, errand.key)
        return done if sent else Unsure("our own webhook did not answer")

    def look_up(self, since: datetime) -> Books:
        begun, lines = self.memory.lines()
        return Books(max(begun, since), tuple(map(entry, lines)))

    def receive(self, headers: Mapping[str, str], body: bytes, now: float) -> Notification:
        stamp, _, signature = headers.get(HEADER, "").partition(",v1=")
        seconds = stamp.removeprefix("t=")
        if not STAMP.fullmatch(stamp) or abs(now - int(seconds)) > TOLERANCE_SECONDS:
            raise Forged("stale")
        if not is_signed(self.secrets, f"{seconds}.".encode() + body, signature):
            raise Forged("signature")
        event = events.parse(body)
        about = str(event.get("payment") or event.get("payout") or "none")
        return Notification(event["id"], events.outside_id(about), body)

    def read(self, body: bytes) -> Command | None:
        match json.loads(body):
            case {"amount": bool()}:
                return None  # a yes is an int to Python, and no yen
            case {"type": "payment.paid", "payment": int(payment), "amount": int(amount), "id": str(event)}:
                return ConfirmPayment(by=NOBODY, payment_id=payment, amount=amount, reference=event)
            case {"type": "payout.paid", "payout": int(payout)}:
                return ConfirmPayout(by=NOBODY, payout_id=payout)
            case {"type": "payout.failed", "payout": int(payout)}:
                return FailPayout(by=NOBODY, payout_id=payout)
        return None

    # -- the outside world's side

    def signed(self, event: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
        body = json.dumps(event).encode()
        seconds = str(int(time.time()))
        signature = sign(self.secrets[0], f"{seconds}.".encode() + body)
        return body, {HEADER: f"t={seconds},v1={signature}", "content-type": "application/json"}

    def arrived(self, event: Mapping[str, Any]) -> bool:
        """Money came on one of our pages: it is remembered, and told of."""
        told = {"kind": "paid", "reference": event["id"], "key": "", "thing": event["payment"], "told": event["type"]}
        self.memory.note({**told, "amount": event["amount"]})
        return self.notify(event)

    def notify(self, event: Mapping[str, Any]) -> bool:
        body, headers = self.signed(event)
        try:
            answer = httpx2.post(
                f"{self.url}/payments/{self.name}", content=body, headers=headers, timeout=WEBHOOK_TIMEOUT_SECONDS
            )
        except httpx2.HTTPError:
            return False
        return answer.is_success


def remembered(errand: Errand) -> dict[str, Any]:
    return {"reference": errand.key, "key": errand.key, "thing": errand.thing_id, "amount": errand.amount}


def entry(line: Mapping[str, Any]) -> Entry:
    """As others read it in our books."""
    kind, told, thing = line["kind"], line.get("told", ""), line["thing"]
    again = None
    if kind == "paid":
        event = {"id": line["reference"], "type": told, "payment": thing, "amount": line["amount"]}
        again = Notification(event["id"], str(thing), json.dumps(event).encode())
    elif kind == "pay_out":
        event = {"id": f"{told}-{thing}", "type": told, "payout": thing}
        again = Notification(event["id"], str(thing), json.dumps(event).encode())
    outcome = "failed" if told == "payout.failed" else "done"
    return Entry(kind, line["reference"], line["key"], thing, line["amount"], CURRENCY, outcome, again)
