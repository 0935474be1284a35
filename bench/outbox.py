"""P6: messages a second from the outbox to a stub of the platforms, through each SDK's own client; and how long an
answer waits behind a crowd that is told something."""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import select

import app
import errands
from batches import Hands
from bench.load import HOST
from bench.measure import Say, Size, databases, fresh, median, seconds_of
from bench.server import serving, settings_for
from conversations.messages import Button, Field, Message, Outgoing, Recipient
from house import House
from storage import database, outbox, tables

GOAL = 500
RECIPIENTS = 100
BEGUN_ROUNDS = 3
# An id of each platform's own shape.
PLATFORMS = {"line": "U{:032x}", "slack": "U{:010d}", "telegram": "{}"}


def run(size: Size, say: Say) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with serving("stub") as port:
        for kind in databases():
            with fresh(kind) as url:
                house = app.build(settings_for(tuple(PLATFORMS), url, f"http://{HOST}:{port}"))
                try:
                    found[kind] = {platform: measured(house, platform, size, say) for platform in PLATFORMS}
                finally:
                    for bot in house.bots.values():
                        bot.close()
                    house.database.dispose()
    return {"goal": {"messages_per_second": GOAL}, "databases": found}


def measured(house: House, platform: str, size: Size, say: Say) -> dict[str, float]:
    say(f"{house.database.dialect.name}: {size.messages} messages to {platform}")
    rounds = []
    with ThreadPoolExecutor(errands.SENDERS) as pool:
        drain(house, platform, pool, size.messages // 10 + 1)
        for _ in range(size.rounds):
            each = size.messages // size.rounds
            rounds.append(each / drain(house, platform, pool, each))
        waits = {
            name: median([last_of_a_crowd(house, platform, pool, size.messages, awaited=it) for _ in rounds], 1)
            for name, it in (("answer_ms", True), ("in_turn_ms", False))
        }
    return {
        "messages_per_second": median(rounds, 1),
        **waits,
        "answer_ratio": round(waits["answer_ms"] / waits["in_turn_ms"], 3),
    }


def last_of_a_crowd(house: House, platform: str, pool: ThreadPoolExecutor, many: int, *, awaited: bool) -> float:
    """Milliseconds until whoever came after so many others is sent what is theirs, an answer or not."""
    last = PLATFORMS[platform].format(many + 1)
    put(
        house,
        [Outgoing(Recipient(platform, "tenant", PLATFORMS[platform].format(n + 1)), card(n)) for n in range(many)],
    )
    hands: Hands[outbox.Row] = Hands(pool, errands.SENDERS)
    for _ in range(BEGUN_ROUNDS):
        # Everybody is at it already.
        errands.send_all(house, platform, hands)
    put(house, [Outgoing(Recipient(platform, "tenant", last), card(many), awaited=awaited)])
    waits = select(tables.outbox.c.id).where(tables.outbox.c.recipient == last, tables.outbox.c.state != "sent")

    def send_until_told() -> None:
        with house.database.connect() as connection:
            while connection.scalar(waits):
                connection.rollback()
                errands.send_all(house, platform, hands)

    spent = seconds_of(send_until_told)
    while errands.send_all(house, platform, hands):
        pass
    return spent * 1_000


def put(house: House, cards: Sequence[Outgoing]) -> None:
    with database.begin(house.database) as connection:
        outbox.put(connection, [(each, "bench") for each in cards], secrets.token_bytes, house.now())


def drain(house: House, platform: str, pool: ThreadPoolExecutor, count: int) -> float:
    """The seconds until so many cards are sent."""
    people = [PLATFORMS[platform].format(number + 1) for number in range(RECIPIENTS)]
    put(house, [Outgoing(Recipient(platform, "tenant", people[n % RECIPIENTS]), card(n)) for n in range(count)])
    spent = seconds_of(lambda: send_until_empty(house, platform, pool))
    unsent = select(tables.outbox.c.state, tables.outbox.c.error).where(tables.outbox.c.state != "sent")
    with house.database.connect() as connection:
        left = connection.execute(unsent).all()
    assert not left, f"the stub takes everything, but {left[0]}"
    return spent


def send_until_empty(house: House, platform: str, pool: ThreadPoolExecutor) -> None:
    hands: Hands[outbox.Row] = Hands(pool, errands.SENDERS)
    while errands.send_all(house, platform, hands):
        pass


def card(number: int) -> Message:
    fields = (Field("報酬", "30,000円"), Field("締切", "2026年12月4日(金)"))
    return Message("ご確認ください。", f"恵比寿の店のロゴ {number}", fields, buttons=(Button("募集する", "h" * 22),))
