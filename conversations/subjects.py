"""What a flow is about: given by the button that started it, by the code after the command word, or asked for."""

from typing import TypeVar

from conversations.flow import Begin, Steps, ask, look
from conversations.offers import edition
from conversations.queries import ById
from engine import texts
from engine.applications import Application
from engine.contracts import Contract
from engine.errors import NoLongerValid, NotFound, OtherGone
from engine.jobs import Job
from engine.lifecycle import Role
from engine.ports import Thing
from engine.users import User, active

T = TypeVar("T", bound=Thing)


def subject(begin: Begin, kind: type[T]) -> Steps[T]:
    """The thing itself, or Refused NotFound."""
    thing_id = begin.args.get(f"{kind.noun}_id")
    if thing_id is None:
        thing_id = yield from ask(kind.noun, "code", noun=kind.noun)
    found = yield from look(ById(kind, thing_id))
    if found is None:
        raise NotFound
    return found


def deal(begin: Begin) -> Steps[Contract]:
    """A contract the person is a party to; for everyone else it does not exist."""
    contract = yield from subject(begin, Contract)
    contract.role_of(begin.user_id)
    if begin.args.get("edition", edition(contract)) != edition(contract):
        raise NoLongerValid("contract", contract.stage)
    return contract


def reached(begin: Begin) -> Steps[Contract]:
    """The same, while the other side is still there to be told."""
    contract = yield from deal(begin)
    other = yield from look(ById(User, contract.other_than(begin.user_id)))
    assert other, "a party is kept"
    if other.stage == "erased":
        raise OtherGone
    return contract


def offered(begin: Begin, move: str) -> Steps[Application]:
    """An application to a job of this client's, that can still be answered."""
    application = yield from subject(begin, Application)
    job = yield from look(ById(Job, application.job_id))
    if job is None or job.client_id != begin.user_id:
        raise NotFound
    application.lifecycle.find(move, application.stage, Role.CLIENT)
    return application


def turn(begin: Begin, move: str) -> Steps[Contract]:
    """A contract in which this person can make the move now; else it is refused before anything is asked."""
    contract = yield from deal(begin)
    me = yield from look(ById(User, begin.user_id))
    assert me, "who speaks has joined"
    active(me)
    contract.lifecycle.find(move, contract.stage, contract.role_of(begin.user_id))
    return contract


def reason(**shown: object) -> Steps[str]:
    """Why: asked again while it is longer than the rules take."""
    words = yield from ask("reason", "long_text", **shown)
    return texts.bounded(words, texts.REASON_MAX_CHARACTERS)
