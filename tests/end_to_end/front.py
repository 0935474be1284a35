"""A front like the one operators have before several web processes: each request goes to the next one that answers."""

import itertools
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import demo

PROVIDER = "/payments/pretend"
METHODS = ["GET", "POST"]
OURS = ("host", "connection", "content-length", "transfer-encoding", "accept-encoding", "content-encoding", "date")


@dataclass
class Front:
    """`behind` are the addresses of those who serve now; `slowest` is how long a request has taken, in seconds; `paid`
    is what the bank says it has paid out."""

    behind: Sequence[str] = ()
    slowest: float = 0
    paid: set[str] = field(default_factory=set)
    turns: Iterator[int] = field(default_factory=itertools.count)

    async def pass_on(self, request: Request) -> Response:
        body, turn, begun = await request.body(), next(self.turns), time.monotonic()
        if request.url.path == PROVIDER and b"payout.paid" in body:
            self.paid.add(json.loads(body)["id"])
        headers = [(name, value) for name, value in request.headers.items() if name not in OURS]
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        for number in range(len(self.behind)):
            address = self.behind[(turn + number) % len(self.behind)]
            try:
                async with httpx2.AsyncClient(trust_env=False, timeout=10) as client:
                    answer = await client.request(request.method, address + path, content=body, headers=headers)
            except httpx2.TransportError:
                # As a platform does that got no answer: whatever comes twice counts once.
                continue
            self.slowest = max(self.slowest, time.monotonic() - begun)
            kept = {name: value for name, value in answer.headers.items() if name not in OURS}
            return Response(answer.content, answer.status_code, kept)
        return Response("nobody is there", 502)


@contextmanager
def standing(port: int) -> Iterator[Front]:
    front = Front()
    application = Starlette(routes=[Route("/{path:path}", front.pass_on, methods=METHODS)])
    server = uvicorn.Server(uvicorn.Config(application, demo.HOST, port, log_level="warning"))
    thread = threading.Thread(target=server.run, name="front")
    thread.start()
    try:
        demo.wait_until(server)
        yield front
    finally:
        server.should_exit = True
        thread.join()
