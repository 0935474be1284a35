"""言語: what a person is spoken to in. 退会: they leave for good, and are told first what goes and what stays."""

from conversations.flow import Begin, Entry, Flowing, Option, Show, Start, choose, confirm, look
from conversations.offers import offers
from conversations.queries import ById, ContractsOf, JobsOf, MoneyOf
from conversations.subjects import subject
from engine.erasure import BOOKS_YEARS, UNDER_REVIEW, EraseMe, EraseUser, unfinished
from engine.errors import ErasureDeferred, MoneyOpen
from engine.lifecycle import Role
from engine.money import PAYOUT_MIN_YEN
from engine.users import SetLanguage, User

SHOWN = 5
BUTTONS = 2


def language(begin: Begin) -> Flowing:
    chosen = yield from choose("language", Option("ja", "language.japanese"), Option("en", "language.english"))
    return SetLanguage(by=begin.user_id, language=chosen)


def erase_me(begin: Begin) -> Flowing:
    me = yield from look(ById(User, begin.user_id))
    jobs = yield from look(JobsOf(begin.user_id))
    if (me and me.stage == "suspended") or any(job.stage in UNDER_REVIEW for job in jobs):
        raise ErasureDeferred
    standing = yield from look(MoneyOf(begin.user_id))
    contracts = yield from look(ContractsOf(begin.user_id, live=True))
    unended = [each for each in contracts if unfinished(each, begin.user_id, standing.earned)]
    if unended:
        entries = (Entry("contract", {"contract": c}, offers(c, begin.user_id)[:BUTTONS]) for c in unended[:SHOWN])
        return Show("first", {"number": len(unended)}, tuple(entries), (Start("mine"), Start("human")))
    if standing.earned >= PAYOUT_MIN_YEN:
        raise MoneyOpen(standing.earned)
    yield from confirm("card", "erase_me.go", "yes", years=BOOKS_YEARS, left=standing.earned, least=PAYOUT_MIN_YEN)
    return EraseMe(by=begin.user_id)


def erase(begin: Begin) -> Flowing:
    """By an operator, for somebody who asked for it in another way."""
    found = yield from subject(begin, User)
    found.lifecycle.find("erase", found.stage, Role.OPERATOR)
    yield from confirm("card", "erase.go", "yes", user=found)
    return EraseUser(by=begin.user_id, user_id=found.id)
