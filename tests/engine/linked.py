"""One person on two messengers, on the way to being one account."""

from dataclasses import dataclass, field

from engine.links import ConfirmLink, Link, LinkOffered, OfferLink, UseCode
from engine.users import Address, User
from tests.engine.facts import Market


@dataclass
class Two:
    """山田 on the messenger they began with, and on another where nobody knows them yet."""

    market: Market = field(default_factory=Market)

    def __post_init__(self) -> None:
        self.first, self.second = self.market.user("山田"), self.market.user("Yamada")
        self.here, self.there = self.address(self.first), self.address(self.second)
        self.market.speaking = {self.first.id: self.here.id, self.second.id: self.there.id}

    def address(self, user: User) -> Address:
        return self.market.find(Address, user_id=user.id)[0]

    @property
    def link(self) -> Link:
        return self.market.find(Link)[0]

    def offer(self) -> str:
        [told] = self.market.do(OfferLink(by=self.first.id)).events
        assert isinstance(told, LinkOffered)
        return told.code.replace("-", "")

    def used(self) -> Link:
        self.market.do(UseCode(by=self.second.id, code=self.offer()))
        return self.link

    def asked(self) -> Link:
        self.market.do(ConfirmLink(by=self.second.id, link_id=self.used().id))
        return self.link

    def linked(self) -> Link:
        self.market.do(ConfirmLink(by=self.first.id, link_id=self.asked().id))
        return self.link
