"""Stripe on loopback, as far as we use it: keys that make a request happen once, lists, answers that get lost; and
webhooks signed as Stripe signs them. The strict look at our requests is the conformance recorder's."""

import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import clock
from payments.stripe import Stripe

KEY = "sk_test_stand"
SECRET = "whsec_tests"
WORKER = "U-0000000"
ACCOUNT = "acct_1Worker"
KINDS = {
    "/v1/checkout/sessions": "checkout.session",
    "/v1/refunds": "refund",
    "/v1/transfers": "transfer",
    "/v1/disputes": "dispute",
}
LETTERS = {"checkout.session": "cs_test", "refund": "re", "transfer": "tr"}
Json = dict[str, Any]
NUMBER = itertools.count(1)


class LostAnswer(Exception):
    """What was asked for has happened, and the asker never hears of it."""


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    key: str
    version: str
    sent: Mapping[str, str]


@dataclass
class Stand:
    """`first` is done with a request before its effect, `then` after it and before the answer; each may refuse by
    answering (status, error), or raise LostAnswer. `now`: when what is made was created."""

    address: str = ""
    asked: list[Asked] = field(default_factory=list)
    made: dict[str, Json] = field(default_factory=dict)
    keys: dict[str, tuple[Mapping[str, str], Json]] = field(default_factory=dict)
    intents: dict[str, Json] = field(default_factory=dict)
    first: Callable[[Asked], tuple[int, Json] | None] = lambda _: None
    then: Callable[[Asked, Json], tuple[int, Json] | None] = lambda *_: None
    now: Callable[[], datetime] = clock.now

    def of(self, kind: str) -> list[Json]:
        return [each for each in self.made.values() if each["object"] == kind]

    def forget_keys(self) -> None:
        """As Stripe does after a day."""
        self.keys.clear()

    def provider(self, accounts: Mapping[str, str] | None = None) -> Stripe:
        known = {WORKER: ACCOUNT} if accounts is None else accounts
        return Stripe("https://market.example", KEY, SECRET, self.address, known)

    def answer(self, asked: Asked) -> tuple[int, Json]:
        self.asked.append(asked)
        refused = self.first(asked)
        if refused:
            return refused
        if asked.method == "GET":
            return self.shown(asked)
        if asked.key in self.keys:
            sent, answer = self.keys[asked.key]
            return (200, answer) if sent == asked.sent else (400, error("idempotency_error", "other parameters"))
        thing = self.make(asked)
        self.keys[asked.key] = (asked.sent, thing)
        return self.then(asked, thing) or (200, thing)

    def shown(self, asked: Asked) -> tuple[int, Json]:
        kind = KINDS.get(asked.path)
        if kind is None:
            found = self.made.get(asked.path.rsplit("/", 1)[1])
            return (200, found) if found else (404, error("invalid_request_error", "no such thing"))
        wanted = {name: value for name, value in asked.sent.items() if name != "limit" and "[" not in name}
        from_when = int(asked.sent.get("created[gte]", 0))
        lately = [each for each in self.of(kind) if each["created"] >= from_when]
        found_ones = [each for each in lately if all(each.get(n) == v for n, v in wanted.items())]
        if asked.sent.get("expand[0]") == "data.payment_intent":
            found_ones = [{**each, "payment_intent": self.intents[each["payment_intent"]]} for each in found_ones]
        return 200, {"object": "list", "data": found_ones, "has_more": False, "url": asked.path}

    def make(self, asked: Asked) -> Json:
        kind = KINDS[asked.path]
        thing: Json = {"id": f"{LETTERS[kind]}_{next(NUMBER)}", "object": kind, "livemode": False, "metadata": {}}
        thing["created"] = int(self.now().timestamp())
        for name, value in asked.sent.items():
            if name.startswith("metadata["):
                thing["metadata"][name[len("metadata[") : -1]] = value
            elif "[" not in name:
                thing[name] = int(value) if name == "amount" else value
        if kind == "checkout.session":
            amount = int(asked.sent["line_items[0][price_data][unit_amount]"])
            thing |= {"amount_total": amount, "currency": asked.sent["line_items[0][price_data][currency]"]}
            thing |= {"payment_status": "unpaid", "payment_intent": None, "status": "open"}
            thing |= {"url": f"https://checkout.example/c/pay/{thing['id']}"}
        elif kind == "transfer":
            thing |= {"amount_reversed": 0, "reversed": False}
        else:
            thing |= {"status": "succeeded", "currency": "jpy"}
        self.made[thing["id"]] = thing
        return thing

    def pay(self, session: Json) -> Json:
        """The client has paid on the page."""
        session |= {"payment_status": "paid", "payment_intent": f"pi_{next(NUMBER)}", "status": "complete"}
        intent = {"id": session["payment_intent"], "object": "payment_intent", "metadata": session["metadata"]}
        self.intents[session["payment_intent"]] = intent
        return event("checkout.session.completed", session)

    def dispute(self, session: Json, amount: int = 0) -> Json:
        """The client has told their bank that they did not want to pay, of the whole or of `amount`."""
        about = {"payment_intent": session["payment_intent"], "amount": amount or session["amount_total"]}
        state = {"status": "needs_response", "created": int(self.now().timestamp()), "currency": "jpy", "metadata": {}}
        payer = {"customer_name": "Hanako Sato", "customer_email_address": "hanako@example.com"}
        name = f"dp_{next(NUMBER)}"
        thing: Json = {"id": name, "object": "dispute", **about, **state, "evidence": payer}
        self.made[thing["id"]] = thing
        return event("charge.dispute.created", thing)

    def decide(self, dispute: Json, status: str) -> Json:
        dispute["status"] = status
        return event("charge.dispute.closed", dispute)


def error(kind: str, message: str, code: str = "") -> Json:
    return {"error": {"type": kind, "message": message, **({"code": code} if code else {})}}


def event(kind: str, thing: Mapping[str, Any], **more: Any) -> Json:
    made = {"id": f"evt_{next(NUMBER)}", "object": "event", "api_version": "2026-10-28.endive", "livemode": False}
    return {**made, "type": kind, "data": {"object": dict(thing)}, **more}


def signature(body: bytes, seconds: int, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


def signed(told: Mapping[str, object]) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(told, indent=2).encode()
    seconds = int(time.time())
    header = f"t={seconds},v1={signature(body, seconds)},v0={'0' * 64}"
    return body, {"stripe-signature": header, "content-type": "application/json; charset=utf-8"}


class Door(BaseHTTPRequestHandler):
    stand: ClassVar[Stand]

    def do_GET(self) -> None:
        self.respond()

    def do_POST(self) -> None:
        self.respond()

    def respond(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        address = urlsplit(self.path)
        sent = dict(parse_qsl(self.rfile.read(length).decode() or address.query, keep_blank_values=True))
        head = (self.headers.get("idempotency-key", ""), self.headers.get("stripe-version", ""))
        try:
            status, answer = self.stand.answer(Asked(self.command, address.path, *head, sent))
        except LostAnswer:
            self.close_connection = True
            return
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


@contextmanager
def standing() -> Iterator[Stand]:
    stand = Stand()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OwnDoor", (Door,), {"stand": stand}))
    server.daemon_threads = True
    stand.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield stand
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
