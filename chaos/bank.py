"""The bank: a payment provider as a process of its own, and what a worker has of it. It does each errand once by its
key, loses some of its answers after that, and tells of it by webhooks that come late, twice, to any of our doors."""

import asyncio
import random
import signal
from dataclasses import dataclass, field
from typing import Any

import httpx2
from aiohttp import ClientError, ClientSession, ClientTimeout, web

from chaos.journal import Journal
from chaos.plan import Plan
from demo import HOST
from payments.ports import CURRENCY, Done, Errand, Failed, Unsure
from payments.pretend import NAME, Pretend

LOSES_ANSWERS = 0.1  # after the effect
LOSES_REQUESTS = 0.02  # before it
TAKES_TIME = 0.2  # with some: whoever is killed or stopped then holds a claim
TAKES_SECONDS_MAX = 1.0
WEBHOOKS_MAX = 3
WEBHOOK_WITHIN_SECONDS = 1.0
AGAIN_SECONDS = 0.5
PATIENCE_SECONDS = 2
OK = 200


@dataclass
class Teller(Pretend):
    """What a worker has of the bank. `bank` is its address."""

    bank: str = ""
    client: httpx2.Client | None = None

    def pay_out(self, errand: Errand) -> Done | Failed | Unsure:
        wanted = {"key": errand.key, "amount": errand.amount, "payout": errand.thing_id, "payee": errand.payee}
        if self.client is None:  # made after the fork: two processes never share a connection
            self.client = httpx2.Client(timeout=PATIENCE_SECONDS, trust_env=False)
        try:
            answer = self.client.post(f"{self.bank}/errands", json=wanted)
        except httpx2.HTTPError as error:
            return Unsure(type(error).__name__)
        if answer.status_code != OK:
            return Unsure(str(answer.status_code))
        return Done(answer.json()["amount"], CURRENCY, errand.key)


@dataclass
class Bank:
    plan: Plan
    journal: Journal
    dice: random.Random
    pretend: Pretend
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    faulty: bool = True
    telling: set[asyncio.Task[None]] = field(default_factory=set)

    async def errand(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        if self.strikes(LOSES_REQUESTS):
            return hung_up(request)
        if self.strikes(TAKES_TIME):
            await asyncio.sleep(self.dice.uniform(0, TAKES_SECONDS_MAX))
        before = self.done.get(wanted["key"])
        if before is None:
            self.done[wanted["key"]] = wanted
            self.journal.note("paid", **wanted)
            self.tell(wanted["payout"])
        elif before != wanted:
            self.journal.note("contradicted", before=before, now=wanted)
        if self.strikes(LOSES_ANSWERS):
            self.journal.note("answer_lost", key=wanted["key"])
            return hung_up(request)
        return web.json_response({"amount": self.done[wanted["key"]]["amount"]})

    def strikes(self, odds: float) -> bool:
        return self.faulty and self.dice.random() < odds

    def tell(self, payout: int) -> None:
        """Once is promised; it may be more, at any time, by either door."""
        event = {"id": f"payout.paid-{payout}", "type": "payout.paid", "payout": payout}
        for _ in range(self.dice.randint(1, WEBHOOKS_MAX)):
            task = asyncio.create_task(self.told(event, self.dice.uniform(0, WEBHOOK_WITHIN_SECONDS)))
            self.telling.add(task)
            task.add_done_callback(self.telling.discard)

    async def told(self, event: dict[str, Any], wait: float) -> None:
        """Until it is taken."""
        while True:
            await asyncio.sleep(wait)
            body, headers = self.pretend.signed(event)
            url = f"{self.dice.choice(self.plan.web_urls)}/payments/{NAME}"
            try:
                async with self.session.post(url, data=body, headers=headers) as answer:
                    if answer.status == OK:
                        return
            except (ClientError, TimeoutError):
                pass
            wait = AGAIN_SECONDS

    async def open(self, _: web.Application) -> None:
        self.session = ClientSession(timeout=ClientTimeout(total=PATIENCE_SECONDS))

    async def close(self, _: web.Application) -> None:
        await self.session.close()

    def calm(self) -> None:
        self.faulty = False


def hung_up(request: web.Request) -> web.Response:
    """The connection breaks off: whoever asked does not know what has become of it."""
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)


def run(plan: Plan) -> None:
    """Until it is killed. SIGUSR1: from now on it is a good bank."""
    pretend = Pretend(plan.web_urls[0], plan.secrets.telegram_webhook_secret)
    bank = Bank(plan, Journal(plan.journal("bank")), random.Random(plan.seed), pretend)
    serve(plan.bank, bank, [web.post("/errands", bank.errand)])


def serve(port: int, faulty: Any, routes: list[web.RouteDef]) -> None:
    """`faulty` opens and closes with the server and has the faults that SIGUSR1 ends."""
    made = web.Application()
    made.add_routes(routes)
    made.on_startup.append(faulty.open)
    made.on_cleanup.append(faulty.close)
    loop = asyncio.new_event_loop()
    loop.add_signal_handler(signal.SIGUSR1, faulty.calm)
    web.run_app(made, host=HOST, port=port, print=None, access_log=None, loop=loop, handle_signals=False)
