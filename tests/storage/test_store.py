"""The store keeps what rules decide: things by version, moves in order, money in the books, timers with stages."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from conversations import queries as asked
from conversations.messages import Message, Outgoing, Recipient
from conversations.ports import Action, Saved
from engine import ledger
from engine.contracts import Contract
from engine.errors import NotFound
from engine.jobs import HoldJob, Job
from engine.ports import Decision, Operation, Staged, Timer, timers_of
from engine.reviews import Review
from engine.users import SetLanguage, Suspend, User
from storage import outbox, tables
from storage.books import Overdrawn
from storage.store import Conflict
from tests import builders
from tests.builders import MONDAY, Market


@pytest.fixture
def market(database: Engine) -> Market:
    return Market(database)


def test_things_come_back_as_they_were(market: Market) -> None:
    contract = builders.accepted(market)

    with market.work() as store:
        again = store.get(Contract, contract.id)

    assert again == contract
    assert (again.stage, again.accepted_at, again.due, again.extended) == ("accepted", MONDAY, builders.DUE, False)
    assert again.since.tzinfo is not None


def test_get_reads_once(market: Market) -> None:
    user = builders.join(market, "a")

    with market.work() as store:
        first, second = store.get(User, user.id), store.get(User, user.id)

    assert first is second


def test_get_refuses_what_is_not_there(market: Market) -> None:
    with market.work() as store, pytest.raises(NotFound):
        store.get(Job, 404)


def test_get_after_carry_out_is_the_new_version(market: Market) -> None:
    user = builders.join(market, "a")

    with market.work() as store:
        changed = replace(store.get(User, user.id), language="ja")
        store.carry_out(Decision(things=(changed,)), SetLanguage(by=user.id, language="ja"))
        again = store.get(User, user.id)

    assert (again.language, again.version) == ("ja", 2)


def test_old_version_is_a_conflict_and_leaves_nothing(market: Market) -> None:
    user = builders.join(market, "a")
    market.do(SetLanguage(by=user.id, language="ja"))

    with pytest.raises(Conflict):
        keep_old_version(market, user)

    assert market.kept(User).language == "ja"
    assert waiting(market) == []


def test_moves_are_recorded_in_their_order(market: Market) -> None:
    contract = builders.accepted(market)

    with market.work() as store:
        steps = store.look(asked.HistoryOf("contract", contract.id))

    assert [(s.move, s.source, s.target, s.role) for s in steps] == [
        ("hire", "", "agreeing", "client"),
        ("agree", "agreeing", "half_agreed", "client"),
        ("agree", "half_agreed", "awaiting_escrow", "worker"),
        ("fund", "awaiting_escrow", "in_progress", "provider"),
        ("deliver", "in_progress", "delivered", "worker"),
        ("accept", "delivered", "accepted", "client"),
    ]


def test_two_moves_in_one_decision_are_both_recorded(market: Market) -> None:
    contract = builders.accepted(market)
    for user_id in (contract.client_id, contract.worker_id):
        market.do(builders.review(user_id, contract.id))

    second = market.kept(Review)
    with market.work() as store:
        steps = store.look(asked.HistoryOf("review", second.id))

    assert [(s.move, s.source, s.target) for s in steps] == [("leave", "", "hidden"), ("reveal", "hidden", "shown")]
    assert second.version == 2


def test_timers_are_those_of_the_stage(market: Market) -> None:
    contract = builders.deliver(market, builders.fund(market, builders.hire(market)))

    assert contract_timers(market) == {t.name: t.due_at for t in timers_of(contract)}


def test_past_reminders_are_not_set(market: Market) -> None:
    market.now = MONDAY + timedelta(days=10, hours=19)

    contract = builders.fund(market, builders.hire(market))

    assert contract.remind_due_at == market.now
    assert contract_timers(market) == {"fall_overdue": contract.overdue_from}


def test_ended_contract_has_no_timer(market: Market) -> None:
    builders.accepted(market)

    assert contract_timers(market) == {}


def test_suspending_keeps_the_payout_of_a_user(market: Market) -> None:
    contract = builders.accepted(market)
    operator = builders.join(market, "operator")
    market.operators = frozenset({("line", "", "operator")})

    market.do(Suspend(by=operator.id, user_id=contract.worker_id, reason="a report"))

    with market.engine.connect() as connection:
        names = connection.scalars(select(tables.timers.c.name).where(tables.timers.c.noun == "user")).all()
    assert names == ["pay_out"]


def test_of_two_timers_the_earlier_stays(market: Market) -> None:
    user = builders.join(market, "a")
    early, late = (Timer("user", user.id, "pay_out", MONDAY + timedelta(days=d)) for d in (1, 2))

    for timers in ((late,), (early,), (late,)):
        with market.work() as store:
            store.carry_out(Decision(timers=timers), SetLanguage(by=user.id, language="en"))

    with market.engine.connect() as connection:
        assert connection.scalars(select(tables.timers.c.due_at)).all() == [early.due_at]


def test_accepted_price_is_split_in_the_books(market: Market) -> None:
    contract = builders.accepted(market)

    with market.work() as store:
        assert store.balance(ledger.escrow(contract.id)) == 0
        assert store.balance(ledger.earnings(contract.worker_id)) == 8_580
    assert figures(market)["fees_yen"] == 2_200


def test_no_account_goes_below_zero(market: Market) -> None:
    user = builders.join(market, "a")
    empty = ledger.Transfer(ledger.wallet(user.id), ledger.earnings(user.id), 1, "tip", 0)

    with pytest.raises(Overdrawn), market.work() as store:
        store.carry_out(Decision(transfers=(empty,)), SetLanguage(by=user.id, language="en"))


def test_same_cause_moves_money_once(market: Market) -> None:
    contract = builders.fund(market, builders.hire(market))
    again = ledger.Transfer("outside:pretend", ledger.wallet(contract.client_id), 5, "gift", 0)
    with market.engine.connect() as connection:
        cause = connection.scalars(select(tables.transfers.c.cause)).one()

    with pytest.raises(Conflict), market.work(cause) as store:
        store.carry_out(Decision(transfers=(again,)), SetLanguage(by=contract.client_id, language="en"))


def test_same_key_for_another_errand_is_a_bug(market: Market) -> None:
    user = builders.join(market, "a")
    errand = Operation("refund", "refund-1", "pretend", 100, 1)
    wanted = SetLanguage(by=user.id, language="en")
    with market.work() as store:
        store.carry_out(Decision(operations=(errand,)), wanted)
        store.carry_out(Decision(operations=(errand,)), wanted)

    with pytest.raises(AssertionError), market.work() as store:
        store.carry_out(Decision(operations=(replace(errand, amount=101),)), wanted)


def test_operators_commands_are_audited(market: Market) -> None:
    job = builders.post(market, builders.join(market, "a"))
    operator = builders.join(market, "operator")
    market.operators = frozenset({("line", "", "operator")})

    market.do(HoldJob(by=operator.id, job_id=job.id, reason="to be looked at"))

    with market.engine.connect() as connection:
        lines = connection.execute(select(tables.audit.c.actor_id, tables.audit.c.action, tables.audit.c.subject)).all()
    assert [tuple(line) for line in lines] == [(operator.id, "HoldJob", f"job:{job.id}")]


def test_operator_is_known_by_platform_and_id(market: Market) -> None:
    one, namesake = builders.join(market, "42", "telegram"), builders.join(market, "42", "slack")
    market.operators = frozenset({("telegram", "", "42")})

    with market.work() as store:
        assert (store.is_operator(one.id), store.is_operator(namesake.id)) == (True, False)


def test_nothing_is_kept_of_a_transaction_that_fails(market: Market) -> None:
    user = builders.join(market, "a")

    with pytest.raises(ZeroDivisionError):
        break_off(market, user)

    with market.work() as store:
        assert store.saved(user.id) == Saved()
    assert waiting(market) == []


def test_payout_leaves_by_the_clock(market: Market) -> None:
    contract = builders.pay_out(market, builders.accepted(market))

    assert (contract.stage, figures(market)["paid_out_yen"]) == ("paid_out", 8_580)


def keep_old_version(market: Market, old: User) -> None:
    """As if the user had been read before another transaction changed them."""
    wanted = SetLanguage(by=old.id, language="en")
    with market.work() as store:
        store.send(outgoing("a"))
        store._things[User, old.id] = old
        store.carry_out(Decision(things=(replace(old, language="en"),)), wanted)


def break_off(market: Market, user: User) -> float:
    with market.work() as store:
        store.save(user.id, Saved("post_job"))
        store.send(outgoing("a"))
        store.new_handle(user.id, Action("start", "home"), "chat")
        store.flush()
        return 1 / 0


def outgoing(outside_id: str) -> Outgoing:
    return Outgoing(Recipient("line", "tenant", outside_id), Message("Hello."))


def waiting(market: Market) -> list[outbox.Row]:
    with market.work() as store:
        return outbox.claim(store.connection, "line", market.now, 10, 60)


def contract_timers(market: Market) -> dict[str, object]:
    with market.engine.connect() as connection:
        rows = connection.execute(select(tables.timers).where(tables.timers.c.noun == "contract"))
        return {row.name: row.due_at for row in rows}


def figures(market: Market) -> Mapping[str, int]:
    with market.work() as store:
        found: Mapping[str, int] = store.look(asked.Figures())
    return found


def test_store_knows_every_staged_thing() -> None:
    nouns = {kind for kind in Staged.__subclasses__() if kind.__module__.startswith("engine.")}

    assert {kind for kind in tables.KIND_OF.values() if issubclass(kind, Staged)} == nouns
