"""F21, F22, F24, F29: what the platforms answer on a bad day, or do not."""

import gc
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import select

import bots.line.outbound
import bots.slack.outbound
import bots.telegram.outbound
import errands
from batches import Hands
from bench.stage import staged
from bots.line import LineBot
from bots.ports import Sent
from conversations.messages import Message, Outgoing, Recipient
from house import Patience, world
from payments.ports import Errand, Unsure
from payments.stripe import Stripe
from storage import outbox, tables
from tests.bots import messages, platforms
from tests.faults import between

AMBIGUOUS = ("retry", True)


def http(status: str, body: str = "", *headers: str, length: int | None = None) -> bytes:
    counted = f"Content-Length: {len(body) if length is None else length}"
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", counted, *headers]
    return "\r\n".join([*head, "", body]).encode()


def sent(platform: str, answer: bytes, *, hang_up: bool = False) -> tuple[Sent, int]:
    """How one message went, and how often was asked."""
    with between.saying(answer, hang_up=hang_up) as server:
        bot = platforms.MAKE[platform](server.address)
        found = bot.send(messages.outgoing(platform, Message("x")), str(uuid.uuid4()))
        bot.close()
        return found, len(server.asked)


@pytest.mark.parametrize("platform", ["slack", "telegram"])
@pytest.mark.parametrize("body", ["<html>All good</html>", "{", "[]", '"ok"', "{}", ""])
def test_f21_a_yes_that_is_none_of_the_platforms_is_not_believed(platform: str, body: str) -> None:
    found, asked = sent(platform, http("200 OK", body))

    assert ((found.result, found.ambiguous), asked) == (AMBIGUOUS, 1)


def test_f21_lines_yes_is_its_status() -> None:
    """LINE's answer to a push says nothing more, and its retry key tells a second attempt from a second message."""
    assert sent("line", http("200 OK", "<html>")) == (Sent("sent"), 1)


# An SDK leaves the socket of half an answer to the collector, which then says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("platform", ["line", "slack", "telegram"])
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nConte", http("200 OK", '{"ok":tr', length=100)])
def test_f21_an_answer_that_breaks_off_is_none(platform: str, answer: bytes) -> None:
    found, asked = sent(platform, answer, hang_up=True)
    gc.collect()

    assert ((found.result, found.ambiguous), asked) == (AMBIGUOUS, 1)


NO = {
    "slack": ('{"ok":false,"error":"msg_too_long"}', Sent("dead", error="msg_too_long")),
    "telegram": ('{"ok":false,"description":"Busy"}', Sent("retry", 1, "Telegram server says - Busy")),
}


@pytest.mark.parametrize("platform", NO)
def test_f21_no_in_an_answer_of_200_is_no(platform: str) -> None:
    body, expected = NO[platform]

    found, _ = sent(platform, http("200 OK", body))

    assert found.result == expected.result
    assert "msg_too_long" in found.error or "Busy" in found.error


def too_many(platform: str, header: str, seconds: int) -> bytes:
    """Telegram says it in the body."""
    if platform != "telegram":
        said = [f"Retry-After: {header}"] if header else []
        return http("429 Too Many Requests", '{"ok":false,"error":"ratelimited","message":"slow down"}', *said)
    parameters = f',"parameters":{{"retry_after":{seconds}}}' if seconds else ""
    return http("429 Too Many Requests", f'{{"ok":false,"error_code":429,"description":"Flood"{parameters}}}')


@pytest.mark.parametrize("platform", ["line", "slack", "telegram"])
@pytest.mark.parametrize("seconds", [1, 30, 3600])
def test_f22_nobody_is_asked_before_the_time_they_named(platform: str, seconds: int) -> None:
    found, _ = sent(platform, too_many(platform, str(seconds), seconds))

    assert (found.result, found.not_before_seconds) == ("retry", seconds)


@pytest.mark.parametrize("platform", ["line", "slack"])
def test_f22_the_time_may_be_a_date(platform: str) -> None:
    at = datetime.now(UTC) + timedelta(minutes=10)

    found, _ = sent(platform, too_many(platform, format_datetime(at, usegmt=True), 0))

    assert found.result == "retry"
    assert 590 <= found.not_before_seconds <= 600


@pytest.mark.parametrize("platform", ["line", "slack", "telegram"])
@pytest.mark.parametrize("header", ["", "soon", "-5", "Mon, 01 Jan 2001 00:00:00 GMT", "9" * 40])
def test_f22_without_a_time_it_is_a_moment_and_never_for_ever(platform: str, header: str) -> None:
    seconds = int(header) if header.isdigit() else 0

    found, _ = sent(platform, too_many(platform, header, seconds))

    assert found.result == "retry"
    assert 1 <= found.not_before_seconds <= 86_400


def test_f24_what_is_too_old_for_its_retry_key_is_not_sent_again() -> None:
    """The first attempt may have arrived; a day later LINE would no longer know it, and show it twice."""
    with between.saying(http("500 Internal Server Error", "{}")) as server, staged("sqlite://") as stage:
        bot = LineBot(platforms.SECRET, "tok", server.address)
        house = replace(stage.house, bots={"line": bot})
        with world(house, "say") as store:
            store.send(Outgoing(Recipient("line", "tenant", platforms.PEOPLE["line"]), Message("x")))
        with ThreadPoolExecutor(1) as pool:
            hands: Hands[outbox.Row] = Hands(pool, 1)
            while not server.asked or hands.busy:
                errands.send_all(house, "line", hands)
            stage.clock.move(errands.GIVE_UP_AFTER.total_seconds() + 1)
            while errands.send_all(house, "line", hands):
                pass
        with stage.engine.connect() as connection:
            rows = connection.execute(select(tables.outbox.c.state, tables.outbox.c.error)).all()
        bot.close()

    assert len(server.asked) == 1
    assert rows == [("dead", "too old")]


# -- nobody answers


def slow(platform: str) -> Callable[[str], object]:
    def ask(address: str) -> object:
        bot = platforms.MAKE[platform](address)
        found = bot.send(messages.outgoing(platform, Message("x")), str(uuid.uuid4()))
        bot.close()
        return found.result, found.ambiguous

    return ask


def stripe(address: str) -> object:
    provider = Stripe("http://127.0.0.1:9", "sk_test_1", "whsec_1", address, {})
    return type(provider.collect(Errand("key", 100, 1))), True


ASKED = {**{platform: slow(platform) for platform in platforms.MAKE}, "stripe": stripe}
# The slowest connects for 10 s at most, and is told nothing for 10 s at most; never both.
GIVES_UP_SECONDS = 14


@pytest.mark.slow
def test_f29_whoever_is_silent_is_waited_for_ten_seconds_at_most() -> None:
    """Those who take the call and say nothing, and those who do not take it: with the figures of every day."""

    def timed(asked: tuple[str, int]) -> tuple[object, float]:
        begun = time.monotonic()
        return ASKED[asked[0]](f"http://127.0.0.1:{asked[1]}"), time.monotonic() - begun

    with between.silent() as silent, between.deaf() as deaf, ThreadPoolExecutor(2 * len(ASKED)) as pool:
        asked = [(name, port) for name in ASKED for port in (silent, deaf)]
        found = dict(zip(asked, pool.map(timed, asked), strict=True))

    assert [name for name, (_, seconds) in found.items() if seconds > GIVES_UP_SECONDS] == []
    assert {answer for answer, _ in found.values()} == {AMBIGUOUS, (Unsure, True)}
    assert [name for name in ("line", "stripe") if found[name, deaf][1] > 4] == []


def test_f29_a_claim_outlives_every_wait() -> None:
    """Else another would send meanwhile what is on its way."""
    patience = Patience()

    waits = (sum(bots.line.outbound.TIMEOUT_SECONDS), bots.slack.outbound.TIMEOUT_SECONDS)
    assert max(*waits, bots.telegram.outbound.TIMEOUT_SECONDS) <= patience.answer_seconds
    assert patience.answer_seconds < patience.lease_seconds
