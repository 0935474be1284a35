"""What the rules about an account's messengers have to know, gathered; and whether it could be folded into another."""

from engine import errors, ledger, links, unlinking
from engine.applications import Application
from engine.contracts import Contract
from engine.jobs import Job
from engine.links import Link, LinkTry
from engine.payouts import Payout
from engine.ports import Command, Decision, Facts, Staged
from engine.refunds import Refund
from engine.users import Address, User


def business(facts: Facts, user_id: int, *, live: bool) -> bool:
    """Whether there is anything of theirs that has not ended; or, not `live`, whether there ever was."""
    mine: tuple[Staged, ...] = (
        *facts.find(Job, client_id=user_id),
        *facts.find(Application, worker_id=user_id),
        *facts.find(Contract, client_id=user_id),
        *facts.find(Contract, worker_id=user_id),
        *facts.find(Payout, worker_id=user_id),
        *facts.find(Refund, payer_id=user_id),
    )
    money = facts.balance(ledger.earnings(user_id)) + facts.balance(ledger.wallet(user_id))
    return bool(money) or any(not live or each.stage not in each.lifecycle.ends for each in mine)


def offer_link(wanted: links.OfferLink, facts: Facts) -> Decision:
    stays_apart(facts, wanted)
    earlier = facts.find(Link, user_id=wanted.by)
    random = facts.random(links.SECRET_BYTES)
    return links.offer(earlier, facts.new_id(), facts.speaks_from(wanted.by), random, facts.now, wanted.by)


def stays_apart(facts: Facts, wanted: Command) -> None:
    if facts.is_operator(wanted.by):
        raise errors.OperatorsStayApart


def use_code(wanted: links.UseCode, facts: Facts) -> Decision:
    stays_apart(facts, wanted)
    of_all = len(facts.find(LinkTry, hour=links.hour_of(facts.now)))
    left = links.may_try(facts.find(LinkTry, user_id=wanted.by), of_all, facts.now)
    found = facts.find(Link, code_hash=links.hashed(wanted.code))
    if not found:
        return links.wrong(facts.get(User, wanted.by), left, facts.new_id(), facts.now)
    mine, busy = facts.find(Address, user_id=wanted.by), business(facts, wanted.by, live=False)
    return links.use(found[0], mine, busy=busy, now=facts.now, wanted=wanted)


def confirm_link(wanted: links.ConfirmLink, facts: Facts) -> Decision:
    link = facts.get(Link, wanted.link_id)
    if link.stage != "asked":
        return links.ask(link, facts.find(Address, user_id=link.other_id), facts.now, wanted)
    # First the address, as their own messages do: what they are just doing is waited for.
    addresses = facts.find(Address, user_id=link.other_id)
    other, busy = facts.get(User, link.other_id), business(facts, link.other_id, live=False)
    here = facts.speaks_from(wanted.by)
    return links.confirm(link, other, addresses, here, busy=busy, now=facts.now, wanted=wanted)


def disown_link(wanted: unlinking.DisownLink, facts: Facts) -> Decision:
    link = facts.get(Link, wanted.link_id)
    addresses = facts.find(Address, id=link.other_address_id)
    others = facts.find(User, id=link.other_id)
    return unlinking.disown(link, addresses, others, facts.new_id(), facts.now, wanted)


def unlink(wanted: unlinking.Unlink, facts: Facts) -> Decision:
    mine, all_links = facts.find(Address, user_id=wanted.by), facts.find(Link, user_id=wanted.by)
    open_business, ids = business(facts, wanted.by, live=True), (facts.new_id(), facts.new_id())
    me = facts.get(User, wanted.by)
    return unlinking.unlink(me, mine, all_links, ids, open_business=open_business, now=facts.now, wanted=wanted)


def resume_payouts(wanted: unlinking.ResumePayouts, facts: Facts) -> Decision:
    user, mine = facts.get(User, wanted.user_id), facts.find(Link, user_id=wanted.user_id)
    balance = facts.balance(ledger.earnings(user.id))
    return unlinking.resume_payouts(user, mine, balance, facts.now, wanted)
