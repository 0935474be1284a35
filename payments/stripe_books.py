"""Stripe's own books: sessions that were paid, refunds and transfers, as its lists tell them."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from payments.ports import Books, Entry, Notification

if TYPE_CHECKING:
    import stripe

LIST_MAX = 100
GONE = ("failed", "canceled")


def books(api: "stripe.V1Services", since: datetime) -> Books:
    """All pages of all three lists. What one of them does not tell, the reconciler tries again later."""
    wanted: Any = {"created": {"gte": int(since.timestamp())}, "limit": LIST_MAX}
    sessions = (each.to_dict() for each in api.checkout.sessions.list(wanted).auto_paging_iter())
    refunds = (each.to_dict() for each in api.refunds.list(wanted).auto_paging_iter())
    transfers = (each.to_dict() for each in api.transfers.list(wanted).auto_paging_iter())
    return Books(
        since,
        (
            *(paid(each) for each in sessions if each.get("payment_status") == "paid"),
            *(sent_back(each) for each in refunds),
            *(paid_out(each) for each in transfers),
        ),
    )


def paid(session: dict[str, Any]) -> Entry:
    payment = our_id(session, "payment")
    again = told("checkout.session.completed", session, f"paid-{session['id']}", payment)
    currency = session.get("currency") or ""
    return Entry("paid", session["id"], "", payment, session.get("amount_total") or 0, currency, "done", again)


def sent_back(refund: dict[str, Any]) -> Entry:
    """One made by hand in the dashboard has no errand of ours."""
    key = str((refund.get("metadata") or {}).get("errand", ""))
    outcome = "failed" if refund.get("status") in GONE else "done"
    return Entry("refund", refund["id"], key, payment_in(key), refund["amount"], refund["currency"], outcome)


def paid_out(transfer: dict[str, Any]) -> Entry:
    payout = our_id(transfer, "payout")
    back = bool(transfer.get("reversed"))
    kind = "transfer.reversed" if back else "transfer.created"
    again = told(kind, transfer, f"look-up-{kind}-{transfer['id']}", payout)
    key, outcome = transfer.get("transfer_group") or "", "failed" if back else "done"
    return Entry("pay_out", transfer["id"], key, payout, transfer["amount"], transfer["currency"], outcome, again)


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
