"""連携の解除: a messenger is taken off, wished for or as nobody's own; and an operator who has looked."""

from conversations.flow import Begin, Flowing, Option, choose, confirm, look
from conversations.queries import AddressesOf, ById, LinksOf
from conversations.subjects import subject
from engine.errors import NotFound
from engine.unlinking import DisownLink, ResumePayouts, Unlink
from engine.users import Address, User


def unlink(begin: Begin) -> Flowing:
    addresses = yield from look(AddressesOf(begin.user_id))
    # Not the bare id: who types 2 means the second.
    known = {f"address:{address.id}": address for address in addresses}
    options = [
        Option(key, "unlink.address", {"address": address, "number": number})
        for number, (key, address) in enumerate(known.items(), start=1)
    ]
    chosen = known.get((yield from choose("address", *options)))
    if chosen is None:
        raise NotFound
    yield from confirm("card", "unlink.go", chosen.id, address=chosen, last=len(addresses) == 1)
    return Unlink(by=begin.user_id, address_id=chosen.id)


def disown_link(begin: Begin) -> Flowing:
    mine = yield from look(LinksOf(begin.user_id))
    linked = [each for each in mine if each.stage == "linked" and each.user_id == begin.user_id]
    found = next((each for each in linked if each.id == begin.args.get("link_id", each.id)), None)
    if found is None:
        raise NotFound
    address = yield from look(ById(Address, found.other_address_id))
    yield from confirm("card", "disown_link.go", found.id, address=address, link=found)
    return DisownLink(by=begin.user_id, link_id=found.id)


def resume_payouts(begin: Begin) -> Flowing:
    found = yield from subject(begin, User)
    return ResumePayouts(by=begin.user_id, user_id=found.id)
