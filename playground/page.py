"""The playground's page: the three phones, the inspector, the clock and the tour, on loopback only."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from anyio import to_thread
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from playground import acts
from playground.live import changes
from playground.phone import NotOnScreen
from playground.stage import House, Stage, View, house
from playground.view import page as page_html
from playground.words import words_in

__all__ = ["Stage", "View", "page"]

FILE_BYTES_MAX = 5_000_000
BODY_BYTES_MAX = 100_000
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Endpoint = Callable[[Request], Awaitable[Response]]


def page(stage: Stage) -> list[BaseRoute]:
    """The routes to mount at the root of the demo's application, and of no other."""
    here = house(stage)
    static = StaticFiles(directory=Path(__file__).parent / "static")
    return [
        Route("/", _page(here)),
        Route("/playground/live", _live(here)),
        Route("/playground/act", _posted(here, acts.act), methods=["POST"]),
        Route("/playground/clock", _posted(here, acts.move_clock), methods=["POST"]),
        Route("/playground/tour", _posted(here, acts.play), methods=["POST"]),
        Route("/playground/fault", _posted(here, acts.switch_fault), methods=["POST"]),
        Route("/playground/file", _file(here), methods=["POST"]),
        Mount("/playground/static", static),
    ]


def _page(here: House) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        view = here.view(request.query_params)
        return HTMLResponse(await to_thread.run_sync(page_html, here, view), headers=HEADERS)

    return endpoint


def _live(here: House) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return EventSourceResponse(
            changes(here, here.view(request.query_params)), headers={"Cache-Control": "no-store"}
        )

    return endpoint


def _posted(here: House, answer: Callable[[House, Any], dict[str, Any] | None]) -> Endpoint:
    """A phone waits for its webhook's answer, so every act runs in a thread of its own."""

    async def endpoint(request: Request) -> Response:
        words = words_in(here.view(request.query_params).language)
        if not _from_this_page(request) or request.headers.get("content-type") != "application/json":
            return _refused(words["bad_request"], 403)
        try:
            wanted = _json((await request.body())[:BODY_BYTES_MAX])
            return JSONResponse(await to_thread.run_sync(answer, here, wanted) or {})
        except acts.Unreadable:
            return _refused(words["bad_request"], 400)
        except NotOnScreen:
            return _refused(words["not_there"], 409)
        finally:
            here.bell.ring()

    return endpoint


def _json(body: bytes) -> dict[str, Any]:
    try:
        wanted = json.loads(body)
    except ValueError:
        raise acts.Unreadable from None
    if not isinstance(wanted, dict):
        raise acts.Unreadable
    return wanted


def _file(here: House) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        words = words_in(here.view(request.query_params).language)
        platform, _, id = request.query_params.get("phone", "").partition(":")
        person = here.person(platform, id)
        if not _from_this_page(request) or person is None:
            return _refused(words["bad_request"], 403)
        content = await request.body()
        if len(content) > FILE_BYTES_MAX:
            return _refused(words["too_large"], 413)
        name = Path(request.query_params.get("name", "file")).name
        await to_thread.run_sync(here.phone(person).sends_file, name, content)
        here.bell.ring()
        return JSONResponse({})

    return endpoint


def _from_this_page(request: Request) -> bool:
    """Another site open in the same browser must not act for the people here."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _refused(words: str, status: int) -> Response:
    return JSONResponse({"error": words}, status)
