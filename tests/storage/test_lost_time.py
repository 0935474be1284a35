"""What happened between backup and restore: the provider knows of it, the copy does not, and nobody is paid twice."""

from datetime import timedelta
from pathlib import Path

import pytest

import clock
import reconciler
import recovery
from engine import codes
from engine.contracts import Contract
from engine.payments import Payment
from engine.payouts import Payout
from payments.ports import CURRENCY, Entry
from storage import exceptions, modes
from storage.backup import restore
from storage.chain import DEMO_KEY
from storage.check import check
from storage.database import begin
from storage.resume import CannotResume, LostTime
from tests import builders
from tests.builders import Market
from tests.storage.copies import NOON, backed_up, opened, silent
from tests.storage.outside import Outside, chargeback, resumed


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
        outside.pays_out(engine)
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


def test_who_says_that_a_payout_is_none_of_ours_has_it_paid_again(url: str, tmp_path: Path) -> None:
    """What the others of these tests would see if they were wrong."""
    outside = Outside()
    payout = lose_a_payout(outside, url, tmp_path)

    resumed(outside, url, none_of_ours=True)

    with opened(url) as engine:
        outside.pays_out(engine)
    assert list(outside.bank.log.values()) == [payout.amount] * 2


def test_copy_is_not_resumed_while_the_books_cannot_be_read_unless_somebody_has(url: str, tmp_path: Path) -> None:
    outside = Outside()
    payout = lose_a_payout(outside, url, tmp_path)
    done = dict(outside.bank.log)
    outside.bank.away = True

    with pytest.raises(CannotResume, match=r"The books of pretend could not be read \(TimeoutError\)"):
        resumed(outside, url)
    resumed(outside, url, f"{codes.code('user', payout.worker_id)}:{payout.amount}", none_of_ours=True)

    with opened(url) as engine:
        outside.pays_out(engine)
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
        outside.pays_out(engine)
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
        outside.pays_out(engine)

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
        resumed(outside, url, none_of_ours=True)
    resumed(outside, url, refunds_seen=True)

    with opened(url) as engine:
        assert Market(engine).kept(Contract).frozen


def test_refund_of_the_lost_time_hides_no_payout(url: str, tmp_path: Path) -> None:
    outside = Outside()
    payout = lose_a_payout(outside, url, tmp_path)
    with opened(url) as engine:
        payment = Market(engine).kept(Payment)
    outside.bank.more = (Entry("refund", "refund-9-1", "refund-9-1", payment.id, 1, CURRENCY, "done"),)

    with pytest.raises(CannotResume, match=rf"pay_out-{payout.id}(.|\n)*refund-9-1"):
        resumed(outside, url)
    with pytest.raises(CannotResume, match=f"pay_out-{payout.id}"):
        resumed(outside, url, refunds_seen=True)


def test_what_was_missing_in_recovery_mode_for_long_is_frozen_when_it_ends(url: str, tmp_path: Path) -> None:
    """Its payout is overdue: the first ring pays it, and the next look may come later."""
    outside = Outside()
    with opened(url) as engine:
        market = Market(engine)
        builders.accepted(market)
        with begin(engine) as connection:
            exceptions.note(connection, "pretend", [missing_payment(market)], market.now)
        file = backed_up(url, tmp_path)
    restore(file, url, market.now, DEMO_KEY, silent, overwrite=True)

    with opened(url) as engine:
        house = outside.house(engine, market.now + timedelta(hours=6))
        recovery.carry_out(house, recovery.Plan((), LostTime({})))
        assert Market(engine).kept(Contract).frozen


def missing_payment(market: Market) -> dict[str, object]:
    payment = market.kept(Payment)
    about = {"noun": "payment", "thing_id": payment.id, "ours": payment.amount, "theirs": 0}
    return {"kind": "missing", "subject": f"paid {payment.id}", **about}


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


def test_backup_that_is_older_than_what_is_compared_is_not_resumed_unasked(url: str, tmp_path: Path) -> None:
    outside = Outside()
    with opened(url) as engine:
        builders.accepted(Market(engine))
    file = backed_up(url, tmp_path)
    late = NOON + reconciler.LOOK_BACK + timedelta(minutes=1)
    restore(file, url, late, DEMO_KEY, silent, overwrite=True)

    with opened(url) as engine:
        with pytest.raises(CannotResume, match=r"backup is of 2030-12-02, and only the last 30 days"):
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
