"""Stripe: Checkout collects, separate transfers to connected accounts pay out, signed webhooks tell what happened.

It keeps nothing. Each errand's key is its idempotency key, and stands on what it made, so that it is found again when
Stripe has forgotten the key (after a day) and we still do not know."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import stripe
import structlog

from engine import codes
from engine.payments import ConfirmPayment, RenewPage
from engine.payouts import ConfirmPayout, FailPayout
from engine.ports import NOBODY, Command
from payments import events, stripe_books
from payments.ports import CURRENCY, THE_BOOKS, Books, Done, Errand, Failed, Forged, Notification, Unsure, each_of

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

log = structlog.get_logger()

NAME = "stripe"
# That of the SDK in the lock. A newer SDK speaks another version: change both, and read what Stripe says has changed.
API_VERSION = "2026-10-28.endive"
LIVE_KEYS = ("sk_live_", "rk_live_")
HEADER = "stripe-signature"
HEADER_FORM = re.compile(r"t=(?P<seconds>[0-9]{1,11})(?:,v[0-9]+=[0-9a-f]+)+", re.ASCII)
TOLERANCE_SECONDS = 300
TIMEOUT_SECONDS = (3.0, 10.0)  # to connect, and to answer
LIST_MAX = 100
OUR_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
PAID = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
OVER = ("checkout.session.expired", "checkout.session.async_payment_failed")
# Money moved without us, and the event does not say for which payment of ours: their books do.
IN_THE_BOOKS = ("charge.dispute.created", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "refund.failed")


# All that is kept of what nothing of ours follows from: whoever it is about is named in the rest.
NO_MORE = b"{}"


class ForAPerson(Exception):
    """Genuine, about our money, and not what we asked for. The event is kept aside, with this reason."""


class Stripe:
    """`url` is our own public address, `accounts` the connected account of each worker by their number (U-…)."""

    name = NAME

    def __init__(self, url: str, key: str, webhook_secret: str, api_base: str, accounts: Mapping[str, str]) -> None:
        self.url = url
        self.live = key.startswith(LIVE_KEYS)
        self.webhook_secrets = each_of(webhook_secret)
        self.accounts = accounts
        self.api = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_base.rstrip("/")},
            max_network_retries=0,  # errands.py asks again, with the same key and in its own time
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        ).v1

    # -- errands

    def collect(self, errand: Errand) -> Done | Failed | Unsure:
        """A second page, made after Stripe forgot the key, does no harm: the address of the first was never told."""
        return answered(lambda: self.made_page(errand))

    def refund(self, errand: Errand) -> Done | Failed | Unsure:
        return answered(lambda: self.made_refund(errand))

    def pay_out(self, errand: Errand) -> Done | Failed | Unsure:
        return answered(lambda: self.made_transfer(errand))

    def made_page(self, errand: Errand) -> Done:
        # No expires_at: a time would make the errand asked again another request under the same key. Stripe's is 24 h.
        wanted: SessionCreateParams = {
            "mode": "payment",
            "client_reference_id": str(errand.thing_id),
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": CURRENCY,
                        "unit_amount": errand.amount,
                        "product_data": {"name": errand.title or codes.code("payment", errand.thing_id)},
                    },
                }
            ],
            "metadata": {"payment": str(errand.thing_id)},
            "payment_intent_data": {"metadata": {"payment": str(errand.thing_id)}, "transfer_group": errand.key},
            "success_url": f"{self.url}/payments/{NAME}/back",
            "cancel_url": f"{self.url}/payments/{NAME}/back",
        }
        page = self.api.checkout.sessions.create(wanted, {"idempotency_key": errand.key})
        return Done(page.amount_total or 0, page.currency or "", page.id, page.url or "")

    def made_refund(self, errand: Errand) -> Done | Failed | Unsure:
        if not errand.reference:
            return Unsure("the page it was paid on is not known yet")
        with looking():
            payment = self.api.checkout.sessions.retrieve(errand.reference).payment_intent
            if payment is None:
                return Unsure("nobody has paid on this page")
            paid = payment if isinstance(payment, str) else payment.id
            known = self.api.refunds.list({"payment_intent": paid, "limit": LIST_MAX})
        refund = next((r for r in known.data if r.metadata and r.metadata.to_dict().get("errand") == errand.key), None)
        refund = refund or self.api.refunds.create(
            {"payment_intent": paid, "amount": errand.amount, "metadata": {"errand": errand.key}},
            {"idempotency_key": errand.key},
        )
        if refund.status in ("failed", "canceled"):
            return Failed(f"refund {refund.status}")
        return Done(refund.amount, refund.currency, refund.id)

    def made_transfer(self, errand: Errand) -> Done | Failed:
        with looking():
            known = self.api.transfers.list({"transfer_group": errand.key, "limit": LIST_MAX})
        transfer = next((t for t in known.data if t.transfer_group == errand.key), None)
        account = self.accounts.get(codes.code("user", errand.payee))
        if transfer is None and account is None:
            return Failed("no_account")
        transfer = transfer or self.api.transfers.create(
            {
                "amount": errand.amount,
                "currency": CURRENCY,
                "destination": account or "",
                "transfer_group": errand.key,
                "metadata": {"payout": str(errand.thing_id)},
            },
            {"idempotency_key": errand.key},
        )
        return Done(transfer.amount, transfer.currency, transfer.id)

    def look_up(self, since: datetime) -> Books:
        return stripe_books.books(self.api, since)

    # -- webhooks

    def receive(self, headers: Mapping[str, str], body: bytes, now: float) -> Notification:
        self.verify(headers.get(HEADER, ""), body, now)
        event = events.parse(body)
        if event.get("livemode", False) is not self.live:
            raise Forged("other_mode", 400)
        if is_another_accounts(event) and event["account"] not in self.accounts.values():
            raise Forged("foreign_account", 400)
        if event.get("type") in IN_THE_BOOKS and not is_another_accounts(event):
            return Notification(event["id"], THE_BOOKS, NO_MORE)
        thing = subject(event)
        ours = our_id(thing, "payment") or our_id(thing, "payout")
        about = ours or events.outside_id(thing.get("id", "none"))
        # Two events may say that one page was paid. It is paid once: both are kept under one name.
        event_id = f"paid-{events.outside_id(thing.get('id'))}" if is_paid(event) else event["id"]
        return Notification(event_id, about, body if ours else NO_MORE)

    def verify(self, header: str, body: bytes, now: float) -> None:
        """Stricter than the SDK, which takes signatures of the future, a second `t` and white space."""
        form = HEADER_FORM.fullmatch(header)
        if form is None:
            raise Forged("signature")
        if abs(now - int(form["seconds"])) > TOLERANCE_SECONDS:
            raise Forged("stale")
        if not sum(is_signed(secret, header, body) for secret in self.webhook_secrets):
            raise Forged("signature")

    def read(self, body: bytes) -> Command | None:
        """Sessions say that money came; of payment_intent.succeeded nothing follows, so nothing is funded twice.
        payout.failed is between Stripe and the worker: the money stays theirs, on their connected account."""
        event = json.loads(body)
        if is_another_accounts(event):
            # Whoever owns the account decides what its sessions say they are for.
            return None
        thing = subject(event)
        payment, payout = our_id(thing, "payment"), our_id(thing, "payout")
        # A door with the key of before may have taken it. What the books told, read with our own key, says no mode.
        if (payment or payout) and event.get("livemode", self.live) is not self.live:
            raise ForAPerson(f"{thing.get('id')} is of Stripe's other mode")
        if payment and is_paid(event):
            paid = yen(thing, "amount_total")
            return ConfirmPayment(by=NOBODY, payment_id=int(payment), amount=paid, reference=str(thing["id"]))
        if payment and event.get("type") in OVER:
            return RenewPage(by=NOBODY, payment_id=int(payment), reference=str(thing["id"]))
        if payout and event.get("type") == "transfer.created":
            yen(thing, "amount")
            return ConfirmPayout(by=NOBODY, payout_id=int(payout))
        if payout and event.get("type") == "transfer.reversed":
            if yen(thing, "amount_reversed") != yen(thing, "amount"):
                raise ForAPerson(f"a part of the transfer {thing.get('id')} was reversed")
            return FailPayout(by=NOBODY, payout_id=int(payout))
        return None


def is_signed(secret: str, header: str, body: bytes) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body.decode(), header, secret))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def answered(ask: Callable[[], Done | Failed | Unsure]) -> Done | Failed | Unsure:
    """A refused request did nothing and will be refused again. Of all else we do not know it, or the operator mends it
    (key, rights, rate); and a key that stands for another request hides what that one did."""
    try:
        return ask()
    except NotSeen as error:
        return Unsure(f"not looked up: {error}")
    except stripe.IdempotencyError as error:
        log.exception("an errand's key stands for another request at Stripe; one account serves one database")
        return Unsure(f"idempotency: {error.user_message}")
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        return Failed(error.code or error.user_message or "refused")
    except stripe.StripeError as error:
        return Unsure(f"{type(error).__name__}: {error.user_message or error}")


class NotSeen(Exception):
    """Whether it has been done could not be looked up."""


@contextmanager
def looking() -> Iterator[None]:
    """Who is refused a look has learned nothing: what was asked for before may have been done."""
    try:
        yield
    except stripe.InvalidRequestError as error:
        raise NotSeen(error.code or error.user_message or "refused") from error


def is_another_accounts(event: Mapping[str, Any]) -> bool:
    return event.get("account") is not None


def subject(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an event is about; thin events carry nothing."""
    match event:
        case {"data": {"object": dict(thing)}}:
            return thing
    return {}


def our_id(thing: Mapping[str, Any], noun: str) -> str:
    """The payment or payout of ours that it was made for, "" if for none."""
    match thing.get("metadata"):
        case {**metadata} if isinstance(found := metadata.get(noun), str) and OUR_ID.fullmatch(found):
            return found
    return ""


def is_paid(event: Mapping[str, Any]) -> bool:
    """A convenience store's slip completes the session unpaid; the money comes days later, or never."""
    return (
        event.get("type") in PAID and not is_another_accounts(event) and subject(event).get("payment_status") == "paid"
    )


def yen(thing: Mapping[str, Any], name: str) -> int:
    amount = thing.get(name)
    if thing.get("currency") != CURRENCY or type(amount) is not int or amount <= 0:
        raise ForAPerson(f"{thing.get('id')}: {name} is {amount!r} {thing.get('currency')!r}, not yen")
    return amount
