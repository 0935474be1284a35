"""連携: a code on the first messenger, typed on the second, and a yes on both."""

from conversations.flow import Begin, Flowing, Steps, ask, confirm, look
from conversations.queries import AddressesOf, LinksOf
from engine.errors import NotFound
from engine.lifecycle import Role
from engine.links import ConfirmLink, OfferLink, RefuseLink, UseCode


def link(begin: Begin) -> Flowing:
    addresses = yield from look(AddressesOf(begin.user_id))
    yield from confirm("card", "link.go", "yes", addresses=addresses)
    return OfferLink(by=begin.user_id)


def use_code(begin: Begin) -> Flowing:
    code = begin.args.get("code") or (yield from ask("code", "secret"))
    return UseCode(by=begin.user_id, code=code)


def under_way(begin: Begin, move: str) -> Steps[int]:
    """The link the button was about; for those who type, the newest of theirs that can still be answered."""
    if "link_id" in begin.args:
        return int(begin.args["link_id"])
    mine = yield from look(LinksOf(begin.user_id))
    found = next((each for each in mine if move in each.lifecycle.open_to(each.stage, Role.MEMBER)), None)
    if found is None:
        raise NotFound
    return found.id


def confirm_link(begin: Begin) -> Flowing:
    link_id = yield from under_way(begin, "confirm")
    return ConfirmLink(by=begin.user_id, link_id=link_id)


def refuse_link(begin: Begin) -> Flowing:
    link_id = yield from under_way(begin, "refuse")
    return RefuseLink(by=begin.user_id, link_id=link_id)
