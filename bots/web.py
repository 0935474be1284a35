"""The webhooks' door: verify, keep, answer. Nothing is worked through here."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bots.ports import BODY_LIMIT_BYTES, Bot, Received, Refusal

log = logging.getLogger(__name__)

BODY_WITHIN_SECONDS = 5
# Below the 2 s in which LINE wants its answer.
STORED_WITHIN_SECONDS = 1.8
GROUP_MAX = 500
# Who comes after so many is asked to come again at once: what waits here is in memory only.
WAITING_MAX = 2_000

Row = tuple[str, Received]  # platform and event
Store = Callable[[str, Sequence[Received]], Awaitable[None]]
Security = Callable[[str, str], None]


Done = asyncio.Future[None]


class Crowded(Exception):
    """More wait already than the database takes."""


class Grouped:
    """Stores what all waiting requests brought in one transaction, in a thread: many requests share one commit.
    `insert` must be a single transaction and may be given the same event twice."""

    def __init__(self, insert: Callable[[list[Row]], None]) -> None:
        self.insert = insert
        self.waiting: dict[Done, list[Row]] = {}
        self.writer: asyncio.Task[None] | None = None
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")

    async def store(self, platform: str, rows: Sequence[Received]) -> None:
        """Returns after the commit, or raises what hindered it."""
        if not rows:
            return
        if len(self.waiting) >= WAITING_MAX:
            raise Crowded
        done = asyncio.get_running_loop().create_future()
        self.waiting[done] = [(platform, row) for row in rows]
        if self.writer is None or self.writer.done():
            self.writer = asyncio.create_task(self.write())
        try:
            await done
        finally:
            # Who was answered meanwhile, or has hung up, will come again; they do not wait here.
            self.waiting.pop(done, None)

    async def write(self) -> None:
        while self.waiting:
            group = {done: self.waiting.pop(done) for done in list(islice(self.waiting, GROUP_MAX))}
            error = await self.written([row for rows in group.values() for row in rows])
            failures = 0
            for done, rows in group.items():
                # One that cannot be stored must not cost the others their place; with two it is the database.
                if error is not None and len(group) > 1 and failures <= 1:
                    alone = await self.written(rows)
                    failures += alone is not None
                    settle(done, alone)
                else:
                    settle(done, error)

    async def written(self, rows: list[Row]) -> Exception | None:
        try:
            await asyncio.get_running_loop().run_in_executor(self.thread, self.insert, rows)
        except Exception as error:  # noqa: BLE001 - whatever a database may raise is told to the waiting requests
            return error
        return None

    def store_now(self, platform: str, rows: Sequence[Received]) -> None:
        """The same for a thread of its own: sockets and polling."""
        if rows:
            self.insert([(platform, row) for row in rows])

    def close(self) -> None:
        self.thread.shutdown(wait=True)


def settle(done: Done, error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
        done.exception()  # seen, even if its request has gone


def routes(
    bots: Mapping[str, Bot], store: Store, security: Security, now: Callable[[], float] = time.time
) -> list[Route]:
    """POST /webhooks/{platform}. `security` is told (platform, reason) of every refused request; `now` is the time
    (Unix seconds) by which signatures are fresh or stale."""

    async def webhook(request: Request) -> Response:
        bot = bots.get(request.path_params["platform"])
        if bot is None:
            raise HTTPException(404)
        return await receive(bot, request, store, security, now())

    return [Route("/webhooks/{platform}", webhook, methods=["POST"])]


async def receive(bot: Bot, request: Request, store: Store, security: Security, now: float) -> Response:
    try:
        async with asyncio.timeout(BODY_WITHIN_SECONDS):
            body = await read_body(request)
        answer, rows = bot.receive(request.headers.raw, body, now)
    except TimeoutError:
        security(bot.platform, "body_too_slow")
        return Response(status_code=408)
    except ClientDisconnect:
        return Response(status_code=400)
    except Refusal as refusal:
        security(bot.platform, refusal.reason)
        return Response(status_code=refusal.status)
    try:
        async with asyncio.timeout(STORED_WITHIN_SECONDS):
            await store(bot.platform, rows)
    except Exception:
        # Not stored, or not known to be: the platform is asked to deliver it again.
        log.exception("events of %s were not stored", bot.platform)
        return Response(status_code=503)
    return Response(answer.body, answer.status, media_type=answer.content_type)


async def read_body(request: Request) -> bytes:
    """Never holds more than the limit, whatever Content-Length says."""
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()):
        raise Refusal(400, "length_malformed")
    if int(declared[:12]) > BODY_LIMIT_BYTES or request.headers.get("content-encoding"):
        raise Refusal(413, "body_too_large")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            raise Refusal(413, "body_too_large")
    return bytes(body)
