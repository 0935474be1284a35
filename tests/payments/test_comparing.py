"""Whatever differs between the provider's books and ours is found, by name and kind; and nothing else is."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from payments.comparing import Ours, differences
from payments.ports import CURRENCY, Books, Entry, Notification

SINCE = datetime(2030, 12, 1, tzinfo=UTC)
AT = SINCE + timedelta(days=29)
PAYMENTS = 60


@dataclass
class World:
    """Both books, by line; `wrong` are the kind and subject of what was done to them."""

    dice: Random
    ours: dict[str, Ours] = field(default_factory=dict)
    theirs: dict[str, Entry] = field(default_factory=dict)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    last: int = 10_000

    def found(self) -> list[tuple[str, str]]:
        books = Books(SINCE, tuple(self.dice.sample(list(self.theirs.values()), len(self.theirs))))
        return sorted((each.kind, each.subject) for each in differences(self.ours.values(), books))

    def number(self) -> int:
        self.last += 1
        return self.last

    def untouched(self, *kinds: str) -> str:
        """A line that is done on both sides and that nothing has been done to."""
        touched = {subject.split(" ", 1)[1] for _, subject in self.wrong}
        fit = [r for r, e in self.theirs.items() if e.kind in kinds and r in self.ours and r not in touched]
        return self.dice.choice([r for r in fit if (self.ours[r].stage, self.theirs[r].outcome) == ("done", "done")])


def healthy(seed: int) -> World:
    """Paid, waiting, paid late and sent back; refunds; payouts that are done, sent back by the bank, or under way."""
    world = World(Random(seed))
    for number in range(1, PAYMENTS + 1):
        amount = world.dice.randrange(100, 100_000)
        arrival = f"in-{number}"
        stage = world.dice.choice(("done", "done", "open"))
        world.ours[arrival] = Ours("paid", "", number, amount, stage, AT)
        if stage == "done":
            world.theirs[arrival] = entry("paid", arrival, "", number, amount)
        elif world.dice.random() < 0.5:
            late = f"late-{number}"
            key = f"refund-{number}-{late}"
            world.theirs[late] = entry("paid", late, "", number, amount - 1)
            world.ours[key] = Ours("refund", key, number, amount - 1, world.dice.choice(("done", "ambiguous")), AT)
            world.theirs[key] = entry("refund", key, key, number, amount - 1)
        key = f"pay_out-{number}"
        there, here = world.dice.choice((("done", "done"), ("failed", "failed"), ("", "open")))
        world.ours[key] = Ours("pay_out", key, number, amount, here, AT)
        if there:
            world.theirs[key] = replace(entry("pay_out", key, key, number, amount), outcome=there)
    return world


def entry(kind: str, reference: str, key: str, thing: int, amount: int) -> Entry:
    again = Notification(f"event-{reference}", str(thing), b"{}")
    return Entry(kind, reference, key, thing, amount, CURRENCY, "done", again)


def unknown(world: World) -> tuple[str, str]:
    number, kind = world.number(), world.dice.choice(("paid", "refund", "pay_out"))
    reference = f"strange-{number}"
    world.theirs[reference] = entry(kind, reference, "" if kind == "paid" else reference, number, 500)
    return "unknown", f"{kind} {reference}"


def doubled(world: World) -> tuple[str, str]:
    before = world.theirs[world.untouched("refund", "pay_out")]
    reference = f"again-{world.number()}"
    # Under the same key; the later in their list is the double, so both are named alike.
    world.theirs[reference] = before
    return "doubled", f"{before.kind} {before.reference}"


def currency(world: World) -> tuple[str, str]:
    """In another currency the line is not the one we wait for, either."""
    line = world.untouched("paid", "refund", "pay_out")
    before = world.theirs[line]
    world.theirs[line] = replace(before, currency="usd")
    return "currency", f"{before.kind} {line}"


def amount(world: World) -> tuple[str, str]:
    line = world.untouched("paid", "refund", "pay_out")
    before = world.theirs[line]
    world.theirs[line] = replace(before, amount=before.amount + 1)
    return "amount", f"{before.kind} {line}"


def missing(world: World) -> tuple[str, str]:
    line = world.untouched("paid", "refund", "pay_out")
    gone = world.theirs.pop(line)
    return "missing", f"{gone.kind} {gone.key or gone.thing_id}"


def unbooked(world: World) -> tuple[str, str]:
    line = world.untouched("paid", "pay_out")
    world.ours[line] = replace(world.ours[line], stage="open")
    return "unbooked", f"{world.theirs[line].kind} {line}"


def paid_twice(world: World) -> tuple[str, str]:
    before = world.theirs[world.untouched("paid")]
    reference = f"second-{world.number()}"
    world.theirs[reference] = replace(before, reference=reference)
    world.wrong.append(("", f"paid {before.reference}"))
    return "unbooked", f"paid {reference}"


def contradicting(world: World) -> tuple[str, str]:
    line = world.untouched("refund", "pay_out")
    world.ours[line] = replace(world.ours[line], stage="failed")
    return "contradicting", f"{world.theirs[line].kind} {line}"


WRONGS: tuple[Callable[[World], tuple[str, str]], ...] = (
    unknown,
    doubled,
    currency,
    amount,
    missing,
    unbooked,
    contradicting,
)


def test_a_thousand_mismatches_are_all_found_and_nothing_else_is() -> None:
    injected = 0
    for seed in range(100):
        world = healthy(seed)
        assert world.found() == []
        for _ in range(10):
            world.wrong.append(world.dice.choice(WRONGS)(world))
        # What stands there in another currency is, besides, missing in ours.
        absent = [("missing", named(world, subject)) for kind, subject in world.wrong if kind == "currency"]

        found = world.found()

        assert found == sorted(world.wrong + absent), seed
        injected += len(world.wrong)
    assert injected == 1_000


def named(world: World, subject: str) -> str:
    kind, reference = subject.split(" ")
    return f"{kind} {world.theirs[reference].key or world.theirs[reference].thing_id}"


def test_second_arrival_is_heard_again() -> None:
    world = healthy(1)

    wrong = paid_twice(world)

    # Of two alike either may be the one that was booked.
    [found] = differences(world.ours.values(), Books(SINCE, tuple(world.theirs.values())))
    assert (found.kind, found.again is None) == (wrong[0], False)


def test_money_that_came_besides_is_not_taken_for_what_is_older_than_their_books() -> None:
    mine = Ours("paid", "", 1, 500, "done", SINCE - timedelta(days=1))
    besides = Entry("paid", "second", "", 1, 1, CURRENCY, "done")

    [found] = differences([mine], Books(SINCE, (besides,)))

    assert (found.kind, found.subject) == ("unbooked", "paid second")


@pytest.mark.parametrize("stage", ["done", "open"])
@pytest.mark.parametrize("at", [SINCE - timedelta(days=1), SINCE + timedelta(days=14)])
def test_what_is_older_than_their_books_or_may_be_is_not_missing(at: datetime, stage: str) -> None:
    mine = Ours("pay_out", "pay_out-1", 1, 500, stage, at)

    assert differences([mine], Books(SINCE, ())) == []
