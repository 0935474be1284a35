"""The tables of things. Each has exactly the columns its dataclass has fields."""

from sqlalchemy import Index, Table, UniqueConstraint, text

from engine.applications import Application
from engine.approvals import Approval
from engine.contracts import Contract
from engine.deliveries import Deliverable
from engine.jobs import Job
from engine.links import Link, LinkTry
from engine.payments import Payment
from engine.payouts import Payout
from engine.ports import Thing
from engine.refunds import Refund
from engine.reviews import Review
from engine.sayings import Saying
from engine.thanks import Thanks
from engine.users import Address, User
from storage.columns import thing_table

users = thing_table("users", User)
addresses = thing_table(
    "addresses", Address, UniqueConstraint("platform", "tenant", "outside_id"), Index(None, "user_id")
)
links = thing_table("links", Link, Index(None, "code_hash"), Index(None, "user_id"), Index(None, "other_id"))
link_tries = thing_table("link_tries", LinkTry, Index(None, "user_id"), Index(None, "hour"))
sayings = thing_table("sayings", Saying, Index(None, "user_id"), Index(None, "digest"), Index(None, "said_at"))
jobs = thing_table("jobs", Job, Index(None, "stage", "id"), Index(None, "client_id"))
applications = thing_table(
    "applications",
    Application,
    Index(None, "job_id"),
    Index(None, "worker_id"),
    Index(
        "uq_applications_live",
        "job_id",
        "worker_id",
        unique=True,
        sqlite_where=text("stage = 'applied'"),
        postgresql_where=text("stage = 'applied'"),
    ),
)
contracts = thing_table(
    "contracts",
    Contract,
    UniqueConstraint("application_id"),
    Index(None, "job_id"),
    Index(None, "client_id"),
    Index(None, "worker_id"),
    Index(None, "payout_id"),
)
deliverables = thing_table(
    "deliverables", Deliverable, UniqueConstraint("contract_id", "number"), Index(None, "file_id")
)
payments = thing_table("payments", Payment, Index(None, "contract_id"), Index(None, "thanks_id"))
payouts = thing_table("payouts", Payout, Index(None, "worker_id"))
refunds = thing_table("refunds", Refund, UniqueConstraint("errand"), Index(None, "payer_id"))
reviews = thing_table("reviews", Review, UniqueConstraint("contract_id", "by_id"), Index(None, "of_id"))
thanks = thing_table(
    "thanks",
    Thanks,
    UniqueConstraint("giver_id", "receiver_id", "day"),
    Index(None, "receiver_id"),
    Index(None, "contract_id"),
    Index(None, "day"),
)
approvals = thing_table(
    "approvals",
    Approval,
    # Two operators who ask at once: the later one sees what the earlier has asked.
    Index(
        "uq_approvals_waiting",
        "subject",
        "subject_id",
        "move",
        unique=True,
        sqlite_where=text("stage = 'waiting'"),
        postgresql_where=text("stage = 'waiting'"),
    ),
)

KINDS: dict[type[Thing], Table] = {
    User: users,
    Address: addresses,
    Link: links,
    LinkTry: link_tries,
    Job: jobs,
    Application: applications,
    Contract: contracts,
    Deliverable: deliverables,
    Payment: payments,
    Payout: payouts,
    Refund: refunds,
    Review: reviews,
    Thanks: thanks,
    Saying: sayings,
    Approval: approvals,
}

# By noun, because a noun is written in transitions and timers.
THINGS: dict[str, Table] = {kind.noun: table for kind, table in KINDS.items()}
KIND_OF: dict[str, type[Thing]] = {kind.noun: kind for kind in KINDS}
