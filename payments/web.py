"""The doors money comes through: POST /payments/{provider}, verified and stored; and pretend's own pay page."""

import asyncio
import logging
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

import anyio.to_thread
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from payments.door import TurnedAway, read_body, read_headers
from payments.ports import Forged, Notification, Provider
from payments.pretend import Pretend, Ticket, unseal

log = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
# How much the page of pretend sends for each of its buttons: what really happens to payment pages.
AMOUNTS: Mapping[str, Callable[[int], tuple[int, ...]]] = {
    "pay": lambda amount: (amount,),
    "pay_short": lambda amount: (amount - 1,),
    "pay_twice": lambda amount: (amount, amount),
}
PAGES = Environment(loader=PackageLoader("payments"), autoescape=True, undefined=StrictUndefined)

STYLE = PAGES.get_template("page.css").render()
# Nothing runs on these pages, and only we (the playground) show them in a frame. The style is known by its hash. Where
# a form comes from is told to ourselves alone.
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; "
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
}
FORM_FIELDS_MAX = 10
STORED_WITHIN_SECONDS = 5
# A browser says so of what the page itself or its reader has caused.
OWN_SITES = ("same-origin", "none")

Store = Callable[[str, Notification], Awaitable[None]]
Security = Callable[[str, str], None]


def routes(providers: Mapping[str, Provider], store: Store, security: Security) -> list[Route]:
    """`store(provider, notification)` makes it durable; only then is 200 said. `security(reason, where)` hears of
    forgeries. A provider's own pay page sends people back to /payments/{provider}/back, whether they paid or not."""

    async def receive(request: Request) -> Response:
        provider = providers.get(request.path_params["provider"])
        if provider is None:
            raise HTTPException(404, "no such provider")
        try:
            body = await read_body(request)
            notification = provider.receive(read_headers(request), body, time.time())
        except ClientDisconnect:
            return Response(status_code=400)
        except (Forged, TurnedAway) as refused:
            security(refused.reason, f"payments/{provider.name}")
            return PlainTextResponse(refused.reason, refused.status)
        try:
            async with asyncio.timeout(STORED_WITHIN_SECONDS):
                await store(provider.name, notification)
        except Exception:
            # Not stored, or not known to be: the provider is asked to tell it again.
            log.exception("a notification of %s was not stored", provider.name)
            return Response(status_code=503)
        return PlainTextResponse("ok")

    async def back(request: Request) -> Response:
        return shown(request, "back")

    found = [
        Route("/payments/{provider}", receive, methods=["POST"]),
        Route("/payments/{provider}/back", back, methods=["GET"]),
    ]
    pretend = providers.get("pretend")
    return found + pretend_routes(pretend, security) if isinstance(pretend, Pretend) else found


def language_of(request: Request) -> str:
    return "ja" if request.headers.get("accept-language", "ja").startswith("ja") else "en"


def shown(request: Request, name: str, **facts: object) -> Response:
    return HTMLResponse(PAGES.get_template(f"{name}.{language_of(request)}.j2").render(**facts), headers=HEADERS)


def pretend_routes(pretend: Pretend, security: Security) -> list[Route]:
    def page(request: Request, ticket: Ticket, done: str = "") -> Response:
        return shown(request, "pay", ticket=ticket, done=done)

    async def show(request: Request) -> Response:
        ticket = unseal(pretend.secrets, request.path_params["token"])
        if ticket is None:
            raise HTTPException(404, "no such page")
        return page(request, ticket)

    async def pay(request: Request) -> Response:
        ticket = unseal(pretend.secrets, request.path_params["token"])
        if ticket is None:
            raise HTTPException(404, "no such page")
        try:
            came_from_here(request.headers, pretend.url)
            choice = choice_in(await read_body(request))
        except ClientDisconnect:
            return Response(status_code=400)
        except TurnedAway as refused:
            security(refused.reason, "pretend/pay")
            return PlainTextResponse(refused.reason, refused.status)
        amounts = AMOUNTS[choice](ticket.amount) if choice in AMOUNTS else ()
        for number, amount in enumerate(amounts, start=1):
            await anyio.to_thread.run_sync(pretend.arrived, paid(ticket, amount, number))
        return page(request, ticket, done=choice if choice in AMOUNTS else "later")

    return [
        Route("/pretend/pay/{token}", show, methods=["GET"]),
        Route("/pretend/pay/{token}", pay, methods=["POST"]),
    ]


def came_from_here(headers: Headers, url: str) -> None:
    """The page's address is all that opens it, but a browser that tells of another site's form is believed."""
    origin = headers.get("origin", url)
    if urlsplit(origin)[:2] != urlsplit(url)[:2] or headers.get("sec-fetch-site", "none") not in OWN_SITES:
        raise TurnedAway(403, "cross_site")
    if headers.get("content-type", FORM).partition(";")[0].strip().lower() != FORM:
        raise TurnedAway(400, "not_a_form")


def choice_in(body: bytes) -> str:
    try:
        fields = parse_qsl(body.decode(), max_num_fields=FORM_FIELDS_MAX)
    except ValueError as error:
        raise TurnedAway(400, "not_a_form") from error
    return dict(fields).get("choice", "")


def paid(ticket: Ticket, amount: int, number: int) -> dict[str, object]:
    """The provider's event. The same arrival has the same id, so a repeated webhook is seen as one."""
    event_id = f"payment.paid-{ticket.payment_id}-{amount}-{number}"
    return {"id": event_id, "type": "payment.paid", "payment": ticket.payment_id, "amount": amount}
