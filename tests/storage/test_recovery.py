"""A restored copy says nothing and pays nobody until it is resumed; nor do books that are broken."""

from datetime import timedelta
from pathlib import Path

import pytest

import app
import clock
import reconciler
import recovery
import scheduler
from engine import codes
from engine.contracts import Contract
from engine.payments import Payment
from engine.payouts import Payout
from payments.ports import CURRENCY, Entry
from storage import ids, modes
from storage.backup import restore
from storage.chain import DEMO_KEY
from storage.check import check
from storage.database import begin, migrate
from storage.resume import CannotResume, waiting
from tests import builders
from tests.builders import Market
from tests.storage.copies import backed_up, opened, silent
from tests.storage.outside import Outside, chargeback, resumed, say


def test_restored_copy_repeats_no_payout_and_no_message(url: str, tmp_path: Path) -> None:
    """The backup knows of an errand and a message under way; both are done in the time that is lost."""
    outside = Outside()
    with opened(url) as engine:
        market = Market(engine)
        builders.pay_out(market, builders.accepted(market))
        say(outside.house(engine, market.now), "said once")
        file = backed_up(url, tmp_path)
        outside.turn(engine, market.now)
        done, said = dict(outside.bank.log), list(outside.phones.said)
    assert len(done) == 1
    assert said == ["said once"]

    restore(file, url, clock.now(), DEMO_KEY, silent, overwrite=True)
    with opened(url) as engine:
        say(outside.house(engine, market.now), "said in the copy")
        for days in range(3):
            outside.turn(engine, market.now + timedelta(days=days))
        with engine.connect() as connection:
            freed = waiting(connection)
        assert (outside.bank.log, outside.phones.said, len(outside.bank.asked)) == (done, said, 1)
        assert (freed.stale, freed.messages, freed.errands) == (1, 1, 2)
        assert any("recovery mode" in problem for problem in app.unready(outside.house(engine, market.now)))

    resumed(outside, url)
    with opened(url) as engine:
        outside.turn(engine, market.now)
        with engine.connect() as connection:
            violations = check(connection)
    # The errand is asked again by its key, which the provider knows: nothing is paid a second time.
    assert (outside.bank.log, len(outside.bank.asked)) == (done, 2)
    assert outside.phones.said == [*said, "said in the copy"]
    assert violations == []


def test_payout_of_the_lost_time_is_booked_and_not_repeated(url: str, tmp_path: Path) -> None:
    """The backup knows only of earnings; their payout was made later, under a key the copy cannot know."""
    outside = Outside()
    payout = lose_a_payout(outside, url, tmp_path)
    done = dict(outside.bank.log)
    assert list(done.values()) == [payout.amount]
    worker = codes.code("user", payout.worker_id)
    with pytest.raises(CannotResume, match=worker):
        resumed(outside, url, f"{worker}:{payout.amount + 1}", none_of_ours=True)

    with opened(url) as engine:
        reconciler.reconcile(outside.house(engine, clock.now()))
    with pytest.raises(CannotResume, match=f"pay_out-{payout.id}"):
        resumed(outside, url)
    resumed(outside, url, f"{worker}:{payout.amount}")

    with opened(url) as engine:
        # Booked under the name that the provider has for it, it is neither unknown there nor missing here. Resuming has
        # the machine's own time.
        differing = reconciler.reconcile(outside.house(engine, clock.now()))
        assert [row.subject for row in differing if row.noun == "payout"] == []
        outside.turn(engine, clock.now() + timedelta(days=3))
        with engine.connect() as connection:
            assert check(connection) == []
            assert modes.recovery(connection) is None
        assert Market(engine).kept(Payout).stage == "confirmed"
    assert outside.bank.log == done


def test_payout_of_the_lost_time_is_asked_about_although_nobody_has_compared(url: str, tmp_path: Path) -> None:
    outside = Outside()
    lose_a_payout(outside, url, tmp_path)

    with pytest.raises(CannotResume, match="Name whom each went to with --paid"):
        resumed(outside, url)


def test_copy_is_not_resumed_while_the_books_cannot_be_read_unless_somebody_has(url: str, tmp_path: Path) -> None:
    outside = Outside()
    payout = lose_a_payout(outside, url, tmp_path)
    done = dict(outside.bank.log)
    outside.bank.away = True

    with pytest.raises(CannotResume, match=r"The books of pretend could not be read \(TimeoutError\)"):
        resumed(outside, url)
    resumed(outside, url, f"{codes.code('user', payout.worker_id)}:{payout.amount}", none_of_ours=True)

    with opened(url) as engine:
        outside.turn(engine, clock.now() + timedelta(days=3))
    assert outside.bank.log == done


def test_payout_of_the_lost_time_is_booked_although_its_payment_is_disputed_by_now(url: str, tmp_path: Path) -> None:
    """Its contract was not frozen then: else resuming would be refused, and the worker be paid again one day."""
    outside = Outside()
    payout = lose_a_payout(outside, url, tmp_path)
    done = dict(outside.bank.log)
    with opened(url) as engine:
        outside.bank.more = (chargeback(engine),)
        # The clock of the copy looks as well.
        reconciler.reconcile(outside.house(engine, clock.now()))

    resumed(outside, url, f"{codes.code('user', payout.worker_id)}:{payout.amount}")

    with opened(url) as engine:
        outside.turn(engine, clock.now() + timedelta(days=3))
        [disputed] = [row for row in reconciler.reconcile(outside.house(engine, clock.now())) if row.kind == "disputed"]
        with engine.connect() as connection:
            assert check(connection) == []
        assert (Market(engine).kept(Contract).stage, bool(disputed.confirmed_at)) == ("paid_out", True)
    assert outside.bank.log == done


def test_what_is_disputed_in_recovery_mode_is_frozen_when_it_ends(url: str, tmp_path: Path) -> None:
    outside = Outside()
    with opened(url) as engine:
        builders.accepted(Market(engine))
        outside.bank.more = (chargeback(engine),)
        file = backed_up(url, tmp_path)
    restore(file, url, clock.now(), DEMO_KEY, silent, overwrite=True)

    with opened(url) as engine:
        reconciler.reconcile(outside.house(engine, clock.now()))
        before = Market(engine).kept(Contract).frozen
    resumed(outside, url)
    with opened(url) as engine:
        outside.turn(engine, clock.now() + timedelta(days=3))

        after = Market(engine).kept(Contract)
    assert (before, after.frozen, after.stage, outside.bank.log) == (False, True, "accepted", {})


def test_refund_of_the_lost_time_is_named_before_anything_goes_on(url: str, tmp_path: Path) -> None:
    """The contract goes on in the copy, and could end with another share: that would be sent back as well."""
    outside = Outside()
    with opened(url) as engine:
        contract = builders.accepted(Market(engine))
        file, payment = backed_up(url, tmp_path), Market(engine).kept(Payment)
    key = f"refund-{payment.id}-2750"
    outside.bank.more = (Entry("refund", key, key, payment.id, 2_750, CURRENCY, "done"),)
    restore(file, url, clock.now(), DEMO_KEY, silent, overwrite=True)

    named = rf"2,750 yen \(refund {key}, {codes.code('contract', contract.id)}\)"
    with pytest.raises(CannotResume, match=named):
        resumed(outside, url)
    resumed(outside, url, none_of_ours=True)

    with opened(url) as engine:
        assert Market(engine).kept(Contract).frozen


@pytest.mark.parametrize("kind", ["pay_out", "refund"])
def test_what_somebody_did_at_the_provider_by_hand_holds_up_nothing(kind: str, url: str, tmp_path: Path) -> None:
    outside = Outside()
    with opened(url) as engine:
        builders.accepted(Market(engine))
        file = backed_up(url, tmp_path)
    outside.bank.more = (Entry(kind, "by-hand", "", 0, 500, CURRENCY, "done"),)
    restore(file, url, clock.now(), DEMO_KEY, silent, overwrite=True)

    resumed(outside, url)

    with opened(url) as engine, engine.connect() as connection:
        assert modes.recovery(connection) is None


def test_copy_that_is_older_than_what_is_compared_is_not_resumed_unasked(url: str, tmp_path: Path) -> None:
    outside = Outside()
    with opened(url) as engine:
        market = Market(engine)
        builders.accepted(market)
        late, file = market.now + reconciler.LOOK_BACK + timedelta(minutes=1), backed_up(url, tmp_path)
    restore(file, url, late, DEMO_KEY, silent, overwrite=True)

    with opened(url) as engine:
        # People are heard meanwhile, and move things in the copy.
        builders.join(Market(engine, now=late), "new")
        with pytest.raises(CannotResume, match=r"only 30 days are compared\. Until then nobody knows here"):
            recovery.plan(outside.house(engine, late), [])

        assert recovery.plan(outside.house(engine, late - timedelta(minutes=1)), [])
        assert recovery.plan(outside.house(engine, late), [], none_of_ours=True)


def lose_a_payout(outside: Outside, url: str, tmp_path: Path) -> Payout:
    """The copy that is left knows of the earnings only."""
    with opened(url) as engine:
        market = Market(engine)
        contract = builders.accepted(market)
        file = backed_up(url, tmp_path)
        builders.pay_out(market, contract)
        payout = market.kept(Payout)
        outside.turn(engine, market.now)
    restore(file, url, clock.now(), DEMO_KEY, silent, overwrite=True)
    return payout


def test_what_two_copies_of_one_backup_give_away_has_different_numbers(url: str, tmp_path: Path) -> None:
    """The provider knows errands by them: it would take the second copy's for the first one's."""
    given = []
    with opened(url) as engine:
        market = Market(engine)
        builders.accepted(market)
        file = backed_up(url, tmp_path)
    for minutes in (0, 1):
        restore(file, url, market.now + timedelta(minutes=minutes), DEMO_KEY, silent, overwrite=True)
        with opened(url) as engine, begin(engine) as connection:
            given.append(ids.take_many(connection, 100))

    assert set(given[0]).isdisjoint(given[1])


def test_payout_that_was_made_by_somebody_else_holds_up_nothing(url: str, tmp_path: Path) -> None:
    outside = Outside()
    with opened(url) as engine:
        market = Market(engine)
        file = backed_up(url, tmp_path)
        builders.pay_out(market, builders.accepted(market))
        outside.turn(engine, market.now)
    restore(file, url, clock.now(), DEMO_KEY, silent, overwrite=True)
    with opened(url) as engine:
        reconciler.reconcile(outside.house(engine, clock.now()))

    resumed(outside, url, none_of_ours=True)

    with opened(url) as engine, engine.connect() as connection:
        assert modes.recovery(connection) is None


def test_broken_books_stop_everything_until_they_are_sound(tmp_path: Path) -> None:
    url, outside = f"sqlite:///{tmp_path}/market.db", Outside()
    with opened(url) as engine:
        migrate(engine, clock.now())
        market = Market(engine)
        builders.pay_out(market, builders.accepted(market))
        house = outside.house(engine, market.now)
        scheduler.watch(house)
        with begin(engine) as connection:
            sound = modes.recovery(connection)
            connection.exec_driver_sql("UPDATE accounts SET balance = balance + 1 WHERE path LIKE 'earnings:%'")

        scheduler.watch(house)
        outside.turn(engine, market.now)

        assert sound is None
        assert outside.bank.log == {}
        with pytest.raises(CannotResume, match="M3"):
            resumed(outside, url)
        with begin(engine) as connection:
            connection.exec_driver_sql("UPDATE accounts SET balance = balance - 1 WHERE path LIKE 'earnings:%'")
        resumed(outside, url)
        outside.turn(engine, market.now)
        assert len(outside.bank.log) == 1
