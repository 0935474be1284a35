"""Which flow a word means: the flow's own `menu` words, or its command, which is ASCII and the same everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from conversations import render
from conversations.flow import Flow
from conversations.flows import (
    accept_work,
    account,
    agree_terms,
    answer_ending,
    appeal_job,
    apply,
    cancel_contract,
    close_job,
    compare,
    deliver,
    extend_review,
    find_work,
    fund,
    help_,
    hire,
    home,
    link,
    moderate_jobs,
    moderate_users,
    money_where,
    post_job,
    propose_ending,
    refund,
    request_changes,
    retry_payout,
    review,
    say_thanks,
    security,
    unlink,
    view,
    view_work,
    why,
    withdraw,
)
from conversations.parsers import text
from engine import codes

FLOWS: tuple[Flow, ...] = (
    Flow("home", home.home, "menu"),
    Flow("post_job", post_job.post_job, "post", form=True),
    Flow("find_work", find_work.find_work, "find"),
    Flow("mine", home.mine, "mine"),
    Flow("money", money_where.money_where, "money"),
    Flow("language", account.language, "language"),
    Flow("link", link.link, "link"),
    Flow("use_code", link.use_code, "code"),
    Flow("confirm_link", link.confirm_link, "confirm_link"),
    Flow("refuse_link", link.refuse_link, "refuse_link"),
    Flow("disown_link", unlink.disown_link, "not_me"),
    Flow("unlink", unlink.unlink, "unlink"),
    Flow("help", help_.help_, "help"),
    Flow("erase_me", account.erase_me, "delete_me"),
    Flow("why", why.why, "why"),
    Flow("human", help_.human, "human"),
    Flow("view", view.view, "view", ("job",)),
    Flow("apply", apply.apply, "apply", ("job",), form=True),
    Flow("withdraw", withdraw.withdraw, "withdraw", ("application",)),
    Flow("close_job", close_job.close_job, "close", ("job",)),
    Flow("appeal_job", appeal_job.appeal_job, "appeal", ("job",)),
    Flow("compare", compare.compare, "compare", ("job",)),
    Flow("decline", compare.decline, "decline", ("application",)),
    Flow("hire", hire.hire, "hire", ("application",)),
    Flow("agree_terms", agree_terms.agree_terms, "agree", ("contract",)),
    Flow("decline_terms", agree_terms.decline_terms, "refuse_terms", ("contract",)),
    Flow("terms", agree_terms.terms_card, "terms", ("contract",)),
    Flow("fund", fund.fund, "pay", ("contract",)),
    Flow("retry_page", fund.retry_page, "retry_page", ("payment",)),
    Flow("cancel_contract", cancel_contract.cancel_contract, "cancel_contract", ("contract",)),
    Flow("deliver", deliver.deliver, "deliver", ("contract",)),
    Flow("view_work", view_work.view_work, "work", ("contract",)),
    Flow("request_changes", request_changes.request_changes, "changes", ("contract",)),
    Flow("extend_review", extend_review.extend_review, "extend", ("contract",)),
    Flow("accept_work", accept_work.accept_work, "accept", ("contract",)),
    Flow("propose_ending", propose_ending.propose_ending, "end", ("contract",)),
    Flow("agree_ending", answer_ending.agree_ending, "agree_end", ("contract",)),
    Flow("refuse_ending", answer_ending.refuse_ending, "refuse_end", ("contract",)),
    Flow("end_overdue", answer_ending.end_overdue, "end_overdue", ("contract",)),
    Flow("retry_payout", retry_payout.retry_payout, "retry_payout", ("contract",)),
    Flow("review", review.review, "review", ("contract",), form=True),
    Flow("say_thanks", say_thanks.say_thanks, "thanks", ("contract",), form=True),
    Flow("queue", moderate_jobs.queue, "queue", operator=True),
    Flow("job", moderate_jobs.job, "job", ("job",), operator=True),
    Flow("hold", moderate_jobs.hold, "hold", ("job", "rest"), operator=True),
    Flow("publish", moderate_jobs.publish, "publish", ("job",), operator=True),
    Flow("reject", moderate_jobs.reject, "reject", ("job", "rest"), operator=True),
    Flow("user", moderate_users.user, "user", ("user",), operator=True),
    Flow("suspend", moderate_users.suspend, "suspend", ("user", "rest"), operator=True),
    Flow("restore", moderate_users.restore, "restore", ("user", "rest"), operator=True),
    Flow("resume_payouts", unlink.resume_payouts, "resume_payouts", ("user",), operator=True),
    Flow("refunds", refund.refunds, "refunds", operator=True),
    Flow("refund", refund.refund, "refund", ("refund",), operator=True),
    Flow("retry_refund", refund.retry_refund, "retry_refund", ("refund",), operator=True),
    Flow("settle_refund", refund.settle_refund, "settle_refund", ("refund",), operator=True),
    Flow("erase", account.erase, "erase", ("user",), operator=True),
    Flow("figures", moderate_users.figures, "figures", operator=True),
    Flow("security", security.security, "security", operator=True),
)
BY_NAME: Mapping[str, Flow] = {flow.name: flow for flow in FLOWS}
BY_COMMAND: Mapping[str, Flow] = {flow.command: flow for flow in FLOWS}

# Words that work in every step (experience.md 2.5), in both languages whatever the person's own is.
ANYWHERE: Mapping[str, tuple[str, ...]] = {
    "back": ("もどる", "戻る", "back", "/back"),
    "stop": ("やめる", "キャンセル", "cancel", "stop", "/cancel", "/stop"),
    "restart": ("最初から", "restart", "/restart"),
    "why": ("なぜ", "なぜ?", "why", "why?", "/why"),
}
# Other words people use for what a menu says (market.md section 9).
ALSO: Mapping[str, tuple[str, ...]] = {
    "mine": ("状況", "status", "いま何"),
    "money": ("お金どこ", "where is my money"),
    "home": ("ホーム",),
    "erase_me": ("退会", "アカウント削除", "アカウントを削除", "delete account", "close my account"),
}


@dataclass(frozen=True)
class Route:
    """`in_passing`: a sentence that begins with an operator's word and names nothing: "Job is not clear"."""

    flow: Flow
    args: Mapping[str, Any]
    in_passing: bool = False


def anywhere(said: str) -> str | None:
    """back, stop, restart or why, if that is all that was said."""
    plain = text.normalise(said)
    return next((name for name, words in ANYWHERE.items() if plain in words), None)


def route(said: str, *, operator: bool) -> Route | None:
    """The flow that these words begin, with what follows the command word."""
    named = by_menu(said, operator=operator)
    if named:
        return Route(named, {})
    secret = codes.read_secret(said)
    if secret is not None:
        return Route(BY_NAME["use_code"], {"code": secret})
    job_id = codes.read("job", said)
    if job_id is not None:
        return Route(BY_NAME["view"], {"job_id": job_id})
    first, _, rest = said.strip().partition(" ")
    flow = BY_COMMAND.get(text.normalise(first).removeprefix("/"))
    if flow is None or (flow.operator and not operator):
        return None
    found = arguments(flow, rest.strip())
    # A bare word may be a sentence that happens to begin with a command: without the slash, what follows must be
    # a code. Operators type commands all day.
    if rest and not (said.startswith("/") or flow.operator or found):
        return None
    in_passing = bool(rest) and not said.startswith("/") and not found.keys() - {"rest"}
    return Route(flow, found, in_passing)


def by_menu(said: str, *, operator: bool) -> Flow | None:
    forms = text.forms(said)
    mine = (flow for flow in FLOWS if operator or not flow.operator)
    return next((flow for flow in mine if not forms.isdisjoint(menu_forms(flow.name))), None)


@cache
def menu_words(flow: str) -> tuple[str, ...]:
    labels = (render.line(language, f"{flow}.menu", {}) for language in render.LANGUAGES)
    return (*labels, *ALSO.get(flow, ()))


@cache
def menu_forms(flow: str) -> frozenset[tuple[str, str]]:
    """Kept, because making all of them anew was half of the work of hearing a sentence."""
    return frozenset(form for label in menu_words(flow) for form in text.forms(label))


def arguments(flow: Flow, rest: str) -> Mapping[str, Any]:
    """Codes become ids; a code that cannot be read is left out, and the flow asks for it."""
    found: dict[str, Any] = {}
    for noun in flow.takes:
        word, _, after = rest.partition(" ")
        if noun == "rest":
            if rest:
                found["rest"] = rest
            break
        thing_id = codes.read(noun, word)
        if thing_id is not None:
            found[f"{noun}_id"] = thing_id
            rest = after.strip()
    return found
