"""Who is told of what, in which words, with which buttons to go on. One row an event and reader."""

from collections.abc import Iterable, Mapping
from typing import Any

from conversations.flow import Link, Start
from conversations.link_notices import LINK_NOTICES
from conversations.money_notices import MONEY_NOTICES
from conversations.notice import Buttons, Notice
from conversations.offers import offers
from conversations.ports import World
from conversations.queries import FileLink, Operators
from engine.alarms import AlarmRaised
from engine.applications import ApplicationDeclined, ApplicationExpired, ApplicationWithdrawn, Applied
from engine.approvals import ApprovalAsked, ApprovalExpired, ApprovalGiven
from engine.contracts import (
    ContractCancelled,
    ContractExpired,
    Funded,
    Hired,
    TermsAgreed,
    TermsAgreedByOne,
    TermsDeclined,
)
from engine.deadlines import DeadlineMoved, Reminded, WentOverdue
from engine.deliveries import ChangesRequested, Delivered, ReviewExtended, WorkAccepted
from engine.endings import EndedEarly, EndingProposed, EndingRefused
from engine.erasure import UserErased
from engine.jobs import (
    JobAppealed,
    JobClosed,
    JobExpired,
    JobHeld,
    JobPosted,
    JobPublished,
    JobRejected,
    JobReopened,
)
from engine.ports import Event
from engine.reviews import ReviewLeft, ReviewsShown
from engine.thanks import ThanksSaid, TipAsked, TipForgone, Tipped
from engine.users import HumanAsked, Joined, LanguageSet, UserRestored, UserSuspended


def of_contract(event: Any, reader: int) -> tuple[Start, ...]:
    return offers(event.contract, reader)


def of_job(*flows: str) -> Buttons:
    return lambda event, _: tuple(Start(flow, {"job_id": event.job.id}) for flow in flows)


def of_user(*flows: str) -> Buttons:
    return lambda event, _: tuple(Start(flow, {"user_id": event.user.id}) for flow in flows)


def client(event: Any, _: World) -> Iterable[int]:
    return (event.contract.client_id,)


def worker(event: Any, _: World) -> Iterable[int]:
    return (event.contract.worker_id,)


def both(event: Any, _: World) -> Iterable[int]:
    return (event.contract.client_id, event.contract.worker_id)


def author(event: Any, _: World) -> Iterable[int]:
    return (event.job.client_id,)


def applicant(event: Any, _: World) -> Iterable[int]:
    return (event.application.worker_id,)


def decliner(event: Any, _: World) -> Iterable[int]:
    """The client who said no to this one by name."""
    return (event.client_id,) if event.client_id else ()


def subject(event: Any, _: World) -> Iterable[int]:
    return (event.user.id,)


def operators(_: Any, world: World) -> Iterable[int]:
    return world.look(Operators())


def acting(event: Any, _: World) -> Iterable[int]:
    """The operator who did it, if it was one."""
    return (event.operator_id,) if event.operator_id else ()


def asker(event: Any, _: World) -> Iterable[int]:
    return (event.approval.asked_by,)


def other_operators(event: Any, world: World) -> Iterable[int]:
    return (each for each in world.look(Operators()) if each != event.approval.asked_by)


def of_approval(event: Any, _: int) -> tuple[Start, ...]:
    """The button of the very move that waits; the flow has its name."""
    wanted = event.approval
    args = {f"{wanted.subject}_id": wanted.subject_id}
    return (Start(wanted.move, args), Start(wanted.subject, args))


def giver(event: Any, _: World) -> Iterable[int]:
    return (event.thanks.giver_id,)


def receiver(event: Any, _: World) -> Iterable[int]:
    return (event.thanks.receiver_id,)


def one_who(event: Any, _: World) -> Iterable[int]:
    return (event.by,)


def other(event: Any, _: World) -> Iterable[int]:
    return (event.contract.other_than(event.by),)


def who_agreed(event: Any, _: World) -> Iterable[int]:
    return (event.contract.agreed_by,)


def who_has_not(event: Any, _: World) -> Iterable[int]:
    return (event.contract.other_than(event.contract.agreed_by),)


def who_proposed(event: Any, _: World) -> Iterable[int]:
    return (event.contract.ending_by,)


def who_decides(event: Any, _: World) -> Iterable[int]:
    return (event.contract.other_than(event.contract.ending_by),)


def reviewer(event: Any, _: World) -> Iterable[int]:
    return (event.review.by_id,)


def reviewed(event: Any, _: World) -> Iterable[int]:
    return (event.review.of_id,)


def whose_turn(event: Reminded | DeadlineMoved, _: World) -> Iterable[int]:
    """Each reminder goes to the one whose turn it is; while both have to agree, to whoever has not."""
    deal = event.contract
    if deal.stage in ("agreeing", "half_agreed"):
        return (user_id for user_id in (deal.client_id, deal.worker_id) if user_id != deal.agreed_by)
    turn: Mapping[str, int] = {
        "awaiting_escrow": deal.client_id,
        "in_progress": deal.worker_id,
        "ending_proposed": deal.other_than(deal.ending_by) if deal.ending_by else deal.client_id,
        "delivered": deal.client_id,
    }
    return (turn[deal.stage],)


def by_operator(event: Any) -> bool:
    return bool(event.operator_id)


def by_screening(event: Any) -> bool:
    return not event.operator_id


def welcome(_: Any, __: int) -> tuple[Start, ...]:
    return (Start("post_job", style="primary"), Start("find_work"))


def delivered_file(event: Delivered, world: World, reader: int) -> tuple[Link, ...]:
    if not event.deliverable.file_id:
        return ()
    return (Link(world.look(FileLink(event.deliverable.file_id, reader)), "deliver.open_file", style=""),)


NOTICES: Mapping[type[Event], tuple[Notice, ...]] = {
    **LINK_NOTICES,
    **MONEY_NOTICES,
    Joined: (Notice(subject, "welcome.joined", welcome),),
    HumanAsked: (Notice(subject, "human.asked"), Notice(operators, "human.told", of_user("user"))),
    LanguageSet: (Notice(subject, "language.language_set"),),
    UserSuspended: (Notice(subject, "suspend.told"), Notice(acting, "suspend.done", of_user("restore", "user"))),
    UserRestored: (Notice(subject, "restore.told"), Notice(acting, "restore.done", of_user("suspend", "user"))),
    UserErased: (Notice(subject, "erase_me.erased"), Notice(acting, "erase.done", lambda _e, _r: (Start("queue"),))),
    JobPosted: (Notice(author, "post_job.posted", of_job("close_job")),),
    JobHeld: (
        Notice(author, "post_job.held", of_job("appeal_job", "close_job"), when=by_screening),
        Notice(author, "hold.told", of_job("appeal_job", "close_job"), when=by_operator),
        Notice(operators, "queue.waiting", of_job("publish", "reject"), when=by_screening),
        Notice(acting, "hold.done", of_job("publish", "reject")),
    ),
    JobPublished: (Notice(author, "publish.told", of_job("close_job")), Notice(acting, "publish.done", of_job("hold"))),
    JobRejected: (
        Notice(author, "reject.told", of_job("appeal_job")),
        Notice(acting, "reject.done", of_job("publish")),
    ),
    JobAppealed: (
        Notice(author, "appeal_job.appealed"),
        Notice(operators, "queue.appealed", of_job("publish", "reject")),
    ),
    ApprovalAsked: (
        Notice(asker, "approval.asked"),
        Notice(other_operators, "approval.told", of_approval),
    ),
    ApprovalGiven: (Notice(asker, "approval.given"),),
    ApprovalExpired: (Notice(asker, "approval.expired", of_approval),),
    JobClosed: (Notice(author, "close_job.closed"),),
    JobExpired: (Notice(author, "post_job.expired", lambda e, r: (*of_job("compare")(e, r), Start("post_job"))),),
    JobReopened: (Notice(author, "post_job.reopened", of_job("close_job")),),
    Applied: (
        Notice(author, "apply.received", of_job("compare")),
        Notice(applicant, "apply.sent", lambda e, _: (Start("withdraw", {"application_id": e.application.id}),)),
    ),
    ApplicationWithdrawn: (Notice(applicant, "withdraw.withdrawn"), Notice(author, "withdraw.told", of_job("compare"))),
    ApplicationDeclined: (
        Notice(applicant, "hire.not_chosen", lambda _e, _r: (Start("find_work"),)),
        Notice(decliner, "decline.declined", lambda e, _: (Start("compare", {"job_id": e.application.job_id}),)),
    ),
    ApplicationExpired: (Notice(applicant, "apply.expired"), Notice(author, "apply.expired")),
    Hired: (Notice(client, "hire.hired", of_contract), Notice(worker, "hire.chosen", of_contract)),
    TermsAgreedByOne: (
        Notice(who_agreed, "agree_terms.waits"),
        Notice(who_has_not, "agree_terms.other_agreed", of_contract),
    ),
    TermsAgreed: (
        Notice(client, "fund.asked", of_contract),
        Notice(worker, "fund.awaited"),
    ),
    TermsDeclined: (Notice(one_who, "decline_terms.declined"), Notice(other, "decline_terms.told")),
    ContractCancelled: (Notice(one_who, "cancel_contract.cancelled"), Notice(other, "cancel_contract.told")),
    ContractExpired: (Notice(both, "agree_terms.expired"),),
    Funded: (Notice(client, "fund.funded", of_contract, awaited=True), Notice(worker, "fund.start", of_contract)),
    DeadlineMoved: (Notice(whose_turn, "remind.moved", of_contract),),
    Reminded: (Notice(whose_turn, "remind.reminded", of_contract),),
    WentOverdue: (
        Notice(client, "deliver.overdue_client", of_contract),
        Notice(worker, "deliver.overdue_worker", of_contract),
    ),
    Delivered: (Notice(client, "deliver.received", of_contract, delivered_file), Notice(worker, "deliver.delivered")),
    ChangesRequested: (
        Notice(client, "request_changes.requested"),
        Notice(worker, "request_changes.told", of_contract),
    ),
    ReviewExtended: (Notice(client, "extend_review.extended", of_contract), Notice(worker, "extend_review.told")),
    WorkAccepted: (
        Notice(client, "accept_work.accepted", of_contract),
        Notice(worker, "accept_work.told", of_contract),
    ),
    EndingProposed: (
        Notice(who_proposed, "propose_ending.proposed"),
        Notice(who_decides, "propose_ending.told", of_contract),
    ),
    EndingRefused: (Notice(both, "refuse_ending.refused", of_contract),),
    EndedEarly: (Notice(both, "agree_ending.ended", of_contract),),
    AlarmRaised: (Notice(operators, "security.alarm", lambda _e, _r: (Start("security"),)),),
    ReviewLeft: (Notice(reviewer, "review.left"), Notice(reviewed, "review.other_left", of_contract)),
    ReviewsShown: (Notice(both, "review.shown"),),
    ThanksSaid: (Notice(giver, "say_thanks.said"), Notice(receiver, "say_thanks.received")),
    TipAsked: (Notice(giver, "say_thanks.tip_asked"),),
    Tipped: (Notice(giver, "say_thanks.tip_given", awaited=True), Notice(receiver, "say_thanks.received")),
    TipForgone: (Notice(giver, "say_thanks.tip_forgone"), Notice(receiver, "say_thanks.received")),
}
