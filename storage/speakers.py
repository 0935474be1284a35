"""Speakers: who speaks from an address, and where their talk stands; all of it in one statement, under lock."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from conversations.messages import Sender
from engine.users import Address, User
from storage import talks, things
from storage.prepared import Prepared
from storage.tables import addresses, conversations, users


@dataclass(frozen=True)
class Speaker:
    address: Address
    user: User
    talk: talks.Talk


# All three are locked, none of them optional: who had to wait for another reads what that other wrote. Readers share
# users and addresses: see things.py.
SPEAKER = Prepared(
    select(
        addresses,
        users,
        conversations,
    )
    .join_from(addresses, users, users.c.id == addresses.c.user_id)
    .join(conversations, conversations.c.user_id == users.c.id)
    .where(
        addresses.c.platform == bindparam("on_platform"),
        addresses.c.tenant == bindparam("in_tenant"),
        addresses.c.outside_id == bindparam("outside"),
    )
    .with_for_update(key_share=True, of=conversations)
    .suffix_with("FOR SHARE OF addresses, users", dialect="postgresql")
)
ADDRESS = len(addresses.c)
USER = ADDRESS + len(users.c)
TALK = USER + len(conversations.c)


def find(connection: Connection, sender: Sender) -> Speaker | None:
    """None for who has never spoken."""
    here = {"on_platform": sender.platform, "in_tenant": sender.tenant, "outside": sender.outside_id}
    row = SPEAKER.row(connection, here)
    if row is None:
        return None
    return Speaker(
        things.thing_from(Address, row[:ADDRESS]),
        things.thing_from(User, row[ADDRESS:USER]),
        talks.talk_from(row[USER:TALK]),
    )


def is_at(address: Address, sender: Sender) -> bool:
    here = (sender.platform, sender.tenant, sender.outside_id)
    return (address.platform, address.tenant, address.outside_id) == here


REACHABLE = Prepared(
    select(addresses)
    .join(conversations, conversations.c.user_id == addresses.c.user_id, isouter=True)
    .where(addresses.c.user_id == bindparam("user"), addresses.c.blocked.is_(False))
    .order_by((conversations.c.address_id == addresses.c.id).desc(), addresses.c.id.desc())
    .limit(1)
)


def reachable(connection: Connection, user_id: int) -> Address | None:
    """The address they last spoke from, or else their newest, that has not blocked us."""
    row = REACHABLE.row(connection, {"user": user_id})
    return None if row is None else things.thing_from(Address, row)


EVERY_REACHABLE = Prepared(
    select(addresses)
    .join(conversations, conversations.c.user_id == addresses.c.user_id, isouter=True)
    .where(
        addresses.c.user_id == any_(bindparam("users", type_=ARRAY(BigInteger))),
        addresses.c.blocked.is_(False),
    )
    .order_by(addresses.c.user_id, (conversations.c.address_id == addresses.c.id), addresses.c.id)
)


def all_reachable(connection: Connection, users: Collection[int]) -> dict[int, Address | None]:
    """The same of several."""
    if connection.dialect.name != "postgresql":
        return {user: reachable(connection, user) for user in users}
    found: dict[int, Address | None] = dict.fromkeys(users)
    for row in EVERY_REACHABLE.rows(connection, {"users": list(users)}):
        address = things.thing_from(Address, row)
        found[address.user_id] = address  # the last of each is the first of the other order
    return found


def is_named(address: Address, operators: Collection[tuple[str, str, str]]) -> bool:
    """By platform, tenant and id; a name without its tenant is of any of our own bots."""
    return any((address.platform, tenant, address.outside_id) in operators for tenant in (address.tenant, ""))
