"""What a person can do now, as buttons: the moves open to them in the tables of moves."""

from collections.abc import Mapping

from conversations.flow import Entry, Start
from engine import money
from engine.contracts import Contract
from engine.jobs import Job
from engine.lifecycle import Role
from engine.reviews import REVIEWED_STAGES
from engine.terms import ROUNDS_MAX
from engine.thanks import THANKED_STAGES

# The flow behind each move a person can make of a contract: buttons are the moves open to the reader, in this order.
CONTRACT_FLOWS: Mapping[str, str] = {
    "agree": "agree_terms",
    "deliver": "deliver",
    "accept": "accept_work",
    "request_changes": "request_changes",
    "extend_review": "extend_review",
    "agree_ending": "agree_ending",
    "refuse_ending": "refuse_ending",
    "end_overdue": "end_overdue",
    "retry_payout": "retry_payout",
    "propose_ending": "propose_ending",
    "decline": "decline_terms",
    "cancel": "cancel_contract",
}
# Answers to what the other side has put before them: a button is about that one, not about the next.
DECISIONS = ("accept_work", "request_changes", "extend_review", "agree_ending", "refuse_ending", "end_overdue", "fund")
MAIN = ("agree_terms", "fund", "deliver", "accept_work", "agree_ending", "retry_payout")


def offers(contract: Contract, reader: int) -> tuple[Start, ...]:
    """What this party can do now, from the table of moves."""
    if reader not in (contract.client_id, contract.worker_id):
        return ()
    open_moves = contract.lifecycle.open_to(contract.stage, contract.role_of(reader))
    names = [flow for move, flow in CONTRACT_FLOWS.items() if move in open_moves]
    if contract.stage == "half_agreed" and contract.agreed_by == reader:
        names.remove("agree_terms")
    if contract.stage == "ending_proposed" and contract.ending_by == reader:
        names = []
    if contract.extended and "extend_review" in names:
        names.remove("extend_review")
    if contract.rounds_used >= ROUNDS_MAX and "request_changes" in names:
        names.remove("request_changes")
    if contract.stage == "awaiting_escrow" and reader == contract.client_id:
        names.insert(0, "fund")
    if contract.stage in REVIEWED_STAGES:
        names.append("review")
    if contract.stage in THANKED_STAGES:
        names.append("say_thanks")
    if contract.delivered_at:
        # Beside the decision it is needed for; else after what can be done.
        names.insert(1 if names and names[0] in MAIN else len(names), "view_work")
    args = {"contract_id": contract.id}
    bound = {**args, "edition": edition(contract)}
    return tuple(Start(n, bound if n in DECISIONS else args, "primary" if n in MAIN else "") for n in names)


def edition(contract: Contract) -> str:
    """What the contract is now, in a word: another as soon as it moves on."""
    return f"{contract.stage} {contract.since.isoformat()} {contract.terms_hash[:8]}"


# The flow behind each move a client can make of a job.
JOB_FLOWS: Mapping[str, str] = {"hire": "compare", "appeal": "appeal_job", "close": "close_job"}


def job_offers(job: Job, reader: int) -> tuple[Start, ...]:
    args = {"job_id": job.id}
    if job.client_id != reader:
        return (Start("apply", args, "primary"),) if job.stage == "open" else ()
    moves = job.lifecycle.open_to(job.stage, Role.CLIENT)
    names = [flow for move, flow in JOB_FLOWS.items() if move in moves]
    return tuple(Start(name, args, "primary" if name == "compare" else "") for name in names)


def board_entry(job: Job) -> Entry:
    """A job as the board shows it to who could apply: with what it would bring."""
    facts = {"job": job, "share": money.breakdown(job.price, withholds=False)}
    args = {"job_id": job.id}
    return Entry("find_work.entry", facts, (Start("apply", args, "primary"), Start("view", args)))
