"""The nursery: every process of the run is a fork of one warm parent: a new worker works within milliseconds."""

import gc
import os
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import uvicorn
from sqlalchemy import event

import app
import scheduler
import worker
from chaos import bank, platforms, safeguards, watch
from chaos.dying import die_with_parent
from chaos.plan import IDLE_IN_TRANSACTION_SECONDS, PATIENCE, Plan
from demo import HOST
from house import House

NICE = 5
IDLE = f"SET idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION_SECONDS}s'"


def furnished(plan: Plan, house: House) -> House:
    """With what only this run has: its bank, its short leases; and without what was taken out."""
    settings = house.settings
    teller = bank.Teller(settings.url, settings.pretend_secret, bank=plan.bank_url)

    @event.listens_for(house.database, "connect")
    def shorten(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.execute(IDLE)
        dbapi_connection.commit()

    return safeguards.without(plan.without, replace(house, providers={"pretend": teller}, patience=PATIENCE))


@dataclass
class Nursery:
    """`house` is wired and warm, and has no thread and no open connection when it is forked."""

    plan: Plan
    house: House
    alive: set[int] = field(default_factory=set)
    outside: list[int] = field(default_factory=list)  # bank and messengers: they are told when the faults stop

    def roles(self) -> dict[str, Callable[[int], object]]:
        return {
            "worker": self.work,
            "clock": self.ring,
            "web": self.serve,
            "bank": lambda _: bank.run(self.plan),
            "platforms": lambda _: platforms.run(self.plan),
            "watch": lambda _: watch.run(self.plan, self.house.database),
        }

    def fork(self, role: str, number: int = 0) -> int:
        gc.freeze()
        pid = os.fork()
        if not pid:
            self.become(role, number)
        self.alive.add(pid)
        return pid

    def become(self, role: str, number: int) -> NoReturn:
        """Never comes back, whatever happens: this is another's stack."""
        try:
            die_with_parent()
            # On a busy machine the monkey comes first, else nobody is killed.
            os.nice(NICE)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.environ["PGAPPNAME"] = f"{role}-{os.getpid()}"
            log = os.open(self.plan.folder / f"{role}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            self.house.database.dispose(close=False)
            self.roles()[role](number)
        except BaseException:  # noqa: BLE001 - told in the log; there is nobody else to tell
            traceback.print_exc()
        os._exit(1)

    def work(self, _: int) -> None:
        worker.start(self.house, threading.Event())
        threading.Event().wait()

    def ring(self, _: int) -> None:
        scheduler.start(self.house)
        threading.Event().wait()

    def serve(self, number: int) -> None:
        port = self.plan.webs[number]
        uvicorn.run(app.web(self.house, ("web",)), host=HOST, port=port, log_level="warning", access_log=False)

    def signal(self, pid: int, number: signal.Signals) -> None:
        os.kill(pid, number)

    def kill(self, pid: int) -> None:
        """kill -9, stopped or not."""
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.alive.discard(pid)

    def clear(self) -> None:
        for pid in list(self.alive):
            try:
                self.kill(pid)
            except (ProcessLookupError, ChildProcessError):
                self.alive.discard(pid)
