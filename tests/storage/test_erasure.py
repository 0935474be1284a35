"""Who leaves is gone from every table but the books, and the books are what they were."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from conversations.messages import Message, Outgoing, Recipient
from conversations.ports import Action, Saved
from engine import codes, terms
from engine.contracts import Contract
from engine.deliveries import Deliver
from engine.erasure import EraseMe, EraseUser
from engine.errors import DealsOpen, ErasureDeferred, MoneyOpen, NotYourself, OtherGone
from engine.handle import handle
from engine.jobs import Job
from engine.payouts import ConfirmPayout, Payout
from engine.ports import NOBODY
from engine.texts import GONE
from engine.thanks import SayThanks
from engine.users import Restore, Suspend, User
from storage import books, erasure, files, inbox, outbox, tables
from storage.check import check
from storage.database import begin
from tests import builders
from tests.builders import Market

OPERATOR = frozenset({("line", "", "operator")})
BOOKS = (tables.transfers, tables.entries, tables.accounts)


@pytest.fixture
def market(database: Engine) -> Market:
    return Market(database, operators=OPERATOR)


def paid(market: Market) -> Contract:
    """A deal that is over, reviewed and thanked for, its money with the worker."""
    contract = builders.accepted(market)
    for user_id in (contract.client_id, contract.worker_id):
        market.do(builders.review(user_id, contract.id))
    market.do(SayThanks(by=contract.client_id, contract_id=contract.id, words="Thank you!", tip=0))
    contract = builders.pay_out(market, contract)
    market.do(ConfirmPayout(by=NOBODY, payout_id=market.kept(Payout).id))
    return contract


def rows(connection: Connection, *wanted: Any) -> list[Any]:
    return [tuple(row) for table in wanted for row in connection.execute(select(table).order_by(*table.primary_key))]


@pytest.mark.parametrize("side", ["client_id", "worker_id"])
def test_books_and_the_other_sides_words_stay(market: Market, side: str) -> None:
    contract = paid(market)
    leaving = getattr(contract, side)
    with market.engine.connect() as connection:
        before = rows(connection, *BOOKS)

    market.do(EraseMe(by=leaving))

    with market.engine.connect() as connection:
        after = rows(connection, *BOOKS)
        comments = connection.scalars(select(tables.reviews.c.comment)).all()
        words = connection.scalars(select(tables.applications.c.words)).all()
    card = terms.read(market.kept(Contract).terms)
    assert after == before
    assert comments == [GONE, GONE]
    if side == "client_id":
        assert (words, card.client_name, card.worker_name) == (["Ten logos so far."], GONE, "worker")
        assert (card.title, card.content, card.price) == (GONE, GONE, contract.price)
    else:
        assert (words, card.client_name, card.worker_name) == ([GONE], "client", GONE)
        assert card.title == "A logo for my cafe"


def test_who_comes_back_is_somebody_new(market: Market) -> None:
    contract = paid(market)
    market.do(EraseMe(by=contract.worker_id))

    again = builders.join(market, "worker", "slack")

    assert again.id != contract.worker_id
    assert (again.stage, market.kept(User, contract.worker_id).name) == ("active", GONE)
    with market.work() as store:
        assert books.balance(store.connection, f"earnings:{again.id}") == 0


def test_ban_outlives_its_person_and_ends_with_a_restored_one(market: Market) -> None:
    operator, banned = builders.join(market, "operator"), builders.join(market, "banned")
    stages = []
    for restored in (False, True):
        if not restored:
            market.do(Suspend(by=operator.id, user_id=banned.id, reason="spam"))
        if restored:
            market.do(Restore(by=operator.id, user_id=banned.id, reason="mended"))
        market.do(EraseUser(by=operator.id, user_id=banned.id))
        banned = builders.join(market, "banned")
        stages.append(banned.stage)

    with market.engine.connect() as connection:
        marks = connection.scalars(select(tables.banned.c.mark)).all()
    assert stages == ["suspended", "active"]
    assert marks == []


def test_ban_is_kept_as_a_hash_that_needs_the_key(market: Market) -> None:
    operator, banned = builders.join(market, "operator"), builders.join(market, "banned")
    market.do(Suspend(by=operator.id, user_id=banned.id, reason="spam"))
    market.do(EraseUser(by=operator.id, user_id=banned.id))

    with market.engine.connect() as connection:
        here = [erasure.is_banned(connection, key, ("line", "tenant", "banned")) for key in ("demo", "another")]
        other = erasure.is_banned(connection, "demo", ("slack", "tenant", "banned"))
        marks = connection.scalars(select(tables.banned.c.mark)).all()

    assert (here, other) == ([True, False], False)
    assert "banned" not in marks[0]


def test_nobody_leaves_with_something_open(market: Market) -> None:
    operator = builders.join(market, "operator")
    contract = builders.hire(market)

    with pytest.raises(DealsOpen):
        market.do(EraseMe(by=contract.client_id))
    contract = builders.accept(market, builders.deliver(market, builders.fund(market, contract)))
    with pytest.raises(DealsOpen):
        market.do(EraseMe(by=contract.worker_id))
    builders.pay_out(market, contract)
    with pytest.raises(MoneyOpen):
        market.do(EraseMe(by=contract.worker_id))
    market.do(ConfirmPayout(by=NOBODY, payout_id=market.kept(Payout).id))
    market.do(Suspend(by=operator.id, user_id=contract.worker_id, reason="looked into"))
    with pytest.raises(ErasureDeferred):
        market.do(EraseMe(by=contract.worker_id))
    with pytest.raises(NotYourself):
        market.do(EraseUser(by=operator.id, user_id=operator.id))


def test_nothing_is_said_to_who_has_left(market: Market) -> None:
    contract = paid(market)
    market.do(EraseMe(by=contract.worker_id))
    market.now += timedelta(days=1)

    with pytest.raises(OtherGone):
        market.do(SayThanks(by=contract.client_id, contract_id=contract.id, words="", tip=0))


def test_messages_that_name_them_are_given_up_and_others_go_on(market: Market) -> None:
    contract = paid(market)
    leaver, other = codes.code("user", contract.worker_id), builders.join(market, "other")
    to_client, to_other = Recipient("line", "tenant", "client"), Recipient("line", "tenant", "other")
    assert other.name == "other"
    with market.work() as store:
        for to, words in (
            (to_client, f"worker ({leaver}) has sent the logo"),
            (to_client, f"{codes.code('contract', contract.id)}: the logo"),
            (to_client, "hello"),
            (to_other, "hello"),
            (Recipient("slack", "tenant", "worker"), "hello"),
        ):
            store.send(Outgoing(to, Message(words), language="en"))

    market.do(EraseMe(by=contract.worker_id))

    with market.engine.connect() as connection:
        kept = connection.execute(select(tables.outbox.c.recipient, tables.outbox.c.state).order_by("id")).all()
    assert [tuple(row) for row in kept] == [
        ("client", "dead"),
        ("client", "dead"),
        ("client", "pending"),
        ("other", "pending"),
        ("erased", "dead"),
    ]


def test_farewell_goes_out_and_is_forgotten(market: Market) -> None:
    user = builders.join(market, "leaver")
    with market.work() as store:
        store.send(Outgoing(Recipient("line", "tenant", "leaver"), Message("Good bye."), language="en"))
        store.save(user.id, Saved("language", {}, market.now))
        store.new_handle(user.id, Action("start", flow="home"), "chat")
        store.carry_out(handle(EraseMe(by=user.id), store), EraseMe(by=user.id))

    with begin(market.engine) as connection:
        [row] = outbox.claim(connection, "line", market.now, 5, 60)
        assert outbox.settle(connection, [outbox.sent(row, market.now)])

    with market.engine.connect() as connection:
        left = rows(connection, tables.conversations, tables.handles, tables.addresses)
        sent = connection.execute(select(tables.outbox.c.recipient, tables.outbox.c.payload)).one()
    assert (left, row.outgoing.to.outside_id, tuple(sent)) == ([], "leaver", ("erased", ""))


def test_events_of_theirs_stay_known_without_them(market: Market) -> None:
    user = builders.join(market, "leaver")
    with begin(market.engine) as connection:
        for name in ("heard", "leaving", "later"):
            row = inbox.NewRow("line", "tenant", name, "line:tenant:leaver", b"words", market.now)
            inbox.store(connection, [row])
        inbox.take(connection)

    with market.work("line:tenant:leaving") as store:
        inbox.take(store.connection)
        store.carry_out(handle(EraseMe(by=user.id), store), EraseMe(by=user.id))

    with begin(market.engine) as connection:
        kept = [
            tuple(r)
            for r in connection.execute(select(tables.inbox.c.conversation, tables.inbox.c.body).order_by("id"))
        ]
        again = inbox.store(connection, [inbox.NewRow("line", "tenant", "leaving", "x", b"words", market.now)])
    gone = f"erased:{user.id}"
    assert (kept, again) == ([(gone, b""), (gone, b""), ("line:tenant:leaver", b"words")], 0)


def test_files_go_also_when_they_do_not_say_whose_they_are(market: Market) -> None:
    contract = builders.fund(market, builders.hire(market))
    with market.work() as store:
        kept = files.keep(store.connection, store.new_id(), "logo.png", b"picture", market.now)
        files.link(store.connection, kept.id, contract.client_id, market.now, store.random)
    deliver = Deliver(
        by=contract.worker_id, contract_id=contract.id, kind="file", body="a", file_id=kept.id, sha256=kept.sha256
    )
    market.do(deliver)
    contract = builders.pay_out(market, builders.accept(market, market.kept(Contract)))
    market.do(ConfirmPayout(by=NOBODY, payout_id=market.kept(Payout).id))

    market.do(EraseMe(by=contract.worker_id))

    with market.engine.connect() as connection:
        assert rows(connection, tables.files, tables.file_links) == []


@pytest.mark.corrupts
def test_check_finds_what_was_left_behind(market: Market) -> None:
    contract = paid(market)
    market.do(EraseMe(by=contract.client_id))
    with begin(market.engine) as connection:
        sound = check(connection)
        connection.execute(update(tables.jobs).values(title="A logo"))
        connection.execute(update(tables.applications).values(title="A logo"))
        address = {"id": 900, "version": 1, "user_id": contract.client_id, "platform": "line", "tenant": "t"}
        connection.execute(insert(tables.addresses), {**address, "outside_id": "client", "blocked": True})

    with market.engine.connect() as connection:
        found = sorted(v.what.partition("and ")[2] for v in check(connection) if v.rule == "A5")

    assert sound == []
    assert found == [f"{name} still speaks of them" for name in ("addresses", "applications", "jobs")]
    assert market.kept(Job).stage == "filled"
