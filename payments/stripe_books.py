"""Stripe's own books: sessions that were paid, refunds, transfers and disputes, as its lists tell them."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from payments.ports import Books, Entry, Notification

if TYPE_CHECKING:
    import stripe

LIST_MAX = 100
GONE = ("failed", "canceled")
# A bank sends a refund back that it could not make, weeks later: the event says no more than that it has. So refunds
# are read from so long before all else; together no longer than we remember ours (exceptions.EARLIER).
REFUNDS_EARLIER = timedelta(days=60)
NOTHING_LOST = ("won", "warning_closed", "prevented")


def books(api: "stripe.V1Services", since: datetime) -> Books:
    """All pages of all four lists. What one of them does not tell, the reconciler tries again later."""
    from_when = int(since.timestamp())
    wanted: Any = {"created": {"gte": from_when}, "limit": LIST_MAX}
    sessions = (each.to_dict() for each in api.checkout.sessions.list(wanted).auto_paging_iter())
    earlier: Any = {"created": {"gte": int((since - REFUNDS_EARLIER).timestamp())}, "limit": LIST_MAX}
    refunds = [each.to_dict() for each in api.refunds.list(earlier).auto_paging_iter()]
    transfers = (each.to_dict() for each in api.transfers.list(wanted).auto_paging_iter())
    # However old: a bank takes months to decide. There are few.
    with_payment: Any = {"expand": ["data.payment_intent"], "limit": LIST_MAX}
    disputes = [each.to_dict() for each in api.disputes.list(with_payment).auto_paging_iter()]
    return Books(
        since,
        (
            *(paid(each) for each in sessions if each.get("payment_status") == "paid"),
            *(sent_back(each) for each in refunds if each["created"] >= from_when or is_returned(each)),
            *(paid_out(each) for each in transfers),
            *(taken_back(each) for each in disputes if is_told(each, from_when)),
        ),
    )


def paid(session: dict[str, Any]) -> Entry:
    payment = our_id(session, "payment")
    again = told("checkout.session.completed", session, f"paid-{session['id']}", payment)
    currency = session.get("currency") or ""
    return Entry("paid", session["id"], "", payment, session.get("amount_total") or 0, currency, "done", again)


def is_returned(refund: dict[str, Any]) -> bool:
    return refund.get("status") in GONE and bool(errand_of(refund))


def sent_back(refund: dict[str, Any]) -> Entry:
    """One made by hand in the dashboard has no errand of ours."""
    key = errand_of(refund)
    outcome = "failed" if refund.get("status") in GONE else "done"
    return Entry("refund", refund["id"], key, payment_in(key), refund["amount"], refund["currency"], outcome)


def errand_of(refund: dict[str, Any]) -> str:
    return str((refund.get("metadata") or {}).get("errand", ""))


def paid_out(transfer: dict[str, Any]) -> Entry:
    payout = our_id(transfer, "payout")
    back = bool(transfer.get("reversed"))
    kind = "transfer.reversed" if back else "transfer.created"
    again = told(kind, transfer, f"look-up-{kind}-{transfer['id']}", payout)
    key, outcome = transfer.get("transfer_group") or "", "failed" if back else "done"
    # A part that was taken back has not been paid out.
    amount = transfer["amount"] - (0 if back else transfer.get("amount_reversed") or 0)
    return Entry("pay_out", transfer["id"], key, payout, amount, transfer["currency"], outcome, again)


def taken_back(dispute: dict[str, Any]) -> Entry:
    """The dispute says nothing of ours, but the payment that it came with does."""
    outcome = "done" if dispute["status"] == "lost" else "open"
    name, amount = dispute["id"], dispute["amount"]
    begun = datetime.fromtimestamp(dispute["created"], UTC)
    return Entry("chargeback", name, name, disputed(dispute), amount, dispute["currency"], outcome, begun=begun)


def is_told(dispute: dict[str, Any], from_when: int) -> bool:
    """One about a payment that is none of ours is told as long as any other strange entry, and not for ever."""
    return dispute["status"] not in NOTHING_LOST and bool(disputed(dispute) or dispute["created"] >= from_when)


def disputed(dispute: dict[str, Any]) -> int:
    """The payment of ours, 0 if none."""
    paid = dispute.get("payment_intent")
    return our_id(paid, "payment") if isinstance(paid, dict) else 0


def told(kind: str, thing: dict[str, Any], event_id: str, about: int) -> Notification:
    """What the webhook said, or would have said."""
    event = {"id": event_id, "type": kind, "data": {"object": thing}}
    return Notification(event_id, str(about), json.dumps(event, default=str).encode())


def our_id(thing: dict[str, Any], noun: str) -> int:
    found = str((thing.get("metadata") or {}).get(noun, ""))
    return int(found) if found.isascii() and found.isdecimal() else 0


def payment_in(key: str) -> int:
    """The number in `refund-<payment>-…`."""
    _, _, rest = key.partition("-")
    number = rest.partition("-")[0]
    return int(number) if key.startswith("refund-") and number.isascii() and number.isdecimal() else 0
