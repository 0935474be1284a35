"""The doors money comes through: POST /payments/{provider}, verified and stored; and pretend's own pay page."""

import time
from collections.abc import Awaitable, Callable, Mapping

import anyio.to_thread
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from payments.door import TurnedAway, read_body, read_headers
from payments.ports import Forged, Notification, Provider
from payments.pretend import Pretend, Ticket, unseal

# How much the page of pretend sends for each of its buttons: what really happens to payment pages.
AMOUNTS: Mapping[str, Callable[[int], tuple[int, ...]]] = {
    "pay": lambda amount: (amount,),
    "pay_short": lambda amount: (amount - 1,),
    "pay_twice": lambda amount: (amount, amount),
}
PAGES = Environment(loader=PackageLoader("payments"), autoescape=True, undefined=StrictUndefined)

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
        await store(provider.name, notification)
        return PlainTextResponse("ok")

    async def back(request: Request) -> Response:
        return HTMLResponse(PAGES.get_template(f"back.{language_of(request)}.j2").render())

    found = [
        Route("/payments/{provider}", receive, methods=["POST"]),
        Route("/payments/{provider}/back", back, methods=["GET"]),
    ]
    pretend = providers.get("pretend")
    return found + pretend_routes(pretend) if isinstance(pretend, Pretend) else found


def language_of(request: Request) -> str:
    return "ja" if request.headers.get("accept-language", "ja").startswith("ja") else "en"


def pretend_routes(pretend: Pretend) -> list[Route]:
    def page(request: Request, ticket: Ticket, done: str = "") -> Response:
        return HTMLResponse(PAGES.get_template(f"pay.{language_of(request)}.j2").render(ticket=ticket, done=done))

    async def show(request: Request) -> Response:
        ticket = unseal(pretend.secret, request.path_params["token"])
        if ticket is None:
            raise HTTPException(404, "no such page")
        return page(request, ticket)

    async def pay(request: Request) -> Response:
        ticket = unseal(pretend.secret, request.path_params["token"])
        if ticket is None:
            raise HTTPException(404, "no such page")
        form = await request.form()
        choice = str(form.get("choice", ""))
        amounts = AMOUNTS[choice](ticket.amount) if choice in AMOUNTS else ()
        for number, amount in enumerate(amounts, start=1):
            await anyio.to_thread.run_sync(pretend.notify, paid(ticket, amount, number))
        return page(request, ticket, done=choice or "later")

    return [
        Route("/pretend/pay/{token}", show, methods=["GET"]),
        Route("/pretend/pay/{token}", pay, methods=["POST"]),
    ]


def paid(ticket: Ticket, amount: int, number: int) -> dict[str, object]:
    """The provider's event. The same arrival has the same id, so a repeated webhook is seen as one."""
    event_id = f"payment.paid-{ticket.payment_id}-{amount}-{number}"
    return {"id": event_id, "type": "payment.paid", "payment": ticket.payment_id, "amount": amount}
