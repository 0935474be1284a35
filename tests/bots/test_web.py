"""The door: what is stored is answered 200, what is not is asked for again, and forgeries stay out."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bots import web
from bots.line import LineBot
from bots.ports import Received
from tests.bots import platforms


class Door:
    """The routes over a list as store."""

    def __init__(self, insert: Callable[[list[web.Row]], None] | None = None) -> None:
        self.rows: list[web.Row] = []
        self.events: list[tuple[str, str]] = []
        self.bot = LineBot(platforms.SECRET, "tok", "http://127.0.0.1:9")
        self.grouped = web.Grouped(insert or self.rows.extend)
        routes = web.routes({"line": self.bot}, self.grouped.store, lambda *event: self.events.append(event), time.time)
        self.client = TestClient(Starlette(routes=routes))


def said(words: str = "x") -> platforms.Webhook:
    return platforms.webhook("line", platforms.said("line", words))


def test_door_answers_after_storing() -> None:
    door, hook = Door(), said()

    answer = door.client.post("/webhooks/line", content=hook.body, headers=hook.headers)

    assert answer.status_code == 200
    assert [(platform, row.tenant) for platform, row in door.rows] == [("line", platforms.TENANTS["line"])]


def test_door_tells_of_a_forgery_and_stores_nothing() -> None:
    door, hook = Door(), said()

    answer = door.client.post("/webhooks/line", content=hook.body + b" ", headers=hook.headers)

    assert (answer.status_code, door.rows, door.events) == (401, [], [("line", "signature_wrong")])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/webhooks/other", 404),
        ("GET", "/webhooks/line", 405),
        ("PUT", "/webhooks/line", 405),
        ("POST", "/webhooks/slack", 404),
        ("POST", "//webhooks/line", 404),
        ("POST", "/webhooks/line/x", 404),
    ],
)
def test_door_is_only_where_it_is(method: str, path: str, status: int) -> None:
    door, hook = Door(), said()

    answer = door.client.request(
        method, f"http://testserver{path}", content=hook.body, headers=hook.headers, follow_redirects=False
    )

    assert (answer.status_code, door.rows) == (status, [])


@pytest.mark.parametrize("declared", [True, False])
def test_door_refuses_a_large_body_before_looking_at_it(declared: bool) -> None:
    door = Door()
    parts = [b"x" * 1000] * 1100

    answer = door.client.post(
        "/webhooks/line",
        content=b"".join(parts) if declared else iter(parts),
        headers={"x-line-signature": "no"},
    )

    assert (answer.status_code, door.events) == (413, [("line", "body_too_large")])


def test_door_asks_again_for_what_was_not_stored() -> None:
    def broken(rows: list[web.Row]) -> None:
        raise OSError("the disk is full")

    door, hook = Door(broken), said()

    assert door.client.post("/webhooks/line", content=hook.body, headers=hook.headers).status_code == 503


def rows(count: int) -> list[Received]:
    return [Received("t", f"e{number}", "c", b"{}") for number in range(count)]


def test_grouped_stores_what_waits_in_one_transaction() -> None:
    transactions: list[int] = []

    def insert(given: list[web.Row]) -> None:
        transactions.append(len(given))
        time.sleep(0.05)

    async def many() -> None:
        grouped = web.Grouped(insert)
        await asyncio.gather(*(grouped.store("line", rows(1)) for _ in range(100)))
        grouped.close()

    asyncio.run(many())

    assert sum(transactions) == 100
    assert len(transactions) <= 2


def test_grouped_fails_only_the_request_that_cannot_be_stored() -> None:
    stored: list[str] = []

    def insert(given: list[web.Row]) -> None:
        if any(row.event_id == "bad" for _, row in given):
            raise ValueError("bad")
        stored.extend(row.event_id for _, row in given)

    async def three() -> list[BaseException | None]:
        grouped = web.Grouped(insert)
        bad = [Received("t", "bad", "c", b"{}")]
        return await asyncio.gather(
            *(grouped.store("line", each) for each in (rows(1), bad, rows(1))), return_exceptions=True
        )

    found = asyncio.run(three())

    assert [type(each) for each in found] == [type(None), ValueError, type(None)]
    assert stored == ["e0", "e0"]


def test_grouped_turns_away_who_would_wait_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database stands still: so many wait, the next are refused at once, and who gives up waits no more."""
    monkeypatch.setattr(web, "WAITING_MAX", 3)
    going_on = threading.Event()
    stored: list[web.Row] = []

    def insert(given: list[web.Row]) -> None:
        going_on.wait()
        stored.extend(given)

    async def crowd() -> tuple[list[str], int]:
        grouped = web.Grouped(insert)
        first = asyncio.create_task(grouped.store("line", rows(1)))
        await asyncio.sleep(0.1)
        answers = await asyncio.gather(
            *(asyncio.wait_for(grouped.store("line", rows(1)), 0.1) for _ in range(5)), return_exceptions=True
        )
        waiting = len(grouped.waiting)
        going_on.set()
        await first
        grouped.close()
        return sorted(type(each).__name__ for each in answers), waiting

    found, waiting = asyncio.run(crowd())

    assert found == ["Crowded"] * 2 + ["TimeoutError"] * 3
    assert (waiting, len(stored)) == (0, 1)


def test_grouped_stores_for_a_thread_of_its_own() -> None:
    stored: list[web.Row] = []
    grouped = web.Grouped(stored.extend)

    thread = threading.Thread(target=grouped.store_now, args=("slack", rows(2)))
    thread.start()
    thread.join()

    assert len(stored) == 2
