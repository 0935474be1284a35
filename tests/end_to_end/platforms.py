"""The emulated platforms by themselves: they stay while the servers that they talk to come and go."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

import demo
from playground.emulator import Emulator, Person, emulators, made_up_secrets
from playground.story import Cast, Phone


@dataclass(frozen=True)
class Platforms:
    """`settings` point a server at them; its port is the one their webhooks go to."""

    emulators: dict[str, Emulator]
    settings: dict[str, str]

    def phone(self, person: Person) -> Phone:
        return self.emulators[person.platform].phone(person)

    def cast(self, people: tuple[Person, Person, Person, Person]) -> Cast:
        phones = [self.phone(person) for person in people]
        return Cast(phones[0], phones[1], phones[2], phones[3], no_payout)


def no_payout() -> None:
    raise AssertionError("a server of its own keeps the machine's time")


@contextmanager
def standing(database_url: str, operators: tuple[Person, ...]) -> Iterator[Platforms]:
    port, secrets = demo.free_port(), made_up_secrets()
    home = f"http://{demo.HOST}:{demo.free_port()}"
    made = emulators(home, secrets)
    mounts = [Mount(f"/{platform}", emulator.app) for platform, emulator in made.items()]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=mounts), demo.HOST, port, log_level="warning"))
    thread = threading.Thread(target=server.run, name="platforms")
    thread.start()
    here = f"http://{demo.HOST}:{port}"
    try:
        demo.wait_until(server)
        yield Platforms(
            made,
            {
                "ARIGATO_DATABASE_URL": database_url,
                "ARIGATO_PORT": home.rpartition(":")[2],
                "ARIGATO_PUBLIC_URL": home,
                "ARIGATO_OPERATORS": ",".join(f"{p.platform}:{p.id}" for p in operators),
                "ARIGATO_LINE_API_BASE": f"{here}/line",
                "ARIGATO_LINE_CHANNEL_SECRET": secrets.line_channel_secret,
                "ARIGATO_LINE_CHANNEL_TOKEN": secrets.line_channel_token,
                "ARIGATO_SLACK_API_BASE": f"{here}/slack/api/",
                "ARIGATO_SLACK_SIGNING_SECRET": secrets.slack_signing_secret,
                "ARIGATO_SLACK_TEAM": secrets.slack_team_id,
                "ARIGATO_SLACK_BOT_TOKEN": secrets.slack_bot_token,
                "ARIGATO_TELEGRAM_API_BASE": f"{here}/telegram",
                "ARIGATO_TELEGRAM_BOT_TOKEN": secrets.telegram_bot_token,
                "ARIGATO_TELEGRAM_WEBHOOK_SECRET": secrets.telegram_webhook_secret,
            },
        )
    finally:
        for emulator in made.values():
            emulator.close()
        server.should_exit = True
        thread.join()
